# SPDX-License-Identifier: Apache-2.0
"""A node at work: the daemon and its end, one worker a database, what nobody may read when things fail."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from node.corebank.reserved import reserved_accounts
from tests.cli.founding import person_id, row_of
from tests.cli.houses import ENTRY, Answer, House, clean_environment, end, in_process

CANARY = "测试金丝雀"
CANARY_ID = person_id(999)
PERSON_ID = person_id(1)


def daemon(house: House, **environment: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*ENTRY, "--home", str(house.home), "run", "--json", "--lang", "en"],
        env=clean_environment() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "The node is at work.\n"
    return process


def within(seconds: float, holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "not in time"
        time.sleep(0.2)


def test_a_daemon_sends_follows_and_acknowledges_by_itself_and_ends_on_sigterm(
    houses: dict[str, House], tmp_path: Path
) -> None:
    office, bank = houses["office"], houses["bank"]
    file = row_of("0000009900000010", "测试日常", PERSON_ID, tmp_path)
    office.do("inquiry", "import", file)
    root = office.do("inquiry", "submit", "--maker", "jingban")["submission"]["root"]
    office.do("approve", root, "--checker", "fuhe")
    working = [daemon(office), daemon(bank)]
    try:
        within(60, lambda: any(c["phase"] == "ACKNOWLEDGED" for c in office.do("case", "list")))
        refused = office.ask("run", "--once", code=1).json
        assert refused["error"] == "worker_elsewhere"
    finally:
        ended = [end(process) for process in working]
    assert [code for code, _, _ in ended] == [0, 0]
    assert json.loads(ended[0][1])["sent"] == 1
    assert json.loads(ended[1][1])["acknowledged"] == 1
    assert office.settle()["sent"] == 0  # the lease was given back


def test_a_killed_daemon_is_followed_by_another_once_its_lease_has_run_out(houses: dict[str, House]) -> None:
    office = houses["office"]
    process = daemon(office)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert office.ask("run", "--once", code=1).json["error"] == "worker_elsewhere"
    wait_for_lease(office)
    office.settle()


def test_a_daemon_whose_chain_hangs_still_ends_on_sigterm(houses: dict[str, House], tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = daemon(houses["auditor"], ALLIANCE_CHAIN_URL=url)
        silent.settimeout(30)
        caller, _ = silent.accept()
        code, out, _ = end(process)
        caller.close()
    assert (code, json.loads(out)["block"]) == (0, -1)


def test_a_daemon_on_another_chain_ends_at_once(houses: dict[str, House]) -> None:
    auditor = houses["auditor"]
    deployment = auditor.home / "deployment.json"
    kept = deployment.read_text(encoding="utf-8")
    wait_for_lease(auditor)
    deployment.write_text(json.dumps(json.loads(kept) | {"genesis_hash": "0x" + "11" * 32}), encoding="utf-8")
    try:
        process = daemon(auditor)
        out, _ = process.communicate(timeout=60)
    finally:
        deployment.write_text(kept, encoding="utf-8")
    assert (process.returncode, json.loads(out)["error"]) == (1, "chain_genesis_differs")


def test_a_canary_is_found_nowhere_when_import_chain_and_core_bank_fail(
    houses: dict[str, House], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, bank = houses["office"], houses["bank"]
    down = reserved_accounts()["down"].account
    said: list[Answer] = []
    faulty = row_of("0000009900000011", CANARY, CANARY_ID, tmp_path)
    said.append(office.ask("inquiry", "import", faulty, code=1))
    file = row_of(down, CANARY, CANARY_ID, tmp_path)
    said.append(office.ask("inquiry", "import", file))
    said.append(office.ask("inquiry", "submit", "--maker", "jingban"))
    root = said[-1].json["submission"]["root"]
    monkeypatch.setenv("ALLIANCE_CHAIN_URL", dead_url())
    said += [office.ask("approve", root, "--checker", "fuhe", code=4), office.ask("run", "--once", code=4)]
    monkeypatch.delenv("ALLIANCE_CHAIN_URL")
    said += [office.ask("approve", root, "--checker", "fuhe"), office.ask("run", "--once")]
    bank.settle()  # acknowledges by its service officer
    case = next(c["case"] for c in bank.do("inbox") if c["account"].endswith(down[-4:]))
    said.append(bank.ask("reply", case, "--maker", "jingban", code=4))
    assert said[-1].json["error"] == "core_unavailable"
    said += [office.ask("case", "show", case), bank.ask("inbox"), bank.ask("corebank", "show")]
    broken = in_process(["--home", str(bank.home), "reply", case, "--outcome", "matched", "--maker", "nobody"], {})
    assert broken.code == 1
    for answer in (*said, broken):
        for secret in (CANARY, CANARY_ID):
            assert secret not in answer.out + answer.err
    assert found_in_files(houses, CANARY, CANARY_ID, down) == []
    assert found_in_files(houses, "PEN-02")  # what is no person's stands in the clear, so the search does find


def test_who_reveals_is_written_down_and_what_was_seen_is_not(houses: dict[str, House], tmp_path: Path) -> None:
    office = houses["office"]
    case = office.do("case", "list")[0]["case"]
    masked, revealed = office.ask("case", "show", case), office.ask("case", "show", case, "--reveal", "复核材料")
    name = revealed.json["entries"][0]["says"]["person_name"]
    assert name.startswith("测试")
    assert name not in masked.out
    with closing(sqlite3.connect(office.home / "node.db")) as database:
        (who, what, subject, why), *_ = database.execute(
            "SELECT who, what, subject, sealed_why FROM own_access"
        ).fetchall()
    assert (what, subject) == ("case.show", case)
    assert who.startswith("cli")
    assert "复核材料".encode() not in why
    assert name.encode() not in why


def wait_for_lease(house: House) -> None:
    """As if its time had passed."""
    with closing(sqlite3.connect(house.home / "node.db")) as database:
        past = json.dumps({"fence": 7, "until": "2020-01-01T00:00:00+00:00"})
        database.execute("UPDATE own_setting SET value = ? WHERE key = 'worker'", (past,))
        database.commit()


def dead_url() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def found_in_files(houses: dict[str, House], *texts: str) -> list[str]:
    """Files of any house that hold one of the texts in clear."""
    needles = [text.encode(how) for text in texts for how in ("utf-8", "utf-16-le", "gb18030")]
    return [
        f"{path.name}: {needle!r}"
        for house in houses.values()
        for folder, _, files in os.walk(house.home)
        for path in (Path(folder) / name for name in files)
        for needle in needles
        if needle in path.read_bytes()
    ]
