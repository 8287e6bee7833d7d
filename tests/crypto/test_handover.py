# SPDX-License-Identifier: Apache-2.0
"""Encryption keys in a file for another house: theirs after it, and nobody's on the way."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from node.crypto.handover import pack_keys, unpack_keys
from node.crypto.keyring import KeyRing, public_of
from node.crypto.node_key import KeyFileMalformed, NodeKey, PassphraseEmpty, WrongPassphrase, create_node_key
from node.crypto.wraps import KeyAway, RecipientKey, unwrap, wrap
from node.machine import SystemRandom

CHEAP = 2**10
PASSPHRASE = b"told by telephone"


def ring(folder: Path, secret: int = 1) -> KeyRing:
    return KeyRing(folder, SystemRandom(), b"x", NodeKey({1: bytes([secret]) * 32}))


def test_what_was_sealed_to_the_one_house_opens_in_the_other(tmp_path: Path) -> None:
    before, after = ring(tmp_path / "before"), ring(tmp_path / "after", 2)
    made = [before.new_encryption_key() for _ in range(3)]
    before.destroy_encryption_key(2)
    keys = unpack_keys(pack_keys(before, PASSPHRASE, SystemRandom(), CHEAP), PASSPHRASE, "f")
    assert {version: public_of(halves) for version, halves in keys.items()} == {1: made[0].public, 3: made[2].public}
    for version, halves in keys.items():
        after.of(7).keep_encryption_key(version, halves)
    again = ring(tmp_path / "after", 2).handed_over()
    assert list(again) == [7]
    wrapped = wrap(bytes(32), 1, RecipientKey(7, 3, made[2].public), b"\x05" * 32)
    assert unwrap(bytes(32), 1, wrapped, again[7]) == b"\x05" * 32


def test_keys_of_others_lie_here_as_our_own_do(tmp_path: Path) -> None:
    before, after = ring(tmp_path / "before"), ring(tmp_path / "after", 2)
    before.new_encryption_key()
    after.of(7).keep_encryption_key(1, before.halves(1))
    (folder,) = (tmp_path / "after" / "handed-over" / "7" / "encryption").iterdir()
    for name in ("mlkem768.pem", "x25519.pem"):
        assert (folder / name).read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert after.versions() == []
    with pytest.raises(KeyAway):
        KeyRing(tmp_path / "after", SystemRandom()).of(7).private_key(1)
    with pytest.raises(KeyFileMalformed):
        ring(tmp_path / "after", 3).of(7).private_key(1)


def test_the_file_opens_under_its_passphrase_alone(tmp_path: Path) -> None:
    before = ring(tmp_path)
    before.new_encryption_key()
    sealed = pack_keys(before, PASSPHRASE, SystemRandom(), CHEAP)
    mlkem, x25519 = before.halves(1)
    for secret in (mlkem.private_bytes_raw(), x25519.private_bytes_raw()):
        assert secret not in sealed
        assert secret.hex().encode() not in sealed
    with pytest.raises(WrongPassphrase):
        unpack_keys(sealed, b"another", "f")
    with pytest.raises(PassphraseEmpty):
        pack_keys(before, b"", SystemRandom(), CHEAP)
    with pytest.raises(KeyAway):
        pack_keys(KeyRing(tmp_path, SystemRandom()), PASSPHRASE, SystemRandom(), CHEAP)


def test_another_file_is_no_file_of_keys(tmp_path: Path) -> None:
    create_node_key(tmp_path / "node.key", PASSPHRASE, SystemRandom(), CHEAP)
    with pytest.raises(WrongPassphrase):  # a node's own key under the same passphrase is for another purpose
        unpack_keys((tmp_path / "node.key").read_bytes(), PASSPHRASE, "f")
    before = ring(tmp_path)
    before.new_encryption_key()
    document = orjson.loads(pack_keys(before, PASSPHRASE, SystemRandom(), CHEAP))
    for broken in (b"", b"[]", orjson.dumps({**document, "keys": {}}), orjson.dumps({**document, "kdf": {}})):
        with pytest.raises(KeyFileMalformed):
            unpack_keys(broken, PASSPHRASE, "f")
