# SPDX-License-Identifier: Apache-2.0
"""eth_getLogs by py-evm's own indexes: header blooms first, then the receipts of the blocks that may match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eth_bloom.bloom import BloomFilter

from node.chain.embedded import render
from node.chain.embedded.evm import Evm
from node.chain.hexes import to_bytes


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which logs: of any of these addresses (none given: of all), with each topic position one of its alternatives."""

    addresses: frozenset[bytes]
    topics: tuple[frozenset[bytes], ...]

    @staticmethod
    def parse(query: dict[str, Any]) -> LogFilter:
        """Raises ValueError for a malformed query."""
        topics: list[Any] = query.get("topics") or []
        return LogFilter(_alternatives(query.get("address")), tuple(_alternatives(t) for t in topics))

    def may_match(self, bloom: int) -> bool:
        found = BloomFilter(bloom)
        wanted = [self.addresses, *self.topics]
        return all(not choices or any(choice in found for choice in choices) for choices in wanted)

    def matches(self, address: bytes, topics: Sequence[int]) -> bool:
        if self.addresses and address not in self.addresses:
            return False
        if len(self.topics) > len(topics):
            return False
        return all(
            not choices or topic.to_bytes(32, "big") in choices
            for choices, topic in zip(self.topics, topics, strict=False)
        )


def _alternatives(given: Any) -> frozenset[bytes]:
    if given is None:
        return frozenset()
    if isinstance(given, str):
        return frozenset({to_bytes(given)})
    if isinstance(given, list):
        return frozenset(to_bytes(str(one)) for one in given)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    raise ValueError("malformed log filter")


def find_logs(evm: Evm, wanted: LogFilter, first: int, last: int) -> Iterator[render.Json]:
    """Matching logs of blocks ``first`` to ``last``, in order."""
    for number in range(first, last + 1):
        header = evm.header_at(number)
        if not header.bloom or not wanted.may_match(header.bloom):
            continue
        before = 0
        transactions = evm.transactions(number)
        for index, receipt in enumerate(evm.receipts(number)):
            for at, entry in enumerate(receipt.logs):
                if wanted.matches(entry.address, entry.topics):
                    yield render.log(receipt, at, before + at, transactions[index].hash, index, header)
            before += len(receipt.logs)
