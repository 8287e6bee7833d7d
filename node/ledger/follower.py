# SPDX-License-Identifier: Apache-2.0
"""The follower: block by block from the chain into the projection, back over replaced blocks, and on.

Its checkpoint moves in the transaction that writes the rows, by compare-and-set on (number, hash), so that a second
follower, or a rewind in mid-run, is noticed. The chain is asked outside of any database transaction, and never waited
for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import Session, col, select

from node.crypto.typed import Domain
from node.domain.case import LedgerIdentity
from node.domain.entries import Block, LedgerEvent, Presented
from node.domain.errors import Broken, Conflict
from node.domain.members import Members
from node.domain.ports import Chain
from node.ledger.feed import items_between, tell
from node.ledger.probe import Probe, pass_by
from node.ledger.projection import Projection
from node.ledger.registry import NotFounded, fold, members_now
from node.ledger.reorg import taken_by_now, undo_after
from node.ledger.verify import Proven, prove
from node.store.database import Store
from node.store.own_records import News
from node.store.projection import ProjectionBlock, ProjectionCursor


class FinalityBroken(Broken):
    """A block that was final has been replaced. Values: ``final``, ``fork``."""

    code = "finality_broken"


class LogOutOfOrder(Broken):
    """The network's answer leaves out blocks or mixes up events. Values: ``block``, ``expected``."""

    code = "log_out_of_order"


class CursorMoved(Conflict):
    """Another follower, or a rewind, moved the checkpoint meanwhile. Values: ``number``."""

    code = "cursor_moved"


@dataclass(frozen=True, slots=True)
class Report:
    """What one step did. ``behind``: blocks still to follow; 0 means caught up with ``head``."""

    number: int
    head: int
    final: int
    blocks: int = 0
    items: int = 0  # entries and refusals
    undone: int = 0

    @property
    def behind(self) -> int:
        return max(0, self.head - self.number)


@dataclass(frozen=True, slots=True)
class _Cursor:
    number: int
    hash: bytes
    final: int
    taken: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """Blocks that follow on one another, each with its events, the chunks proven; ``members`` as of the end."""

    blocks: list[tuple[Block, list[tuple[LedgerEvent | Proven, Members | None]]]]
    members: Members | None


class Follower:
    """One chain into one store. ``step`` does a bounded piece of work and returns."""

    def __init__(
        self,
        store: Store,
        chain: Chain,
        ledger: LedgerIdentity,
        domain: Domain,
        first_block: int = 0,
        *,
        batch_blocks: int = 200,
        batch_entries: int = 2_000,
        probe: Probe = pass_by,
    ) -> None:
        """``domain``: the ledger's EIP-712 domain; ``first_block``: at or below the registry's construction."""
        self._store = store
        self._chain = chain
        self._ledger = ledger
        self._domain = domain
        self._first = first_block
        self._batch_blocks = batch_blocks
        self._batch_entries = batch_entries
        self._probe = probe
        self._members: tuple[bytes, Members | None] | None = None  # as of the block with that hash

    def step(self) -> Report:
        """One batch: go back over replaced blocks if there are any, then follow up to ``batch_blocks`` further.

        Raises Unavailable (try again), CursorMoved (another follower is at work), Broken (stop).
        """
        cursor, members = self._where()
        head = self._chain.head()
        final = self._chain.final_number()
        undone = 0
        if cursor is not None:
            fork = self._fork(cursor, head)
            if fork != cursor.number:
                undone = self._rewind(cursor, fork, members)
                cursor, members = self._where()
        number = self._first - 1 if cursor is None else cursor.number
        last = min(head.number, number + self._batch_blocks)
        batch = self._read(cursor, members, number + 1, last)
        self._probe("follower.read")
        return self._write(cursor, batch, head, final, undone)

    def catch_up(self, most_steps: int = 100_000) -> Report:
        """Step until the head that was seen is reached, or ``most_steps`` are done."""
        report = self.step()
        for _ in range(most_steps - 1):
            if report.behind == 0:
                break
            report = self.step()
        return report

    def _where(self) -> tuple[_Cursor | None, Members | None]:
        with self._store.reading() as session:
            row = session.get(ProjectionCursor, 1)
            if row is None:
                return None, None
            if self._members is None or self._members[0] != row.hash:
                self._members = (row.hash, members_now(session))
            return _Cursor(row.number, row.hash, row.final_number, row.taken), self._members[1]

    def _fork(self, cursor: _Cursor, head: Block) -> int:
        """The highest followed block that the chain still has; the cursor's own where nothing was replaced."""
        if head.number >= cursor.number:
            if self._chain.block(cursor.number).hash == cursor.hash:
                return cursor.number
        elif self._stored(head.number) == head.hash:
            return cursor.number  # this network node is only behind the one asked before
        number = min(cursor.number - 1, head.number)
        while number >= cursor.final:  # also below the first block: a chain that begins anew is another chain
            if number < self._first or self._chain.block(number).hash == self._stored(number):
                return number
            number -= 1
        raise FinalityBroken(final=cursor.final, fork=number)

    def _stored(self, number: int) -> bytes | None:
        with self._store.reading() as session:
            return session.exec(select(ProjectionBlock.hash).where(ProjectionBlock.number == number)).first()

    def _rewind(self, cursor: _Cursor, fork: int, members: Members | None) -> int:
        self._probe("follower.rewind")
        with self._store.writing() as session:
            if fork < self._first:
                self._claim(session, cursor, cursor.number, cursor.hash, cursor.final, cursor.taken)
                undone = undo_after(session, fork, self._ledger, members)
                session.delete(session.get_one(ProjectionCursor, 1))
            else:
                block = session.get_one(ProjectionBlock, fork)
                self._claim(session, cursor, fork, block.hash, cursor.final, cursor.taken)
                undone = undo_after(session, fork, self._ledger, members)
                self._set_taken(session, taken_by_now(session))
            self._probe("follower.rewound")
        self._members = None
        return undone

    def _read(self, cursor: _Cursor | None, members: Members | None, first: int, last: int) -> _Batch:
        """Fetch and prove; ends early at a bound, or where a block does not stand on the one before it."""
        batch: list[tuple[Block, list[tuple[LedgerEvent | Proven, Members | None]]]] = []
        parent = None if cursor is None else cursor.hash
        entries = 0
        if first > last:
            return _Batch(batch, members)
        for block, events in self._chain.events(first, last):
            if block.number != first + len(batch):
                raise LogOutOfOrder(block=block.number, expected=first + len(batch))
            if parent is not None and block.parent != parent:
                break  # replaced while we read: the next step finds the fork
            proven: list[tuple[LedgerEvent | Proven, Members | None]] = []
            for event in _in_order(block, events):
                if isinstance(event, Presented):
                    if members is None:
                        raise NotFounded(block=block.number)
                    proven.append((prove(event, members, self._domain), members))
                    entries += event.chunk.number
                else:
                    members = fold(members, event)
                    proven.append((event, members))
            batch.append((block, proven))
            parent = block.hash
            if entries >= self._batch_entries:
                break
        return _Batch(batch, members)

    def _write(self, cursor: _Cursor | None, batch: _Batch, head: Block, final: int, undone: int) -> Report:
        number, hash_ = (cursor.number, cursor.hash) if cursor is not None else (self._first - 1, b"")
        if batch.blocks:
            number, hash_ = batch.blocks[-1][0].number, batch.blocks[-1][0].hash
        was_final = self._first - 1 if cursor is None else cursor.final
        final = max(was_final, min(final, number))  # never back, whatever a slower network node says
        if not batch.blocks and final == was_final:
            return Report(number, head.number, final, undone=undone)
        with self._store.writing() as session:
            projection = Projection(session, self._ledger, 0 if cursor is None else cursor.taken)
            self._claim(session, cursor, number, hash_, final, projection.taken)
            for block, events in batch.blocks:
                _add(projection, block, events)
            projection.flush()
            self._set_taken(session, projection.taken)
            self._probe("follower.rows")
            tell(session, News.SEEN, projection.items)
            tell(session, News.FINAL, items_between(session, was_final, final))
            self._probe("follower.before_commit")
        self._members = (hash_, batch.members)
        self._probe("follower.committed")
        return Report(number, head.number, final, len(batch.blocks), len(projection.items), undone)

    def _claim(
        self, session: Session, cursor: _Cursor | None, number: int, hash_: bytes, final: int, taken: int
    ) -> None:
        """Move the checkpoint, first of all: whoever else is at work waits here, then finds it moved."""
        if cursor is None:
            if session.get(ProjectionCursor, 1) is not None:
                raise CursorMoved(number=number)
            session.add(ProjectionCursor(number=number, hash=hash_, final_number=final, taken=taken))
            session.flush()
            return
        row = ProjectionCursor
        moved = session.exec(
            update(row)
            .where(col(row.id) == 1, col(row.number) == cursor.number, col(row.hash) == cursor.hash)
            .values(number=number, hash=hash_, final_number=final, taken=taken)
        )
        if moved.rowcount != 1:
            raise CursorMoved(number=cursor.number)

    def _set_taken(self, session: Session, taken: int) -> None:
        session.exec(update(ProjectionCursor).where(col(ProjectionCursor.id) == 1).values(taken=taken))


def _add(projection: Projection, block: Block, events: Sequence[tuple[LedgerEvent | Proven, Members | None]]) -> None:
    projection.add_block(block)
    for event, members in events:
        if isinstance(event, Proven):
            assert members is not None
            projection.add_chunk(event, members)
        elif not isinstance(event, Presented):
            projection.add_act(event)


def _in_order(block: Block, events: Sequence[LedgerEvent]) -> Sequence[LedgerEvent]:
    """The block's events, one told twice only once; raises LogOutOfOrder where they are not its own or out of order."""
    kept: list[LedgerEvent] = []
    for event in events:
        if kept and event == kept[-1]:
            continue
        if event.block != block or (kept and event.position <= kept[-1].position):
            raise LogOutOfOrder(block=block.number, expected=len(kept))
        kept.append(event)
    return kept
