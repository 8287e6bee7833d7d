# SPDX-License-Identifier: Apache-2.0
"""From proven events to rows: the only writer of ``projection_*``, used by follower and rebuild alike.

It decides nothing: what an entry does is the reducer's, and where the ledger recorded another outcome than the reducer
finds, it stops.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy
from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from node.domain.case import Case, LedgerIdentity
from node.domain.case_json import case_from_json
from node.domain.entries import Acted, Block, CaseKey, Founded, Presented, Submission
from node.domain.errors import Broken
from node.domain.log import CHARGED, Charge, Folded, check_outcomes, fold_chunk
from node.domain.members import Members
from node.domain.workdays import beijing_day
from node.ledger.feed import Item, item_of
from node.ledger.registry import row_of
from node.ledger.rows import case_columns, chunk_columns, entry_columns, owner_columns, refusal_columns
from node.ledger.verify import ChunkUnproven, Proven
from node.store.columns import whole, wide_sum
from node.store.projection import (
    ProjectionAct,
    ProjectionBlock,
    ProjectionCase,
    ProjectionChunk,
    ProjectionEntry,
    ProjectionRefusal,
    ProjectionSealed,
    ProjectionSubmission,
    ProjectionWrap,
)

_TABLES = (
    ProjectionBlock,
    ProjectionAct,
    ProjectionChunk,
    ProjectionWrap,
    ProjectionEntry,
    ProjectionSealed,
    ProjectionRefusal,
)  # parents first


class LogGap(Broken):
    """The ledger's count of entries taken does not follow: a log is missing.

    Values: ``block``, ``expected``, ``found``.
    """

    code = "log_gap"


class Projection:
    """The rows of one batch; made and flushed inside one database transaction."""

    def __init__(self, session: Session, ledger: LedgerIdentity, taken: int) -> None:
        """``taken``: the ledger's global count as of the cursor."""
        self._session = session
        self._ledger = ledger
        self.taken = taken
        self.items: list[Item] = []
        self._rows: dict[type[Any], list[dict[str, Any]]] = {table: [] for table in _TABLES}
        self._cases: dict[CaseKey, Case | None] = {}
        self._stored: set[CaseKey] = set()
        self._touched: dict[CaseKey, tuple[Block, Block]] = {}  # first and last block of this batch
        self._charges: dict[int, Charge] = {}

    def add_block(self, block: Block) -> None:
        """A followed block, before its events."""
        row = {"number": block.number, "hash": block.hash, "parent": block.parent, "timestamp": block.timestamp}
        self._rows[ProjectionBlock].append(row)

    def add_act(self, event: Founded | Acted) -> None:
        """An event of the registry."""
        self._rows[ProjectionAct].append(row_of(event))

    def add_chunk(self, proven: Proven, members: Members) -> None:
        """A chunk: fold it, compare with what the ledger says, keep the rows.

        Raises ChunkUnproven, OutcomesDiffer, LogGap, InvariantBroken.
        """
        event = proven.event
        org, day = event.submission.org, beijing_day(event.block.timestamp)
        charge = self._charge(org, day)
        self._load(entry.key for entry, _ in proven.entries)
        folded = fold_chunk(self._cases.__getitem__, members, self._ledger, event, proven.entries, charge)
        check_outcomes(event, folded)
        self.taken += folded.outcomes.count(0)
        if event.taken != self.taken:
            raise LogGap(block=event.block.number, expected=self.taken, found=event.taken)
        self._charges[org] = folded.charge
        self._cases.update(folded.cases)
        for key in folded.cases:
            first, _ = self._touched.get(key, (event.block, event.block))
            self._touched[key] = (first, event.block)
        sum_fen = sum(entry.amount_fen for entry, _ in proven.entries)
        self._advance(event, folded, sum_fen)
        self._keep(proven, folded, sum_fen)

    def flush(self) -> None:
        """Write everything, parents first."""
        for table, rows in self._rows.items():
            if rows:
                self._session.exec(insert(table), params=rows)
        fresh: list[dict[str, Any]] = []
        known: list[dict[str, Any]] = []
        for key, (first, last) in self._touched.items():
            case = self._cases[key]
            assert case is not None
            row = case_columns(case) | {"last_block": last.number, "updated_at": last.timestamp}
            if key in self._stored:
                known.append(row)
            else:
                fresh.append(row | {"first_block": first.number, "opened_at": first.timestamp})
        if fresh:
            self._session.exec(insert(ProjectionCase), params=fresh)
        if known:
            self._session.exec(update(ProjectionCase), params=known)
        self._session.flush()

    def _load(self, keys: Iterable[CaseKey]) -> None:
        """The cases of a chunk in one query; those that are not there are known not to be."""
        unknown = {key for key in keys if key not in self._cases}
        self._cases |= dict.fromkeys(unknown)
        row = ProjectionCase
        query = select(row.office, row.case_id, row.state).where(col(row.case_id).in_({k.case_id for k in unknown}))
        for office, case_id, state in self._session.exec(query):
            key = CaseKey(office, case_id)
            if key in unknown:
                self._cases[key] = case_from_json(state)
                self._stored.add(key)

    def _charge(self, org: int, day: int) -> Charge:
        if org not in self._charges:
            self._charges[org] = Charge(day, charged_fen(self._session, org, day))
        return self._charges[org]

    def _advance(self, event: Presented, folded: Folded, sum_fen: int) -> None:
        """The submission's progress: its next place, counts and sum (PROPERTIES 15, 16)."""
        submission, chunk, block = event.submission, event.chunk, event.block.number
        row = self._session.get(ProjectionSubmission, (submission.org, submission.root))
        if row is None:
            row = _unpresented(submission, block)
        refused = len(folded.outcomes) - folded.outcomes.count(0)
        row.presented_fen += sum_fen
        last = chunk.place + chunk.number == submission.count
        self._hold(event, "header", _header(row) == (submission.action, *_signed(submission)))
        self._hold(event, "place", chunk.place == row.next_place)
        self._hold(event, "sum", row.presented_fen == row.sum_fen if last else row.presented_fen <= row.sum_fen)
        row.next_place += chunk.number
        row.taken_count += chunk.number - refused
        row.refused_count += refused
        row.last_block = block
        self._session.add(row)

    def _keep(self, proven: Proven, folded: Folded, sum_fen: int) -> None:
        event, chunk = proven.event, proven.event.chunk
        self._rows[ProjectionChunk].append(chunk_columns(proven, sum_fen))
        if chunk.place == 0:
            self._rows[ProjectionWrap].append(owner_columns(event) | {"blob": chunk.wraps})
        for offset, (entry, entry_hash) in enumerate(proven.entries):
            place, rule, step = chunk.place + offset, folded.outcomes[offset], folded.steps[offset]
            if step is None:
                self._rows[ProjectionRefusal].append(refusal_columns(event, entry, entry_hash, place, rule))
            else:
                self._rows[ProjectionEntry].append(entry_columns(event, entry, entry_hash, place, step.seq))
                self._rows[ProjectionSealed].append({"entry_hash": entry_hash, "sealed": entry.sealed})
            self.items.append(item_of(event, entry, entry_hash, place, rule))

    def _hold(self, event: Presented, what: str, holds: bool) -> None:
        if not holds:
            org, place = event.submission.org, event.chunk.place
            raise ChunkUnproven(what=what, org=org, block=event.block.number, place=place)


def charged_fen(session: Session, org: int, day: int) -> int:
    """What ``org`` has ordered (a bank: accepted) on a Beijing day, as far as the projection goes."""
    start = day * 86_400 - 8 * 3600
    query = sqlalchemy.select(*wide_sum(col(ProjectionEntry.amount_fen))).where(
        col(ProjectionEntry.org) == org,
        col(ProjectionEntry.action).in_([int(a) for a in CHARGED]),
        col(ProjectionEntry.block_time) >= start,
        col(ProjectionEntry.block_time) < start + 86_400,
    )
    high, low = session.connection().execute(query).one()
    return whole(high, low)


def _unpresented(submission: Submission, block: int) -> ProjectionSubmission:
    return ProjectionSubmission(
        org=submission.org,
        root=submission.root,
        action=submission.action,
        count=submission.count,
        sum_fen=submission.sum_fen,
        wraps=submission.wraps,
        valid_until=submission.valid_until,
        next_place=0,
        taken_count=0,
        refused_count=0,
        presented_fen=0,
        first_block=block,
        last_block=block,
    )


def _header(row: ProjectionSubmission) -> tuple[int, int, int, bytes, int]:
    return row.action, row.count, row.sum_fen, row.wraps, row.valid_until


def _signed(submission: Submission) -> tuple[int, int, bytes, int]:
    return submission.count, submission.sum_fen, submission.wraps, submission.valid_until
