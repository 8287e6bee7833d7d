# SPDX-License-Identifier: Apache-2.0
"""Sealed payloads (PROTOCOL section 4): what the ledger carries and only the two parties of a case can read.

    content key       32 random bytes a submission, wrapped to the writer itself
    recipient's key   HKDF(content key; ledger, writer, recipient), wrapped to that recipient
    entry's key       HKDF(recipient's key; salt = commitment), AES-256-GCM, used once

The entry's key is new for each entry, since the salted commitment is, so the nonce is constant and is not sent.
The associated data names a *sealing* version, which a reader knows before it opens anything; the payload's own schema
version stands inside and is judged after.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from node.crypto.canonical import (
    Json,
    NotCanonical,
    PaddingMalformed,
    canonical,
    commitment,
    pad,
    parse_canonical,
    unpad,
)
from node.crypto.wraps import (
    MAX_RECIPIENTS,
    Damaged,
    EncryptionKeys,
    KeyDestroyed,
    NotAddressed,
    RecipientKey,
    WrapsMalformed,
    pack_wraps,
    parse_wraps,
    unwrap,
    wrap,
)
from node.domain.digest import keccak
from node.domain.entries import Entry
from node.domain.errors import Broken, Refused
from node.domain.ports import Random

SEALING_VERSION: Final = 1
_AAD = struct.Struct(">21sBH32s32s32s32sBH")
_AAD_LABEL: Final = b"alliance-node payload"
_KEY_LABEL: Final = b"alliance-node recipient key"
_ENTRY_LABEL: Final = b"alliance-node entry key"
_NONCE: Final = bytes(12)


class CommitmentDiffers(Broken):
    """It decrypts, but is not what the entry commits to."""

    code = "commitment_differs"


class ClearFieldsDiffer(Broken):
    """The payload repeats a clear field with another value than the entry's. Values: ``field``."""

    code = "clear_fields_differ"


class SchemaUnknown(Refused):
    """The payload is of no schema that this node knows. Values: ``schema``."""

    code = "schema_unknown"


class RecipientKeyMissing(Refused):
    """No encryption key is registered for an organisation that is written to. Values: ``org``."""

    code = "recipient_key_missing"


class TooManyRecipients(Refused):
    """More organisations than one submission may write to. Values: ``count``, ``limit``."""

    code = "too_many_recipients"


class SaltRepeated(Broken):
    """Two payloads of one submission are the same, salt included: a key would be used twice."""

    code = "salt_repeated"


# what can be final about an entry that does not read; KeyAway is not among them: it waits
UNREADABLE: Final = (
    NotAddressed,
    KeyDestroyed,
    Damaged,
    WrapsMalformed,
    CommitmentDiffers,
    ClearFieldsDiffer,
    SchemaUnknown,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sealed: clear fields (``commitment`` and ``sealed`` are filled in here), payload, who may read it.

    ``recipient``: the other side of the case, or that org's successor. ``payload`` carries its schema and its salt.
    """

    entry: Entry
    recipient: int
    payload: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedLetters:
    """Entries as they go to the ledger, in the letters' order, and the wraps that go with their first chunk."""

    entries: tuple[Entry, ...]
    wraps: bytes = field(repr=False)

    @property
    def wraps_hash(self) -> bytes:
        """The submission's ``wraps``."""
        return keccak(self.wraps)


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A submission's key as one reader has it: the content key for its writer, else that reader's own key."""

    ledger: bytes
    writer: int
    reader: int
    recipients: tuple[int, ...]
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A payload that was opened and checked; ``canonical`` is what is disclosed where a court or an auditor asks."""

    payload: Mapping[str, Json] = field(repr=False)
    canonical: bytes = field(repr=False)


PayloadCheck = Callable[[Entry, Mapping[str, Json]], None]
"""Raises SchemaUnknown or ClearFieldsDiffer."""


def seal(
    ledger: bytes,
    writer: RecipientKey,
    letters: Sequence[Letter],
    keys: Mapping[int, RecipientKey],
    random: Random,
) -> SealedLetters:
    """Seal one submission's payloads, each to its recipient; the writer can open them all.

    ``keys``: the current encryption keys by org. Raises NotCanonicalisable, PayloadTooLarge, RecipientKeyMissing,
    TooManyRecipients, PublicKeyMalformed, SaltRepeated.
    """
    recipients = sorted({letter.recipient for letter in letters} - {writer.org})
    if len(recipients) > MAX_RECIPIENTS:
        raise TooManyRecipients(count=len(recipients), limit=MAX_RECIPIENTS)
    for org in recipients:
        if org not in keys:
            raise RecipientKeyMissing(org=org)
    content = random.token(32)
    derived = {org: _recipient_key(ledger, writer.org, org, content) for org in (*recipients, writer.org)}
    entries = tuple(_seal_letter(letter, derived[letter.recipient]) for letter in letters)
    if len({entry.commitment for entry in entries}) != len(entries):
        raise SaltRepeated
    wraps = [wrap(ledger, writer.org, writer, content)]
    wraps += [wrap(ledger, writer.org, keys[org], derived[org]) for org in recipients]
    return SealedLetters(entries, pack_wraps(wraps))


def unlock(ledger: bytes, writer: int, wraps: bytes, reader: int, keys: EncryptionKeys) -> Unlocked:
    """Unwrap a submission's key once; the entries then open with open_entry().

    An org that holds another's keys (a successor) reads as that other: ``reader`` and ``keys`` are then the other's.
    Raises NotAddressed, KeyDestroyed, KeyAway, Damaged, WrapsMalformed.
    """
    parsed = parse_wraps(wraps, writer)
    for wrapped in parsed:
        if wrapped.org == reader:
            secret = unwrap(ledger, writer, wrapped, keys)
            return Unlocked(ledger, writer, reader, tuple(w.org for w in parsed), secret)
    raise NotAddressed(org=reader)


def open_entry(unlocked: Unlocked, entry: Entry, check: PayloadCheck, recipient: int = 0) -> Opened:
    """Open and check one entry. ``recipient`` spares the writer a search: whom it thinks the entry was sealed to.

    Raises NotAddressed (a REQUEST to another org), Damaged, CommitmentDiffers, and what ``check`` raises:
    ClearFieldsDiffer, SchemaUnknown. Later entries of other cases in a shared submission do not say whose they are;
    the case does, and a reader that tries them gets Damaged.
    """
    if entry.recipient and unlocked.reader not in (unlocked.writer, entry.recipient):
        raise NotAddressed(org=unlocked.reader)
    payload = _decrypt(unlocked, entry, recipient)
    if commitment(payload) != entry.commitment:  # GCM does not commit to its key
        raise CommitmentDiffers
    try:
        value = parse_canonical(payload)
    except NotCanonical:
        raise SchemaUnknown from None
    if not isinstance(value, dict):
        raise SchemaUnknown
    check(entry, value)
    return Opened(value, payload)


def _seal_letter(letter: Letter, key: bytes) -> Entry:
    payload = canonical(dict(letter.payload))
    entry = replace(letter.entry, commitment=commitment(payload))
    aead = AESGCM(_entry_key(key, entry.commitment))
    return replace(entry, sealed=aead.encrypt(_NONCE, pad(payload), _associated(entry)))


def _decrypt(unlocked: Unlocked, entry: Entry, recipient: int) -> bytes:
    associated = _associated(entry)
    for key in _candidates(unlocked, entry, recipient):
        try:
            padded = AESGCM(_entry_key(key, entry.commitment)).decrypt(_NONCE, entry.sealed, associated)
            return unpad(padded)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            continue
        except PaddingMalformed:
            break
    raise Damaged(part="entry")


def _candidates(unlocked: Unlocked, entry: Entry, recipient: int) -> Iterator[bytes]:
    if unlocked.reader != unlocked.writer:
        yield unlocked.secret
        return
    # at most 65 in all: an entry does not always say to whom it was sealed (a successor may have stood in)
    likely = [org for org in (recipient, entry.recipient) if org in unlocked.recipients]
    for org in dict.fromkeys((*likely, *unlocked.recipients)):
        yield _recipient_key(unlocked.ledger, unlocked.writer, org, unlocked.secret)


def _recipient_key(ledger: bytes, writer: int, recipient: int, content: bytes) -> bytes:
    info = _KEY_LABEL + ledger + writer.to_bytes(2, "big") + recipient.to_bytes(2, "big")
    return HKDF(SHA256(), 32, salt=None, info=info).derive(content)


def _entry_key(recipient_key: bytes, salted_commitment: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=salted_commitment, info=_ENTRY_LABEL).derive(recipient_key)


def _associated(entry: Entry) -> bytes:
    """What a ciphertext is bound to; moved to another place it does not open."""
    return _AAD.pack(
        _AAD_LABEL,
        SEALING_VERSION,
        entry.office,
        entry.case_id,
        entry.head,
        entry.target,
        entry.consent,
        entry.action,
        entry.org,
    )
