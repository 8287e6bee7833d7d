# SPDX-License-Identifier: Apache-2.0
"""The contracts' events as the domain's values, both ways. Hashes are plain bytes from here on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from node.chain.contracts import (
    ACT_TYPE,
    CHUNK_TYPE,
    GOVERNOR_TYPE,
    SUBMISSION_TYPE,
    act_fields,
    chunk_fields,
    submission_fields,
)
from node.chain.hexes import address, to_bytes, to_int
from node.crypto.typed import address_bytes, checksummed
from node.domain.digest import keccak
from node.domain.entries import (
    Act,
    Acted,
    Block,
    Chunk,
    Founded,
    Founding,
    LedgerEvent,
    Position,
    Presented,
    Submission,
)
from node.domain.errors import Broken

_PRESENTED: Final = f"Presented(uint16,bytes32,{SUBMISSION_TYPE},{CHUNK_TYPE},uint64,bytes)"
_ACTED: Final = f"Acted(uint16,uint8,{ACT_TYPE},bytes[])"
_FOUNDED: Final = f"Founded(bytes32,uint8,{GOVERNOR_TYPE}[])"


class EventMalformed(Broken):
    """A log of our contracts that does not decode: another version, or tampering. Values: ``block``, ``log``."""

    code = "chain_event_malformed"


@dataclass(frozen=True, slots=True)
class Log:
    """One log as the network gives it, decoded from hexadecimal; ``address`` checksummed."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    tx_hash: bytes
    position: Position

    @staticmethod
    def parse(shown: dict[str, Any]) -> Log:
        """Raises KeyError or ValueError for what is no log in a block."""
        number = to_int(shown["blockNumber"])
        return Log(
            address=checksummed(address_bytes(shown["address"])),
            topics=tuple(to_bytes(topic) for topic in shown["topics"]),
            data=to_bytes(shown["data"]),
            block_number=number,
            block_hash=to_bytes(shown["blockHash"]),
            tx_hash=to_bytes(shown["transactionHash"]),
            position=Position(number, to_int(shown["transactionIndex"]), to_int(shown["logIndex"])),
        )


@cache
def topics() -> tuple[bytes, bytes, bytes]:
    """The first topics of Presented, Acted, Founded."""
    return keccak(_PRESENTED.encode()), keccak(_ACTED.encode()), keccak(_FOUNDED.encode())


def parse_block(shown: dict[str, Any]) -> Block:
    """A block's header; raises KeyError or ValueError."""
    return Block(
        number=to_int(shown["number"]),
        hash=to_bytes(shown["hash"]),
        parent=to_bytes(shown["parentHash"]),
        timestamp=to_int(shown["timestamp"]),
    )


class EventCodec:
    """Knows the two contracts' addresses and the ledger's id, which binds what was signed."""

    def __init__(self, ledger_id: bytes, ledger: str, registry: str) -> None:
        self._ledger_id = ledger_id
        self._ledger = checksummed(address_bytes(ledger))
        self._registry = checksummed(address_bytes(registry))

    def decode(self, log: Log, block: Block) -> LedgerEvent | None:
        """The event, or None for a log that is none of the three. Raises EventMalformed."""
        presented, acted, founded = topics()
        head = (log.address, log.topics[0] if log.topics else b"")
        try:
            if head == (self._ledger, presented):
                return self._presented(log, block)
            if head == (self._registry, acted):
                return _acted(log, block)
            if head == (self._registry, founded):
                return _founded(log, block)
        except (DecodingError, ValueError) as error:
            raise EventMalformed(block=log.block_number, log=log.position.log) from error
        return None

    def _presented(self, log: Log, block: Block) -> Presented:
        s, c, taken, outcomes = decode([SUBMISSION_TYPE, CHUNK_TYPE, "uint64", "bytes"], log.data)
        submission = Submission(self._ledger_id, *s)
        if log.topics[1:] != (submission.org.to_bytes(32, "big"), submission.root):
            raise ValueError("topics differ from data")
        place, number, maker, checker, proof, wraps, entries = c
        chunk = Chunk(place, number, maker, checker, tuple(proof), wraps, entries)
        return Presented(log.position, block, log.tx_hash, submission, chunk, taken, outcomes)

    def encode(self, event: LedgerEvent) -> Log:
        """The log that carries this event: what a contract would have emitted."""
        presented, acted, founded = topics()
        match event:
            case Presented():
                s = event.submission
                heads = (presented, s.org.to_bytes(32, "big"), s.root)
                types = [SUBMISSION_TYPE, CHUNK_TYPE, "uint64", "bytes"]
                body = encode(types, [submission_fields(s), chunk_fields(event.chunk), event.taken, event.outcomes])
                emitter = self._ledger
            case Acted():
                heads = (acted, event.act.org.to_bytes(32, "big"), event.act.kind.to_bytes(32, "big"))
                body = encode([ACT_TYPE, "bytes[]"], [act_fields(event.act), list(event.signatures)])
                emitter = self._registry
            case Founded():
                heads = (founded,)
                governors = [(g.name, g.first, g.second) for g in event.governors]
                body = encode(["bytes32", "uint8", f"{GOVERNOR_TYPE}[]"], [event.registry, event.threshold, governors])
                emitter = self._registry
        block = event.block
        return Log(emitter, heads, body, block.number, block.hash, event.tx_hash, event.position)


def _acted(log: Log, block: Block) -> Acted:
    a, signatures = decode([ACT_TYPE, "bytes[]"], log.data)
    kind, org, number, first, second, code, order_limit, day_limit, data, valid_until = a
    if log.topics[1:] != (org.to_bytes(32, "big"), kind.to_bytes(32, "big")):
        raise ValueError("topics differ from data")
    act = Act(kind, org, number, _checked(first), _checked(second), code, order_limit, day_limit, data, valid_until)
    return Acted(log.position, block, log.tx_hash, act, tuple(signatures))


def _founded(log: Log, block: Block) -> Founded:
    registry, threshold, governors = decode(["bytes32", "uint8", f"{GOVERNOR_TYPE}[]"], log.data)
    founders: Sequence[tuple[str, str, str]] = governors
    named = tuple(Founding(name, _checked(first), _checked(second)) for name, first, second in founders)
    return Founded(log.position, block, log.tx_hash, registry, threshold, named)


def _checked(shown: str) -> str:
    return address(address_bytes(shown))
