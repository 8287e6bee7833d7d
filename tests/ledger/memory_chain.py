# SPDX-License-Identifier: Apache-2.0
"""A chain in memory behind ``ports.Chain``: transactions, nonces, a pool, blocks, reorganisations, lost answers.

Blocks are kept with what the state was before them, so that a replaced block is simply left out.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from node.crypto.records import unpack_records
from node.crypto.typed import Domain, entry_hash, ledger_domain
from node.domain.case import Case, LedgerIdentity
from node.domain.digest import keccak
from node.domain.entries import (
    Act,
    Acted,
    Block,
    CaseKey,
    Chunk,
    Founded,
    Founding,
    LedgerEvent,
    Position,
    Presented,
    Submission,
)
from node.domain.errors import AllianceError, Conflict, Unavailable
from node.domain.log import Charge, fold_chunk
from node.domain.members import Members
from node.domain.organisations import checksum
from node.domain.ports import Signer
from node.ledger.verify import ChunkUnproven, prove

CHAIN_ID = 31337
ADDRESS = "0x" + "c5" * 20
GENESIS_TIME = 1_780_000_000
REASONS = {
    "valid_until": "SubmissionExpired",
    "org": "OrgNotActive",
    "pause": "Paused",
    "wraps": "WrapsDiffer",
    "tree": "BadProof",
    "two_people": "SameSigner",
    "service": "ServiceMayNot",
    "form": "TooManyEntries",
    "records": "MalformedEntries",
}


class NoAnswer(Unavailable):
    code = "no_answer"


class NonceTaken(Conflict):
    code = "nonce_taken"


@dataclass(frozen=True)
class State:
    members: Members | None = None
    cases: dict[CaseKey, Case] = field(default_factory=dict)
    charges: dict[int, Charge] = field(default_factory=dict)
    progress: dict[tuple[int, bytes], int] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)
    taken: int = 0


@dataclass
class Mined:
    block: Block
    before: State
    after: State
    events: list[LedgerEvent]
    results: dict[bytes, str]  # transaction hash -> "" or the revert reason
    raws: list[bytes]


class MemoryChain:
    """Automines each transaction unless ``automine`` is off; ``depth``: blocks on top that make one final."""

    def __init__(self, depth: int = 0) -> None:
        self.ledger = LedgerIdentity(keccak(b"ledger"), ADDRESS)
        self.domain: Domain = ledger_domain(CHAIN_ID, ADDRESS)
        self.depth = depth
        self.automine = True
        self.now = GENESIS_TIME
        self.salt = 0
        self.blocks: list[Mined] = []
        self.pool: list[bytes] = []
        self.sent: list[bytes] = []
        self.drop_answers = 0  # so many sends arrive, but their answer does not
        self.drop_sends = 0  # so many sends do not arrive
        self.down = False
        self.log_faults: dict[int, Any] = {}  # block -> function on its events

    # ------------------------------------------------------------------------------------------------- the port

    @property
    def ledger_id(self) -> bytes:
        return self.ledger.id

    def head(self) -> Block:
        self._up()
        return self.blocks[-1].block

    def final_number(self) -> int:
        self._up()
        return len(self.blocks) - 1 - self.depth

    def block(self, number: int) -> Block:
        self._up()
        return self.blocks[number].block

    def events(self, first: int, last: int) -> Iterator[tuple[Block, Sequence[LedgerEvent]]]:
        self._up()
        for mined in list(self.blocks[first : last + 1]):
            events = list(mined.events)
            fault = self.log_faults.get(mined.block.number)
            yield mined.block, fault(events) if fault else events

    def preview(self, org: int, action: int, entries: bytes) -> bytes:
        self._up()
        state, block = self.state, self.blocks[-1].block
        submission = Submission(self.ledger.id, org, action, bytes(32), 1, 0, bytes(32), 0)
        unpacked = unpack_records(entries, action, org)
        chunk = Chunk(0, len(unpacked), b"", b"", (), b"", entries)
        event = Presented(Position(0, 0, 0), block, bytes(32), submission, chunk, 0, b"")
        hashed = [(e, entry_hash(self.ledger.id, e)) for e in unpacked]
        charge = state.charges.get(org, Charge())
        assert state.members is not None
        return fold_chunk(state.cases.get, state.members, self.ledger, event, hashed, charge).outcomes

    def nonce(self, address: str) -> int:
        self._up()
        return self.state.nonces.get(address, 0)

    def sign_present(self, sender: Signer, nonce: int, submission: Submission, chunk: Chunk) -> tuple[bytes, bytes]:
        raw = pickle.dumps((sender.address, nonce, "present", submission, chunk))
        return keccak(raw), raw

    def sign_act(self, sender: Signer, nonce: int, act: Act, signatures: Sequence[bytes]) -> tuple[bytes, bytes]:
        raw = pickle.dumps((sender.address, nonce, "act", act, tuple(signatures)))
        return keccak(raw), raw

    def send_raw(self, raw: bytes) -> None:
        self._up()
        self.sent.append(raw)
        if self.drop_sends:
            self.drop_sends -= 1
            raise NoAnswer
        known = raw in self.pool or self.mined(keccak(raw)) is not None
        address, nonce, *_ = pickle.loads(raw)
        if not known and nonce < self.nonce(address):
            raise NonceTaken
        if not known:
            self.pool.append(raw)
            if self.automine:
                self.mine()
        if self.drop_answers:
            self.drop_answers -= 1
            raise NoAnswer

    def mined(self, tx_hash: bytes) -> bool | None:
        self._up()
        for mined in reversed(self.blocks):
            if tx_hash in mined.results:
                return mined.results[tx_hash] == ""
        return None

    def revert_reason(self, raw: bytes) -> str:
        self._up()
        return next(m.results[keccak(raw)] for m in self.blocks if keccak(raw) in m.results)

    # ------------------------------------------------------------------------------------------------ the miner

    @property
    def state(self) -> State:
        return self.blocks[-1].after

    def found(self, governors: Sequence[Founding], threshold: int) -> None:
        assert not self.blocks
        block = self._next_block()
        event = Founded(Position(0, 0, 0), block, bytes(32), keccak(b"registry"), threshold, tuple(governors))
        self.blocks.append(Mined(block, State(), State(members=Members.found(event)), [event], {}, []))

    def carry_out(self, act: Act) -> None:
        """An act in a block of its own, whoever signed it."""
        block = self._next_block()
        state = self.state
        assert state.members is not None
        members = state.members.apply(act, block.timestamp)
        event = Acted(Position(block.number, 0, 0), block, keccak(pickle.dumps(act)), act, (b"\x01" * 65,))
        self.blocks.append(Mined(block, state, replace(state, members=members), [event], {}, []))

    def mine(self, most: int = 1000) -> Block:
        """One block with what is ready in the pool, in nonce order."""
        block = self._next_block()
        before = state = self.state
        events: list[LedgerEvent] = []
        results: dict[bytes, str] = {}
        raws: list[bytes] = []
        while len(raws) < most:
            ready = next((r for r in self.pool if _nonce_of(r) == state.nonces.get(_sender_of(r), 0)), None)
            if ready is None:
                break
            self.pool.remove(ready)
            state = replace(state, nonces={**state.nonces, _sender_of(ready): _nonce_of(ready) + 1})
            position = Position(block.number, len(raws), len(events))
            state, event, reason = self._execute(ready, state, block, position)
            results[keccak(ready)] = reason
            raws.append(ready)
            if event is not None:
                events.append(event)
        # a transaction whose nonce was used by another can never be mined
        self.pool = [r for r in self.pool if _nonce_of(r) >= state.nonces.get(_sender_of(r), 0)]
        self.blocks.append(Mined(block, before, state, events, results, raws))
        return block

    def empty(self, number: int = 1) -> None:
        pool, self.pool = self.pool, []
        for _ in range(number):
            self.mine()
        self.pool = pool

    def reorg(self, depth: int, *, keep: bool = True, length: int | None = None) -> None:
        """Replace the newest ``depth`` blocks; ``keep``: their transactions go back to the pool (are mined again in the
        first new block), else they are lost. Acts that were carried out are lost."""
        replaced = self.blocks[-depth:]
        del self.blocks[-depth:]
        self.salt += 1
        back = [raw for mined in replaced for raw in mined.raws]
        self.pool = [*back, *self.pool] if keep else []
        for _ in range(depth if length is None else length):
            self.mine()

    def _next_block(self) -> Block:
        number = len(self.blocks)
        self.now += 2
        parent = self.blocks[-1].block.hash if self.blocks else bytes(32)
        return Block(number, keccak(parent + bytes([self.salt]) + number.to_bytes(8, "big")), parent, self.now)

    def _execute(
        self, raw: bytes, state: State, block: Block, position: Position
    ) -> tuple[State, LedgerEvent | None, str]:
        sender, _, kind, first, second = pickle.loads(raw)
        assert state.members is not None
        if kind == "act":
            return self._act(state, block, position, keccak(raw), first, second)
        return self._present(state, block, position, keccak(raw), sender, first, second)

    def _act(
        self, state: State, block: Block, position: Position, tx: bytes, act: Act, signatures: tuple[bytes, ...]
    ) -> tuple[State, LedgerEvent | None, str]:
        assert state.members is not None
        if block.timestamp > act.valid_until:
            return state, None, "ActExpired(1, 2)"
        expected = state.members.next_number(act.org)
        if act.number != expected:
            return state, None, f"ActNumber({expected}, {act.number})"
        members = state.members.apply(act, block.timestamp)
        return replace(state, members=members), Acted(position, block, tx, act, signatures), ""

    def _present(
        self,
        state: State,
        block: Block,
        position: Position,
        tx: bytes,
        sender: str,
        submission: Submission,
        chunk: Chunk,
    ) -> tuple[State, LedgerEvent | None, str]:
        assert state.members is not None
        key = (submission.org, submission.root)
        if not state.members.is_sender(checksum(sender), submission.org, block.timestamp):
            return state, None, f"NotSender({sender}, {submission.org})"
        event = Presented(position, block, tx, submission, chunk, 0, bytes(chunk.number))
        try:
            proven = prove(event, state.members, self.domain)
        except ChunkUnproven as error:
            what = str(error.values["what"])
            reason = "NotOfficer" if what.startswith("officer") else REASONS.get(what, "BadSignature")
            return state, None, f"{reason}(1)"
        except AllianceError as error:
            return state, None, f"Unknown({error.code})"
        expected = state.progress.get(key, 0)
        if chunk.place != expected:
            return state, None, f"OutOfPlace({expected}, {chunk.place})"
        charge = state.charges.get(submission.org, Charge())
        folded = fold_chunk(state.cases.get, state.members, self.ledger, event, proven.entries, charge)
        taken = state.taken + folded.outcomes.count(0)
        after = replace(
            state,
            cases={**state.cases, **folded.cases},
            charges={**state.charges, submission.org: folded.charge},
            progress={**state.progress, key: expected + chunk.number},
            taken=taken,
        )
        return after, replace(event, taken=taken, outcomes=folded.outcomes), ""

    def _up(self) -> None:
        if self.down:
            raise NoAnswer


def _sender_of(raw: bytes) -> str:
    return pickle.loads(raw)[0]


def _nonce_of(raw: bytes) -> int:
    return pickle.loads(raw)[1]
