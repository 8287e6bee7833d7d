# SPDX-License-Identifier: Apache-2.0
"""The Signer port with the key in this process. A remote signer passes the same contract test."""

from __future__ import annotations

from typing import NoReturn

from coincurve import PrivateKey

from node.crypto.records import FieldOutOfRange
from node.crypto.typed import address_of
from node.domain.errors import Refused


class SecretMalformed(Refused):
    """Not a secp256k1 private key: 32 bytes, from 1 to the group order less 1."""

    code = "secret_malformed"


class LocalSigner:
    """One secp256k1 key, opened. Neither its repr nor a pickle gives the key away."""

    __slots__ = ("_address", "_key")

    def __init__(self, secret: bytes) -> None:
        """``secret``: 32 bytes. Raises SecretMalformed."""
        try:
            if len(secret) != 32:
                raise ValueError
            self._key = PrivateKey(secret)
        except ValueError:
            raise SecretMalformed from None
        self._address = address_of(self._key.public_key.format(compressed=False))

    @property
    def address(self) -> str:
        """Checksummed 0x-address."""
        return self._address

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r ‖ s ‖ v (27 or 28), low s, deterministic (RFC 6979), over 32 bytes. Raises FieldOutOfRange."""
        if len(digest) != 32:
            raise FieldOutOfRange(field="digest")
        raw = self._key.sign_recoverable(digest, hasher=None)  # pyright: ignore[reportUnknownMemberType]
        return raw[:64] + bytes([raw[64] + 27])

    def __repr__(self) -> str:
        return f"LocalSigner({self._address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signer is not written anywhere")
