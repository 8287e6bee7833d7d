# SPDX-License-Identifier: Apache-2.0
"""Personal data in the database: encrypted by field, found again by a keyed hash.

A stored field is ``key number (1) ‖ nonce (12) ‖ AES-256-GCM``, under a key for its table and column alone, which is
also its associated data: a value copied into another column does not open. A blind index is ``key number (1) ‖
HMAC-SHA256 (32)``, under another key for that column; equal values have equal indexes, and nothing else shows.
"""

from __future__ import annotations

import hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.crypto.node_key import KeyFileMissing, NodeKey
from node.domain.errors import Broken
from node.domain.ports import Random

INDEX_SIZE: Final = 33


class FieldDamaged(Broken):
    """A stored field does not decrypt: altered, moved, or under a key that is gone. Values: ``column``, ``number``."""

    code = "field_damaged"


class FieldCipher:
    """Seals and opens fields under the node's own key; new ones under its current number."""

    def __init__(self, node_key: NodeKey, random: Random) -> None:
        self._node_key = node_key
        self._random = random
        self._ciphers: dict[tuple[int, str], AESGCM] = {}
        self._index_keys: dict[tuple[int, str], bytes] = {}

    def seal(self, column: str, value: bytes) -> bytes:
        """The field as it is stored, 29 bytes longer than the value. ``column``: ``table.column``."""
        number, nonce = self._node_key.current, self._random.token(12)
        return bytes([number]) + nonce + self._cipher(number, column).encrypt(nonce, value, column.encode())

    def open(self, column: str, stored: bytes) -> bytes:
        """The value back. Raises FieldDamaged."""
        number = stored[0] if stored else 0
        try:
            return self._cipher(number, column).decrypt(stored[1:13], stored[13:], column.encode())
        except (InvalidTag, ValueError, KeyFileMissing):
            raise FieldDamaged(column=column, number=number) from None

    def index(self, column: str, value: bytes) -> bytes:
        """The blind index of a value under the current key; normalise the value first."""
        return self._index(self._node_key.current, column, value)

    def indexes(self, column: str, value: bytes) -> list[bytes]:
        """The indexes that the value may stand under, one a key number, the current one first: for ``IN (…)``."""
        return [self._index(number, column, value) for number in reversed(self._node_key.numbers)]

    def outdated(self, stored: bytes) -> bool:
        """Whether a stored field or index is under an older key than the current one: to be written anew."""
        return stored[:1] != bytes([self._node_key.current])

    def _cipher(self, number: int, column: str) -> AESGCM:
        cipher = self._ciphers.get((number, column))
        if cipher is None:
            cipher = self._ciphers[number, column] = AESGCM(self._node_key.derive(number, b"field " + column.encode()))
        return cipher

    def _index(self, number: int, column: str, value: bytes) -> bytes:
        key = self._index_keys.get((number, column))
        if key is None:
            key = self._index_keys[number, column] = self._node_key.derive(number, b"index " + column.encode())
        return bytes([number]) + hmac.digest(key, value, "sha256")
