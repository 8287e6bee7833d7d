# SPDX-License-Identifier: Apache-2.0
"""From entries to a submission: hashes, root, sum, and what the ledger would make of it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlmodel import Session, col, select

from node.crypto.merkle import root
from node.crypto.records import pack_record, pack_records, unpack_records
from node.crypto.typed import entry_hash
from node.domain.digest import keccak
from node.domain.entries import Entry, Submission
from node.domain.errors import Refused
from node.domain.ports import Chain
from node.ledger.packing import Packing
from node.store.own_work import OwnEntry, OwnSubmission


class NothingToSubmit(Refused):
    """A submission needs at least one entry."""

    code = "nothing_to_submit"


class MixedSubmission(Refused):
    """A submission carries entries of one action by one organisation, each once. Values: ``place``."""

    code = "mixed_submission"


class SubmissionUnknown(Refused):
    """There is no such submission here. Values: ``org``, ``root``."""

    code = "submission_unknown"


@dataclass(frozen=True, slots=True)
class Composed:
    """A submission with what it carries. ``wraps``: the blob whose keccak is signed."""

    submission: Submission
    entries: tuple[Entry, ...]
    hashes: tuple[bytes, ...]
    wraps: bytes


def compose(ledger: bytes, entries: Sequence[Entry], wraps: bytes, valid_until: int) -> Composed:
    """Put sealed entries together, in the order given; ``valid_until`` in Unix seconds.

    Raises NothingToSubmit, MixedSubmission, FieldOutOfRange.
    """
    if not entries:
        raise NothingToSubmit
    first = entries[0]
    hashes = tuple(entry_hash(ledger, entry) for entry in entries)
    for place, entry in enumerate(entries):
        if (entry.action, entry.org) != (first.action, first.org):
            raise MixedSubmission(place=place)
    if len(set(hashes)) != len(hashes):
        raise MixedSubmission(place=next(i for i, h in enumerate(hashes) if h in hashes[:i]))
    submission = Submission(
        ledger=ledger,
        org=first.org,
        action=first.action,
        root=root(hashes),
        count=len(entries),
        sum_fen=sum(entry.amount_fen for entry in entries),
        wraps=keccak(wraps),
        valid_until=valid_until,
    )
    return Composed(submission, tuple(entries), hashes, wraps)


def keep(session: Session, composed: Composed, drafts: Sequence[str | None], now: datetime) -> OwnSubmission:
    """Write the submission down, with the draft that each entry came from. The caller moves the drafts' states."""
    submission = composed.submission
    row = OwnSubmission(
        org=submission.org,
        root=submission.root,
        ledger=submission.ledger,
        action=submission.action,
        count=submission.count,
        sum_fen=submission.sum_fen,
        wraps=submission.wraps,
        wraps_blob=composed.wraps,
        valid_until=submission.valid_until,
        made_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    places = zip(composed.entries, composed.hashes, drafts, strict=True)
    owner = {"org": submission.org, "root": submission.root}
    rows = [
        owner | {"place": place, "entry_hash": hashed, "draft_id": draft, "record": pack_record(entry)}
        for place, (entry, hashed, draft) in enumerate(places)
    ]
    session.exec(insert(OwnEntry), params=rows)
    return row


def load(session: Session, org: int, root_hash: bytes) -> Composed:
    """A submission of ours as it was kept. Raises SubmissionUnknown."""
    row = session.get(OwnSubmission, (org, root_hash))
    if row is None:
        raise SubmissionUnknown(org=org, root=root_hash.hex())
    of_it = (OwnEntry.org == org, OwnEntry.root == root_hash)
    places = session.exec(select(OwnEntry).where(*of_it).order_by(col(OwnEntry.place))).all()
    entries = unpack_records(b"".join(p.record for p in places), row.action, org)
    return Composed(submission_of(row), tuple(entries), tuple(p.entry_hash for p in places), row.wraps_blob)


def submission_of(row: OwnSubmission) -> Submission:
    """What is signed, from the row."""
    return Submission(
        ledger=row.ledger,
        org=row.org,
        action=row.action,
        root=row.root,
        count=row.count,
        sum_fen=row.sum_fen,
        wraps=row.wraps,
        valid_until=row.valid_until,
    )


def simulate(chain: Chain, composed: Composed, packing: Packing) -> bytes:
    """What the ledger would make of each entry now, chunk by chunk: 0 taken, else the rule.

    Every chunk is judged on the ledger as it stands, so a limit of the day that only all chunks together pass is not
    seen here. Call it outside of any database transaction.
    """
    submission, outcomes = composed.submission, bytearray()
    while len(outcomes) < submission.count:
        rest = composed.entries[len(outcomes) :]
        number = packing.number(submission.action, (len(entry.sealed) for entry in rest))
        outcomes += chain.preview(submission.org, submission.action, pack_records(rest[:number]))
    return bytes(outcomes)
