# SPDX-License-Identifier: Apache-2.0
"""Global options, exit codes, unlocking, settings: what holds for every command."""

from __future__ import annotations

import io
import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from node.cli.setup import masked
from node.cli.terminal import exit_code
from node.domain.errors import Broken, Conflict, Refused, Unavailable
from tests.cli.houses import House, in_process, in_subprocess

DEPLOYMENT = {
    "chain_id": 1,
    "genesis_hash": "0x" + "11" * 32,
    "registry": {"address": "0x" + "22" * 20, "id": "0x" + "33" * 32, "code_hash": "0x" + "44" * 32},
    "ledger": {"address": "0x" + "55" * 20, "id": "0x" + "66" * 32, "code_hash": "0x" + "77" * 32},
    "block": 0,
}


@pytest.fixture
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())


def test_global_options_stand_before_a_command_or_after_it(new_house: Callable[..., House]) -> None:
    home = str(new_house("one").home)
    before = in_process(["--home", home, "--json", "keys", "list"], {})
    after = in_process(["keys", "list", "--json", f"--home={home}"], {})
    by_environment = in_process(["keys", "list", "--json"], {"ALLIANCE_HOME": home})
    assert before.json == after.json == by_environment.json == {"officers": [], "encryption": []}


@pytest.mark.parametrize(
    "words", [["nonsense"], ["keys"], ["order", "place", "--bogus"], ["inspect"], ["--home"], ["--lang", "fr", "run"]]
)
def test_what_cannot_be_understood_is_exit_code_2(words: list[str]) -> None:
    answer = in_process([*words, "--json"] if words[-1] != "--home" else ["--json", *words], {})
    assert (answer.code, answer.json["error"]) == (2, "usage")


def test_no_node_is_exit_code_1(tmp_path: Path) -> None:
    assert in_process(["case", "list", "--json"], {}).json["error"] == "home_unset"
    answer = in_process(["--home", str(tmp_path), "case", "list", "--json", "--lang", "en"], {})
    assert (answer.code, answer.json["error"]) == (1, "home_missing")
    assert answer.err.startswith("There is no node in")


def test_a_chain_that_does_not_answer_is_exit_code_4(new_house: Callable[..., House]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    house = new_house("lonely", "--chain-url", url)
    (house.home / "deployment.json").write_text(json.dumps(DEPLOYMENT), encoding="utf-8")
    assert house.ask("run", "--once", code=4).json["error"] == "chain_unreachable"
    assert house.ask("network", "show", code=4).json["error"] == "chain_unreachable"
    assert house.ask("case", "list", code=4).json["error"] == "nothing_followed"


def test_a_bug_is_exit_code_3_with_its_place_and_without_its_text(
    new_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = new_house("unlucky")

    def burst(*_: object) -> None:
        raise ValueError("测试金丝雀 369999194901010014")

    monkeypatch.setattr("node.crypto.keyring.KeyRing.names", burst)
    answer = house.ask("keys", "list", code=3)
    assert answer.json["error"] == "broken"
    assert answer.json["values"]["kind"] == "ValueError"
    assert "node/cli/keys.py" in answer.json["values"]["where"] or "keys.py" in answer.json["values"]["where"]
    assert "金丝雀" not in answer.out + answer.err
    assert "369999" not in answer.out + answer.err


@pytest.mark.usefixtures("no_terminal")
def test_without_a_terminal_nothing_is_asked(new_house: Callable[..., House], tmp_path: Path) -> None:
    answer = in_process(["--home", str(tmp_path / "new"), "init", "--json"], {})
    assert (answer.code, answer.json["error"]) == (1, "passphrase_needed")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("how", ["option", "environment", "settings"])
def test_a_passphrase_file_unlocks(how: str, new_house: Callable[..., House], secret: Path) -> None:
    home = str(new_house("locked").home)
    words = ["--home", home, "--json", "keys", "new", f"by-{how}"]
    if how == "option":
        answer = in_process([*words, "--passphrase-file", str(secret)], {})
    elif how == "environment":
        answer = in_subprocess(words, {"ALLIANCE_PASSPHRASE_FILE": str(secret)})
    else:
        answer = in_process(words, {})  # init --passphrase-file wrote it into the settings
    assert answer.code == 0
    assert list(answer.json["officers"]) == [f"by-{how}"]


def test_a_passphrase_file_that_others_can_read_is_refused(new_house: Callable[..., House], tmp_path: Path) -> None:
    house = new_house("open")
    loose = tmp_path / "loose"
    loose.write_text("anything\n", encoding="utf-8")
    loose.chmod(0o644)
    answer = in_process(["--home", str(house.home), "--passphrase-file", str(loose), "keys", "new", "a", "--json"], {})
    assert (answer.code, answer.json["error"]) == (1, "passphrase_readable")


def test_a_wrong_passphrase_opens_nothing(new_house: Callable[..., House], tmp_path: Path) -> None:
    house = new_house("shut")
    wrong = tmp_path / "wrong"
    wrong.touch(mode=0o600)
    wrong.write_text("not this one\n", encoding="utf-8")
    answer = in_process(["--home", str(house.home), "--passphrase-file", str(wrong), "keys", "new", "a", "--json"], {})
    assert (answer.code, answer.json["error"]) == (1, "wrong_passphrase")


def test_the_settings_are_shown_with_their_source_and_without_secrets(
    new_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = new_house("shown", "--chain-url", "http://user:hush@127.0.0.1:1/rpc?token=hush")
    monkeypatch.setenv("ALLIANCE_POLL_S", "3")
    shown = in_process(["--home", str(house.home), "config", "show", "--json"], {}).json["settings"]
    assert shown["chain_url"] == {"value": "http://***@127.0.0.1:1/rpc?token=***", "source": "settings.toml"}
    assert shown["poll_s"] == {"value": 3.0, "source": "ALLIANCE_POLL_S"}
    assert shown["sender"] == {"value": "sender", "source": "default"}
    assert masked("postgresql+psycopg://a:hush@db/x?password=hush") == "postgresql+psycopg://***@db/x?password=***"


def test_a_setting_that_there_is_not_is_refused_by_name(tmp_path: Path, secret: Path) -> None:
    words = ["--home", str(tmp_path / "x"), "--passphrase-file", str(secret), "--json", "init", "--set", "colour=red"]
    answer = in_process(words, {})
    assert (answer.code, answer.json["error"], answer.json["values"]["setting"]) == (1, "settings_wrong", "colour")


def test_a_folder_with_files_is_no_place_for_a_node(new_house: Callable[..., House]) -> None:
    house = new_house("taken")
    assert house.ask("init", code=1).json["error"] == "home_taken"


def test_a_member_list_needs_no_passphrase_and_errors_no_traceback(new_house: Callable[..., House]) -> None:
    house = new_house("quiet")
    answer = in_subprocess(["--home", str(house.home), "case", "list"], {})
    assert answer.code == 1
    assert "Traceback" not in answer.err
    assert "[deployment_file_malformed]" in answer.err


def test_every_kind_of_error_has_an_exit_code() -> None:
    codes = {kind.__name__: exit_code(kind()) for kind in (Refused, Conflict, Unavailable, Broken)}
    assert codes == {"Refused": 1, "Conflict": 1, "Unavailable": 4, "Broken": 3}
