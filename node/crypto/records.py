# SPDX-License-Identifier: Apache-2.0
"""Entries as packed records, byte by byte as docs/wire.md "A record" lays them out; both ways."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from node.domain.entries import Entry
from node.domain.errors import Broken, Refused


class RecordsMalformed(Broken):
    """Bytes that are no whole number of records; the ledger would have reverted on them. Values: ``offset``."""

    code = "records_malformed"


class FieldOutOfRange(Refused):
    """An entry's field does not fit its place on the wire. Values: ``field`` (wire name)."""

    code = "field_out_of_range"


CLEAR_SIZE = 202  # bytes of a record before ``sealed``
_RECORD = struct.Struct(">H32sH32s32s32sQQ5s5s5sHBB32s3s")
_HASHES = (
    ("caseId", "case_id"),
    ("head", "head"),
    ("target", "target"),
    ("consent", "consent"),
    ("commitment", "commitment"),
)
_NUMBERS = (
    ("office", "office", 16),
    ("recipient", "recipient", 16),
    ("amount", "amount_fen", 64),
    ("claim", "claim_fen", 64),
    ("notBefore", "not_before", 40),
    ("expiresAt", "expires_at", 40),
    ("dueAt", "due_at", 40),
    ("fundAccount", "fund_account", 16),
    ("debitable", "debitable", 8),
    ("inParts", "in_parts", 8),
)


def pack_record(entry: Entry) -> bytes:
    """One record; action and writing org are the submission's and are not in it. Raises FieldOutOfRange."""
    check_ranges(entry)
    size = len(entry.sealed)
    if size >= 1 << 24:
        raise FieldOutOfRange(field="sealed")
    clear = _RECORD.pack(
        entry.office,
        entry.case_id,
        entry.recipient,
        entry.head,
        entry.target,
        entry.consent,
        entry.amount_fen,
        entry.claim_fen,
        entry.not_before.to_bytes(5, "big"),
        entry.expires_at.to_bytes(5, "big"),
        entry.due_at.to_bytes(5, "big"),
        entry.fund_account,
        entry.debitable,
        entry.in_parts,
        entry.commitment,
        size.to_bytes(3, "big"),
    )
    return clear + entry.sealed


def pack_records(entries: Iterable[Entry]) -> bytes:
    """Records one behind the other with no gaps, as a chunk carries them."""
    return b"".join(pack_record(entry) for entry in entries)


def unpack_records(data: bytes, action: int, org: int) -> list[Entry]:
    """The entries of a chunk. Raises RecordsMalformed with the offset of the record that is cut short."""
    entries: list[Entry] = []
    offset, end = 0, len(data)
    while offset < end:
        if end - offset < CLEAR_SIZE:
            raise RecordsMalformed(offset=offset)
        (
            office,
            case_id,
            recipient,
            head,
            target,
            consent,
            amount,
            claim,
            not_before,
            expires_at,
            due_at,
            fund_account,
            debitable,
            in_parts,
            commitment,
            size,
        ) = _RECORD.unpack_from(data, offset)
        start = offset + CLEAR_SIZE
        after = start + int.from_bytes(size, "big")
        if after > end:
            raise RecordsMalformed(offset=offset)
        entries.append(
            Entry(
                action=action,
                org=org,
                office=office,
                case_id=case_id,
                commitment=commitment,
                sealed=data[start:after],
                recipient=recipient,
                head=head,
                target=target,
                consent=consent,
                amount_fen=amount,
                claim_fen=claim,
                not_before=int.from_bytes(not_before, "big"),
                expires_at=int.from_bytes(expires_at, "big"),
                due_at=int.from_bytes(due_at, "big"),
                fund_account=fund_account,
                debitable=debitable,
                in_parts=in_parts,
            )
        )
        offset = after
    return entries


def check_ranges(entry: Entry) -> None:
    """Every clear field fits its bytes. struct would cut a long hash silently, so lengths are looked at here."""
    for name, attribute in _HASHES:
        if len(getattr(entry, attribute)) != 32:
            raise FieldOutOfRange(field=name)
    for name, attribute, bits in _NUMBERS:
        if not 0 <= getattr(entry, attribute) < 1 << bits:
            raise FieldOutOfRange(field=name)
