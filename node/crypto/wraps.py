# SPDX-License-Identifier: Apache-2.0
"""Keys wrapped to organisations, once a submission: HPKE (RFC 9180) under their current encryption keys.

One suite, by id: KEM ML-KEM-768 + X25519, KDF HKDF-SHA256, AEAD AES-256-GCM. The ledger outlives today's public-key
cryptography, hence the hybrid. The blob's layout is that of docs/wire.md "Wraps".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from node.domain.errors import Broken, Refused, Unavailable

SUITE_ID: Final = 1
PUBLIC_SIZE: Final = 1216  # ML-KEM-768 encapsulation key (1184) ‖ X25519 public key (32)
WRAP_SIZE: Final = 1168  # HPKE: encapsulated key (1120) ‖ 32 bytes ‖ tag (16)
MAX_RECIPIENTS: Final = 64
_MLKEM_SIZE: Final = 1184
_RECORD = struct.Struct(f">HI{WRAP_SIZE}s")
_INFO = struct.Struct(">25s32sHHIB")
WRAPPED_KEY: Final = b"alliance-node wrapped key"  # a submission's; each purpose has a label of 25 bytes
SEALED_FILE: Final = b"alliance-node sealed file"


class PublicKeyMalformed(Refused):
    """Not the 1,216 bytes of a hybrid public key. Values: ``org``, ``version``."""

    code = "public_key_malformed"


class WrapsMalformed(Broken):
    """A blob that does not read as wraps, the writer first, each org once. Values: ``size_bytes``."""

    code = "wraps_malformed"


class NotAddressed(Refused):
    """The submission carries no key for us. Values: ``org``."""

    code = "not_addressed"


class KeyDestroyed(Refused):
    """The private key was destroyed after its retention period; nobody here can open this. Values: ``version``."""

    code = "key_destroyed"


class KeyAway(Unavailable):
    """The private key is not at hand now, locked or elsewhere: wait, never file as unreadable. Values: ``key``."""

    code = "key_away"


class Damaged(Broken):
    """Does not decrypt: altered, moved elsewhere, or under another key. Values: ``part`` (``wrap``, ``entry``)."""

    code = "sealed_damaged"


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """An organisation's current encryption key as the registry's event tells it; ``public``: 1,216 bytes."""

    org: int
    version: int
    public: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wrap:
    """One organisation's wrapped key in the blob."""

    org: int
    version: int
    sealed: bytes = field(repr=False)


class EncryptionKeys(Protocol):
    """Where a reader's private keys are; the keyring is one."""

    def private_key(self, version: int) -> MLKEM768X25519PrivateKey:
        """The private half of that version. Raises KeyDestroyed, KeyAway."""
        ...


def read_public_key(key: RecipientKey) -> MLKEM768X25519PublicKey:
    """The two halves, ML-KEM first. Raises PublicKeyMalformed."""
    if len(key.public) != PUBLIC_SIZE:
        raise PublicKeyMalformed(org=key.org, version=key.version)
    try:
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(key.public[:_MLKEM_SIZE]),
            X25519PublicKey.from_public_bytes(key.public[_MLKEM_SIZE:]),
        )
    except ValueError:
        raise PublicKeyMalformed(org=key.org, version=key.version) from None


def wrap(ledger: bytes, writer: int, recipient: RecipientKey, secret: bytes, label: bytes = WRAPPED_KEY) -> Wrap:
    """``secret`` (32 bytes) sealed to one organisation, for the purpose that ``label`` names.

    Raises PublicKeyMalformed.
    """
    public = read_public_key(recipient)
    info = _info(label, ledger, writer, recipient.org, recipient.version)
    try:
        return Wrap(recipient.org, recipient.version, _suite().encrypt(secret, public, info=info))
    except ValueError:  # a point of low order in the X25519 half
        raise PublicKeyMalformed(org=recipient.org, version=recipient.version) from None


def check_public_key(key: RecipientKey) -> None:
    """Whether anything can be sealed to it; the registry looks at its length only. Raises PublicKeyMalformed."""
    wrap(bytes(32), 0, key, bytes(32))


def unwrap(ledger: bytes, writer: int, wrapped: Wrap, keys: EncryptionKeys, label: bytes = WRAPPED_KEY) -> bytes:
    """The 32 bytes that were wrapped. Raises KeyDestroyed, KeyAway, Damaged."""
    private = keys.private_key(wrapped.version)
    info = _info(label, ledger, writer, wrapped.org, wrapped.version)
    try:
        return _suite().decrypt(wrapped.sealed, private, info=info)
    except (InvalidTag, ValueError):
        raise Damaged(part="wrap") from None


def pack_wraps(wraps: Iterable[Wrap]) -> bytes:
    """The blob that travels with a submission's first chunk; its keccak is signed."""
    return b"".join(_RECORD.pack(w.org, w.version, w.sealed) for w in wraps)


def parse_wraps(blob: bytes, writer: int) -> tuple[Wrap, ...]:
    """The wraps of a submission of ``writer``, its own first. Raises WrapsMalformed."""
    count, rest = divmod(len(blob), _RECORD.size)
    if rest or not 1 <= count <= MAX_RECIPIENTS + 1:
        raise WrapsMalformed(size_bytes=len(blob))
    wraps = tuple(Wrap(*fields) for fields in _RECORD.iter_unpack(blob))
    if wraps[0].org != writer or len({w.org for w in wraps}) != count:
        raise WrapsMalformed(size_bytes=len(blob))
    return wraps


def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _info(label: bytes, ledger: bytes, writer: int, recipient: int, version: int) -> bytes:
    return _INFO.pack(label, ledger, writer, recipient, version, SUITE_ID)
