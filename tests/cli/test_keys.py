# SPDX-License-Identifier: Apache-2.0
"""Encryption keys by commands: the next one, and the end of an old one."""

from __future__ import annotations

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
