# SPDX-License-Identifier: Apache-2.0
"""Is the log whole? Every block stands on the one before it, and every event in its block, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from node.audit.findings import Finding, Kind
from node.domain.entries import Block, LedgerEvent, Position


class Continuity:
    """Walks blocks from ``first`` (the deployment block) and says where the log is broken."""

    def __init__(self, first: int) -> None:
        self._first = first
        self.last: Block | None = None
        self._position: Position | None = None

    def check(self, block: Block, events: Sequence[LedgerEvent]) -> Iterator[Finding]:
        """Findings on the next block and its events; the walk goes on from this block whatever is found."""
        last, self.last = self.last, block
        expected = self._first if last is None else last.number + 1
        if block.number != expected:
            yield Finding(Kind.BLOCK_MISSING, _at(block), found=str(block.number), expected=str(expected))
        elif last is not None and block.parent != last.hash:
            yield Finding(Kind.PARENT_HASH, _at(block), found=block.parent.hex(), expected=last.hash.hex())
        if last is not None and block.timestamp < last.timestamp:
            yield Finding(Kind.BLOCK_TIME, _at(block), found=str(block.timestamp), expected=f">= {last.timestamp}")
        for event in events:
            if event.block != block or event.position.block != block.number:
                yield Finding(Kind.EVENT_ORDER, event.position, event.block.hash.hex(), block.hash.hex())
            elif self._position is not None and event.position <= self._position:
                yield Finding(Kind.EVENT_ORDER, event.position, _text(event.position), f"> {_text(self._position)}")
            self._position = event.position

    def finish(self, last: int | None) -> Iterator[Finding]:
        """The log should have reached block ``last``; None where nobody knows how far it should reach."""
        reached = self._first - 1 if self.last is None else self.last.number
        if last is not None and reached < last:
            yield Finding(Kind.BLOCK_MISSING, None, found=str(reached), expected=str(last))


def _at(block: Block) -> Position:
    return Position(block.number, 0, 0)


def _text(position: Position) -> str:
    return f"{position.block}/{position.transaction}/{position.log}"
