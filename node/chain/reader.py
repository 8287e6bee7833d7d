# SPDX-License-Identifier: Apache-2.0
"""Reading the log in ranges that adapt: smaller when the network balks, larger while it is quick."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from node.chain.codec import Log, parse_block
from node.chain.connection import Connection, Request
from node.chain.failures import (
    AnswerMalformed,
    BlockMissing,
    ChainBusy,
    ChainMoved,
    ChainTimedOut,
    ChainUnreachable,
    HistoryMissing,
    RangeTooWide,
    RpcFailure,
)
from node.chain.hexes import data, quantity, to_int
from node.domain.entries import Block

_SMALLER = (RangeTooWide, ChainTimedOut, ChainUnreachable, ChainBusy, RpcFailure)
_AGAIN = 3  # reads of one window while blocks change under it


class LogReader:
    """Blocks in order, each with the wanted logs in it. One reader serves one thread at a time.

    ``widest``: blocks a request at most (1,000 logs and headers fit most networks; FISCO BCOS cuts at 10, silently).
    """

    def __init__(
        self,
        connection: Connection,
        addresses: Sequence[str],
        topics: Sequence[bytes],
        widest: int = 500,
        quick_s: float = 0.5,
        large_bytes: int = 4 * 1024 * 1024,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._filter = {"address": list(addresses), "topics": [[data(topic) for topic in topics]]}
        self._widest = widest
        self._quick_s = quick_s
        self._large_bytes = large_bytes
        self._monotonic = monotonic
        self.width = min(50, widest)

    def read(self, first: int, last: int) -> Iterator[tuple[Block, list[Log]]]:
        """Every block from ``first`` to ``last``, each the parent of the next.

        Raises ChainMoved where a reorganisation goes on during the read, HistoryMissing for pruned blocks,
        BlockMissing behind the head, and the connection's failures once a single block cannot be read.
        """
        parent: bytes | None = None
        while first <= last:
            upto = min(last, first + self.width - 1)
            try:
                window = self._window(first, upto)
            except _SMALLER:
                if self.width == 1:
                    raise
                self.width = max(1, (upto - first + 1) // 2)
                continue
            for block, logs in window:
                if parent is not None and block.parent != parent:
                    raise ChainMoved(block=block.number)
                parent = block.hash
                yield block, logs
            first = upto + 1

    def _window(self, first: int, last: int) -> list[tuple[Block, list[Log]]]:
        for _ in range(_AGAIN):
            started = self._monotonic()
            window, size = self._ask(first, last)
            if window is not None:
                self._adapt(last - first + 1, self._monotonic() - started, size)
                return window
        raise ChainMoved(block=first)

    def _adapt(self, blocks: int, took_s: float, size: int) -> None:
        if took_s > 4 * self._quick_s or size > self._large_bytes:
            self.width = max(1, blocks // 2)
        elif took_s < self._quick_s and size < self._large_bytes // 4 and blocks == self.width:
            self.width = min(self._widest, self.width * 2)

    def _ask(self, first: int, last: int) -> tuple[list[tuple[Block, list[Log]]] | None, int]:
        """None where headers and logs are not of one chain."""
        span = {"fromBlock": quantity(first), "toBlock": quantity(last), **self._filter}
        requests: list[Request] = [("eth_getLogs", [span])]
        requests += [("eth_getBlockByNumber", [quantity(n), False]) for n in range(first, last + 1)]
        answers = self._connection.read_many(requests)
        try:
            logs = sorted((Log.parse(shown) for shown in answers[0]), key=lambda log: log.position)
            headers: list[dict[str, Any] | None] = answers[1:]
            if None in headers:
                raise self._missing(first + headers.index(None), last)
            blocks = [parse_block(shown) for shown in headers if shown is not None]
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerMalformed(method="eth_getLogs", detail=type(error).__name__) from error
        return _joined(blocks, logs, first), sum(len(log.data) for log in logs)

    def _missing(self, number: int, last: int) -> Exception:
        if number <= to_int(self._connection.read("eth_blockNumber")):
            return HistoryMissing(first=number, last=last)
        return BlockMissing(block=number)


def _joined(blocks: list[Block], logs: list[Log], first: int) -> list[tuple[Block, list[Log]]] | None:
    by_number: dict[int, list[Log]] = {}
    for log in logs:
        at = log.block_number - first
        if not 0 <= at < len(blocks) or log.block_hash != blocks[at].hash:
            return None
        by_number.setdefault(log.block_number, []).append(log)
    for before, block in itertools.pairwise(blocks):
        if block.parent != before.hash:
            return None
    return [(block, by_number.get(block.number, [])) for block in blocks]
