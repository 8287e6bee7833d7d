# SPDX-License-Identifier: Apache-2.0
"""Encryption keys by commands: the next one, the end of an old one, and on to the house that speaks for this one."""

from __future__ import annotations

from pathlib import Path

from tests.cli.houses import House


def test_an_old_encryption_key_is_destroyed_and_the_registered_one_is_not(houses: dict[str, House]) -> None:
    bank = houses["bank"]
    assert bank.ask("keys", "destroy", "1", code=1).json["error"] == "key_current"
    assert bank.ask("keys", "destroy", "7", code=1).json["error"] == "no_encryption_key"
    bank.do("keys", "new", "--encryption")
    bank.act("keys", "register")
    assert bank.do("keys", "destroy", "1") == {"destroyed": 1}
    assert (bank.home / "keys" / "encryption" / "1" / "destroyed").exists()
    assert bank.ask("keys", "destroy", "2", code=1).json["error"] == "key_current"


def test_encryption_keys_go_to_the_house_that_governors_named(houses: dict[str, House], tmp_path: Path) -> None:
    bank, governor, heir = houses["bank"], houses["governor"], houses["auditor"]
    under, file, public = tmp_path / "under", tmp_path / "keys.sealed", str(tmp_path / "public.json")
    under.write_text("told by telephone\n", encoding="utf-8")
    hand_over = ("keys", "hand-over", "--to-file", str(file), "--under", str(under))
    assert bank.ask(*hand_over, code=1).json["error"] == "passphrase_readable"
    under.chmod(0o600)
    bank.do(*hand_over)
    assert file.stat().st_mode & 0o777 == 0o600
    assert bank.ask(*hand_over, code=1).json["error"] == "key_file_exists"

    heir.do("keys", "new", "admin-1", "admin-2")
    heir.do("keys", "export-public", "--out", public)
    governor.settle()
    sending = ("--sign", "admin-1", "--send", "--out", str(governor.file("act.json")))
    admitted = governor.do("member", "admit", "--role", "bank", "--from", public, *sending)["org"]
    governor.settle()
    heir.settle()
    take_over = ("keys", "take-over", str(file), "--from", "3", "--under", str(under))
    assert heir.ask(*take_over, code=1).json["error"] == "not_successor"
    governor.do("member", "suspend", "3", *sending)
    governor.settle()
    governor.do("act", "new", "NAME_SUCCESSOR", "--org", "3", "--code", str(admitted), *sending)
    governor.settle()
    heir.settle()
    assert heir.ask(*take_over[:-1], str(heir.secret), code=1).json["error"] == "wrong_passphrase"
    assert heir.do(*take_over) == {"from": 3, "encryption": [2]}
    assert (heir.home / "keys" / "handed-over" / "3" / "encryption" / "2" / "public.json").exists()
