# SPDX-License-Identifier: Apache-2.0
"""Encryption keys on their way to the house that speaks for this one from now on (PROTOCOL 2.7).

One file under a passphrase that goes another way. Signing keys never leave: a successor signs with its own.
"""

from __future__ import annotations

from typing import Final

import orjson
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from node.crypto.keyring import Halves, KeyRing
from node.crypto.node_key import SCRYPT_N, KeyFileMalformed, open_secrets, seal_secrets
from node.crypto.wraps import KeyDestroyed
from node.domain.ports import Random

_LABEL: Final = b"alliance-node handed-over keys"
_SEED_SIZE: Final = 64


def pack_keys(ring: KeyRing, passphrase: bytes, random: Random, scrypt_n: int = SCRYPT_N) -> bytes:
    """All encryption keys of a ring that are not destroyed. Raises PassphraseEmpty, KeyAway, KeyFileMalformed."""
    keys: dict[str, str] = {}
    for version in ring.versions():
        try:
            mlkem, x25519 = ring.halves(version)
        except KeyDestroyed:
            continue
        keys[f"{version}"] = (mlkem.private_bytes_raw() + x25519.private_bytes_raw()).hex()
    return seal_secrets(_LABEL, {1: orjson.dumps(keys)}, passphrase, random, scrypt_n)


def unpack_keys(content: bytes, passphrase: bytes, name: str) -> dict[int, Halves]:
    """The keys by version. Raises WrongPassphrase, KeyFileMalformed with ``name``, as people call the file."""
    secrets, _ = open_secrets(_LABEL, content, passphrase, name)
    try:
        raw = {int(version): bytes.fromhex(both) for version, both in orjson.loads(secrets[1]).items()}
        return {version: _halves(both) for version, both in raw.items()}
    except (ValueError, KeyError, AttributeError, TypeError):
        raise KeyFileMalformed(file=name) from None


def _halves(both: bytes) -> Halves:
    seed, scalar = both[:_SEED_SIZE], both[_SEED_SIZE:]
    return MLKEM768PrivateKey.from_seed_bytes(seed), X25519PrivateKey.from_private_bytes(scalar)
