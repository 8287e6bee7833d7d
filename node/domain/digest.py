# SPDX-License-Identifier: Apache-2.0
"""The one hash of the ledger. It stands in the lowest floor because heads and ids are part of the rules."""

from __future__ import annotations

from Crypto.Hash import keccak as _keccak


def keccak(data: bytes) -> bytes:
    """keccak-256 as Ethereum uses it (not SHA3-256)."""
    return _keccak.new(digest_bits=256, data=data).digest()
