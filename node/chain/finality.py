# SPDX-License-Identifier: Apache-2.0
"""When a block is final, a policy a network: at once (BFT engines, one-node test networks), N deep, or by tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from node.chain.connection import Connection
from node.chain.hexes import to_int
from node.domain.errors import Refused


class FinalityUnknown(Refused):
    """A policy that is none of ``immediate``, ``depth:N``, ``tag:finalized``, ``tag:safe``. Values: ``policy``."""

    code = "chain_finality_unknown"


class Finality(Protocol):
    """A network's policy."""

    def final_number(self, connection: Connection) -> int:
        """The newest final block; −1 where not even the first is."""
        ...


@dataclass(frozen=True, slots=True)
class Immediate:
    """A block is final as soon as it is there."""

    def final_number(self, connection: Connection) -> int:
        return to_int(connection.read("eth_blockNumber"))


@dataclass(frozen=True, slots=True)
class Depth:
    """A block is final with ``blocks`` blocks on top of it."""

    blocks: int

    def final_number(self, connection: Connection) -> int:
        return max(-1, to_int(connection.read("eth_blockNumber")) - self.blocks)


@dataclass(frozen=True, slots=True)
class Tag:
    """What the network itself calls final: ``finalized`` (or ``safe``)."""

    name: str

    def final_number(self, connection: Connection) -> int:
        block = connection.read("eth_getBlockByNumber", self.name, False)
        return -1 if block is None else to_int(block["number"])


def parse_finality(policy: str) -> Finality:
    """``immediate``, ``depth:12``, ``tag:finalized``. Raises FinalityUnknown."""
    name, _, value = policy.partition(":")
    if name == "immediate" and not value:
        return Immediate()
    if name == "depth" and value.isascii() and value.isdigit():
        return Depth(int(value))
    if name == "tag" and value in ("finalized", "safe"):
        return Tag(value)
    raise FinalityUnknown(policy=policy)
