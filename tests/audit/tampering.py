# SPDX-License-Identifier: Apache-2.0
"""Ways to alter a log: every function gives a new log and leaves the story's own alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from node.domain.entries import Acted, Block, Chunk, LedgerEvent, Presented, Submission

Blocks = list[tuple[Block, list[LedgerEvent]]]


def nth(blocks: Blocks, kind: type[LedgerEvent], index: int) -> tuple[int, int]:
    """Where the ``index``-th event of a kind stands: (block's place in the list, event's place in the block)."""
    places = [(i, j) for i, (_, events) in enumerate(blocks) for j, event in enumerate(events) if type(event) is kind]
    return places[index]


def with_event(blocks: Blocks, at: tuple[int, int], *events: LedgerEvent) -> Blocks:
    """The event at a place replaced by others; by none: dropped."""
    i, j = at
    altered = [(block, list(held)) for block, held in blocks]
    altered[i][1][j : j + 1] = events
    return altered


def alter(blocks: Blocks, at: tuple[int, int], change: Callable[[Any], LedgerEvent]) -> Blocks:
    return with_event(blocks, at, change(blocks[at[0]][1][at[1]]))


def drop(blocks: Blocks, kind: type[LedgerEvent], index: int) -> Blocks:
    return with_event(blocks, nth(blocks, kind, index))


def submission(blocks: Blocks, index: int, **fields: object) -> Blocks:
    """Fields of the ``index``-th chunk's submission."""

    def change(event: Presented) -> Presented:
        told: Submission = replace(event.submission, **fields)  # type: ignore[arg-type]
        return replace(event, submission=told)

    return alter(blocks, nth(blocks, Presented, index), change)


def chunk(blocks: Blocks, index: int, change: Callable[[Chunk], dict[str, Any]]) -> Blocks:
    """Fields of the ``index``-th chunk."""
    return alter(blocks, nth(blocks, Presented, index), lambda e: replace(e, chunk=replace(e.chunk, **change(e.chunk))))


def presented(blocks: Blocks, index: int, change: Callable[[Presented], dict[str, Any]]) -> Blocks:
    return alter(blocks, nth(blocks, Presented, index), lambda e: replace(e, **change(e)))


def act(blocks: Blocks, index: int, **fields: object) -> Blocks:
    def change(event: Acted) -> Acted:
        return replace(event, act=replace(event.act, **fields))  # type: ignore[arg-type]

    return alter(blocks, nth(blocks, Acted, index), change)


def signatures(blocks: Blocks, index: int, change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> Blocks:
    return alter(blocks, nth(blocks, Acted, index), lambda e: replace(e, signatures=change(e.signatures)))


def header(blocks: Blocks, index: int, **fields: object) -> Blocks:
    """Fields of the ``index``-th block, in the header and in its events."""
    block, events = blocks[index]
    new: Block = replace(block, **fields)  # type: ignore[arg-type]
    altered = list(blocks)
    altered[index] = (new, [replace(e, block=new) for e in events])
    return altered


def flipped(data: bytes, at: int) -> bytes:
    """One bit of one byte."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
