# SPDX-License-Identifier: Apache-2.0
"""What the ledger made of our entries, once that is final: recorded, or back as drafts with the rule.

Only the projection is asked: an entry is done when it stands in the log, whoever sent the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from node.store.own_work import (
    ActState,
    DraftState,
    IntentState,
    OwnAct,
    OwnDraft,
    OwnEntry,
    OwnOutbox,
    OwnSubmission,
    SubmissionState,
)
from node.store.projection import ProjectionChunk


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the log has got with a submission: places below ``seen`` are presented, below ``final`` for good."""

    seen: int
    final: int


def progress(session: Session, org: int, root: bytes, final_number: int) -> Progress:
    """From the chunks in the projection, which come in order of place."""
    chunk = ProjectionChunk
    query = select(chunk.block, chunk.place, chunk.number).where(chunk.org == org, chunk.root == root)
    seen = final = 0
    for block, place, number in session.exec(query.order_by(col(chunk.place))):
        seen = place + number
        if block <= final_number:
            final = seen
    return Progress(seen, final)


def settle_entries(session: Session, org: int, root: bytes, final: int, now: datetime) -> tuple[int, int]:
    """Write the outcome of each entry below place ``final``; gives how many are newly recorded and refused."""
    entry, chunk = OwnEntry, ProjectionChunk
    open_ = (entry.org == org, entry.root == root, col(entry.outcome).is_(None), col(entry.place) < final)
    rows = session.exec(select(entry.place, entry.draft_id).where(*open_)).all()
    if not rows:
        return 0, 0
    outcomes: dict[int, int] = {}
    told = select(chunk.place, chunk.outcomes).where(chunk.org == org, chunk.root == root)
    for place, found in session.exec(told):
        outcomes |= dict(enumerate(found, start=place))
    owner = {"org": org, "root": root}
    session.exec(update(entry), params=[owner | {"place": p, "outcome": outcomes[p]} for p, _ in rows])
    drafts = [
        {"id": draft, "rule": outcomes[place], "state": _draft_state(outcomes[place]), "note": "", "changed_at": now}
        for place, draft in rows
        if draft is not None
    ]
    if drafts:
        session.exec(update(OwnDraft), params=drafts)
    refused = sum(outcomes[place] != 0 for place, _ in rows)
    return len(rows) - refused, refused


def finish(session: Session, intent: OwnOutbox, row: OwnSubmission, now: datetime) -> None:
    """Every place is presented and final."""
    row.state, row.reason, row.changed_at = SubmissionState.RECORDED, "", now
    _close(session, intent, IntentState.DONE, "", now)
    session.add(row)


def end_early(session: Session, intent: OwnOutbox, row: OwnSubmission, final: int, reason: str, now: datetime) -> int:
    """The rest from place ``final`` on will never be presented: its drafts come back, to be approved anew."""
    row.state = SubmissionState.PARTLY if final else SubmissionState.REFUSED
    row.reason, row.changed_at = reason, now
    _close(session, intent, IntentState.ENDED, reason, now)
    session.add(row)
    entry = OwnEntry
    rest = (entry.org == row.org, entry.root == row.root, col(entry.place) >= final, col(entry.draft_id).is_not(None))
    drafts = session.exec(select(entry.draft_id).where(*rest)).all()
    back = {"state": DraftState.RETURNED.value, "rule": 0, "note": reason, "changed_at": now}
    if drafts:
        session.exec(update(OwnDraft), params=[back | {"id": draft} for draft in drafts])
    return row.count - final


def finish_act(session: Session, intent: OwnOutbox, row: OwnAct, reason: str, now: datetime) -> None:
    """An act is in the log for good (``reason`` empty), or never will be."""
    row.state, row.reason, row.changed_at = ActState.REFUSED if reason else ActState.RECORDED, reason, now
    _close(session, intent, IntentState.ENDED if reason else IntentState.DONE, reason, now)
    session.add(row)


def _close(session: Session, intent: OwnOutbox, state: IntentState, reason: str, now: datetime) -> None:
    intent.state, intent.reason, intent.ended_at, intent.retry_at = state, reason, now, None
    session.add(intent)


def _draft_state(outcome: int) -> str:
    return DraftState.RETURNED.value if outcome else DraftState.RECORDED.value
