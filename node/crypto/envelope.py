# SPDX-License-Identifier: Apache-2.0
"""A file sealed from one organisation to another: how a bank gets its own copy of a consent's scan.

    "alliance-file/1\\n" ‖ header length (4) ‖ header (canonical JSON) ‖ AES-256-GCM ciphertext

The header names ledger, both organisations, the key's version and the wrapped file key, and is the associated data.
The file key is new each time, so the nonce is constant. Nothing here is signed: anybody can seal to a public key under
any name, so the sender is only claimed. What proves a file is its digest in a payload that two officers signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.crypto.canonical import NotCanonical, canonical, parse_canonical
from node.crypto.wraps import SEALED_FILE, Damaged, EncryptionKeys, NotAddressed, RecipientKey, Wrap, unwrap, wrap
from node.domain.errors import Refused
from node.domain.ports import Random

MAGIC: Final = b"alliance-file/1\n"
_NONCE: Final = bytes(12)


class EnvelopeMalformed(Refused):
    """Not a file that one node sealed for another."""

    code = "envelope_malformed"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What came out: from whom it says that it comes, the file's name and its bytes."""

    claimed_from: int  # proven by nothing
    name: str = field(repr=False)
    data: bytes = field(repr=False)


def seal_file(ledger: bytes, writer: int, recipient: RecipientKey, name: str, data: bytes, random: Random) -> bytes:
    """``data`` and its name, sealed to ``recipient``. Raises PublicKeyMalformed."""
    key = random.token(32)
    wrapped = wrap(ledger, writer, recipient, key, SEALED_FILE)
    header = canonical(
        {
            "ledger": bytes.hex(ledger),
            "writer": writer,
            "recipient": recipient.org,
            "version": wrapped.version,
            "key": bytes.hex(wrapped.sealed),
        }
    )
    inner = canonical({"name": name}) + b"\n" + data
    return MAGIC + len(header).to_bytes(4, "big") + header + AESGCM(key).encrypt(_NONCE, inner, header)


def open_file(ledger: bytes, reader: int, sealed: bytes, keys: EncryptionKeys) -> Envelope:
    """The file again. Raises EnvelopeMalformed, NotAddressed, Damaged, KeyDestroyed, KeyAway."""
    at = len(MAGIC) + 4
    end = at + int.from_bytes(sealed[len(MAGIC) : at], "big")
    if not sealed.startswith(MAGIC) or end > len(sealed):
        raise EnvelopeMalformed
    header = sealed[at:end]
    try:
        said = parse_canonical(header)
        assert isinstance(said, dict)
        writer, recipient, version = (int(str(said[name])) for name in ("writer", "recipient", "version"))
        wrapped = Wrap(recipient, version, bytes.fromhex(str(said["key"])))
        ours = bytes.fromhex(str(said["ledger"])) == ledger
        if not (0 <= writer < 1 << 16 and 0 <= version < 1 << 32):
            raise EnvelopeMalformed
    except (NotCanonical, AssertionError, KeyError, ValueError):
        raise EnvelopeMalformed from None
    if recipient != reader or not ours:
        raise NotAddressed(org=reader)
    try:
        inner = AESGCM(unwrap(ledger, writer, wrapped, keys, SEALED_FILE)).decrypt(_NONCE, sealed[end:], header)
    except (InvalidTag, ValueError):
        raise Damaged(part="file") from None
    named, _, data = inner.partition(b"\n")
    try:
        name = parse_canonical(named)
    except NotCanonical:
        raise EnvelopeMalformed from None
    return Envelope(writer, str(name.get("name", "")) if isinstance(name, dict) else "", data)
