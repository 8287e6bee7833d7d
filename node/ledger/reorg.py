# SPDX-License-Identifier: Apache-2.0
"""When blocks are replaced: what hung on them goes, and what they had changed is folded again from what stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from node.domain.case import Case, LedgerIdentity, apply
from node.domain.entries import CaseKey
from node.domain.invariants import check_step
from node.domain.members import Members
from node.ledger.feed import items_between, tell
from node.ledger.rows import case_columns, entry_of
from node.store.own_records import News
from node.store.projection import (
    ProjectionBlock,
    ProjectionCase,
    ProjectionChunk,
    ProjectionEntry,
    ProjectionSubmission,
)


def undo_after(session: Session, fork: int, ledger: LedgerIdentity, members: Members | None) -> int:
    """Take back every block above ``fork``; gives the number of entries and refusals undone.

    ``members`` need only know the roles of those who wrote, and a role never changes.
    """
    undone = items_between(session, fork, None)
    tell(session, News.UNDONE, reversed(undone))
    cases = _cases_after(session, fork)
    submissions = _submissions_after(session, fork)
    session.exec(delete(ProjectionBlock).where(col(ProjectionBlock.number) > fork))  # the rest falls by cascade
    for key in cases:
        _refold(session, key, ledger, members)
    for org, root in submissions:
        _recount(session, org, root)
    return len(undone)


def taken_by_now(session: Session) -> int:
    """The ledger's global count after the last chunk that is left."""
    chunk = ProjectionChunk
    newest = (col(chunk.block).desc(), col(chunk.tx_index).desc(), col(chunk.log_index).desc())
    return session.exec(select(chunk.taken).order_by(*newest).limit(1)).first() or 0


def _cases_after(session: Session, fork: int) -> list[CaseKey]:
    query = select(ProjectionEntry.office, ProjectionEntry.case_id).where(col(ProjectionEntry.block) > fork).distinct()
    return [CaseKey(office, case_id) for office, case_id in session.exec(query)]


def _submissions_after(session: Session, fork: int) -> Sequence[tuple[int, bytes]]:
    query = select(ProjectionChunk.org, ProjectionChunk.root).where(col(ProjectionChunk.block) > fork).distinct()
    return session.exec(query).all()


def _refold(session: Session, key: CaseKey, ledger: LedgerIdentity, members: Members | None) -> None:
    """The case as its remaining entries make it; gone where none is left."""
    entry = ProjectionEntry
    of_case = (entry.office == key.office, entry.case_id == key.case_id)
    rows = session.exec(select(entry).where(*of_case).order_by(col(entry.seq))).all()
    case_row = ProjectionCase
    session.exec(delete(case_row).where(col(case_row.office) == key.office, col(case_row.case_id) == key.case_id))
    case: Case | None = None
    for row in rows:
        assert members is not None
        step = entry_of(row)
        after = apply(case, step, row.entry_hash, members.facts(row.org, row.block_time, 0, ledger))
        check_step(case, step, after)
        case = after
    if case is None:
        return
    first, last = rows[0], rows[-1]
    when = {"first_block": first.block, "opened_at": first.block_time}
    then = {"last_block": last.block, "updated_at": last.block_time}
    session.exec(insert(ProjectionCase), params=case_columns(case) | when | then)


def _recount(session: Session, org: int, root: bytes) -> None:
    """A submission's progress from its remaining chunks; gone where none is left."""
    chunk = ProjectionChunk
    chunks = session.exec(select(chunk).where(chunk.org == org, chunk.root == root).order_by(col(chunk.place))).all()
    row = session.get_one(ProjectionSubmission, (org, root))
    if not chunks:
        session.delete(row)
        return
    row.next_place = sum(c.number for c in chunks)
    row.taken_count = sum(c.outcomes.count(0) for c in chunks)
    row.refused_count = row.next_place - row.taken_count
    row.presented_fen = sum(c.sum_fen for c in chunks)
    row.last_block = chunks[-1].block
    session.add(row)
