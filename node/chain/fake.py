# SPDX-License-Identifier: Apache-2.0
"""The chain port in memory, with the failures of real networks at command: reorganisations, answers that get lost,
transactions that are known and never mined, logs that are left out. For the tests of the floors above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from node.chain.contracts import act_call, present_call
from node.chain.failures import BlockMissing, ChainMoved, NonceUsed
from node.chain.fake_contracts import Contracts, Place, State, carry_act, judge, present
from node.crypto.typed import ledger_domain, registry_domain
from node.domain.case import LedgerIdentity
from node.domain.digest import keccak
from node.domain.entries import Act, Block, Chunk, Founded, Founding, LedgerEvent, Position, Submission
from node.domain.errors import AllianceError
from node.domain.members import Members
from node.domain.ports import Signer

_LEDGER = "0x" + "1d" * 20
_REGISTRY = "0x" + "2e" * 20


@dataclass(frozen=True, slots=True)
class _Transaction:
    sender: str
    nonce: int
    call: tuple[Act, Sequence[bytes]] | tuple[Submission, Chunk]
    raw: bytes

    @property
    def hash(self) -> bytes:
        return keccak(self.raw)


@dataclass(frozen=True, slots=True)
class _Mined:
    block: Block
    events: tuple[LedgerEvent, ...]
    state: State
    transactions: tuple[_Transaction, ...]
    reverted: dict[bytes, str]


@dataclass(slots=True)
class _Fault:
    error: AllianceError
    after: bool  # the work is done, only the answer gets lost
    times: int


@dataclass(slots=True)
class _Faults:
    by_method: dict[str, list[_Fault]] = field(default_factory=dict[str, list[_Fault]])

    def strike(self, method: str, after: bool) -> None:
        for fault in self.by_method.get(method, []):
            if fault.after is after and fault.times > 0:
                fault.times -= 1
                raise fault.error


class FakeChain:
    """``depth``: blocks on top that make a block final (0: at once). Mines a block a transaction unless ``hold()``.

    Restart a node by giving it the same object again.
    """

    def __init__(
        self,
        governors: Sequence[Founding],
        threshold: int = 2,
        chain_id: int = 1337,
        genesis_time: int = 1_700_000_000,
        depth: int = 0,
    ) -> None:
        self.chain_id = chain_id
        self.ledger_address, self.registry_address = _LEDGER, _REGISTRY
        self.registry_id = keccak(b"fake registry")
        self.depth = depth
        self._contracts = Contracts(
            LedgerIdentity(keccak(b"fake ledger"), _LEDGER),
            ledger_domain(chain_id, _LEDGER),
            registry_domain(chain_id, _REGISTRY),
        )
        self._branch = 0
        self._now = genesis_time
        self._held = False
        self._stuck: set[bytes] = set()
        self._hidden: Callable[[LedgerEvent], bool] = _nothing_hidden
        self._faults = _Faults()
        self._built: dict[bytes, _Transaction] = {}
        self._pool: list[_Transaction] = []
        first = self._header(0, bytes(32))
        founded = Founded(Position(0, 0, 0), first, keccak(b"founding"), self.registry_id, threshold, tuple(governors))
        self._chain = [_Mined(first, (founded,), State(Members.found(founded)), (), {})]

    # ---- the port

    @property
    def ledger_id(self) -> bytes:
        return self._contracts.ledger.id

    def head(self) -> Block:
        self._faults.strike("head", False)
        return self._chain[-1].block

    def final_number(self) -> int:
        self._faults.strike("final_number", False)
        return max(-1, len(self._chain) - 1 - self.depth)

    def block(self, number: int) -> Block:
        self._faults.strike("block", False)
        if not 0 <= number < len(self._chain):
            raise BlockMissing(block=number)
        return self._chain[number].block

    def events(self, first: int, last: int) -> Iterator[tuple[Block, Sequence[LedgerEvent]]]:
        self._faults.strike("events", False)
        parent: bytes | None = None
        for number in range(first, last + 1):
            if number >= len(self._chain):
                raise BlockMissing(block=number)
            mined = self._chain[number]
            if parent is not None and mined.block.parent != parent:
                raise ChainMoved(block=number)  # a reorganisation between two blocks that were asked for
            parent = mined.block.hash
            yield mined.block, [e for e in mined.events if not self._hidden(e)]

    def preview(self, org: int, action: int, entries: bytes) -> bytes:
        self._faults.strike("preview", False)
        place = Place("0x" + 40 * "0", Position(0, 0, 0), self._next_header(), bytes(32))
        return judge(self._chain[-1].state, self._contracts, place, org, action, entries)

    def nonce(self, address: str) -> int:
        self._faults.strike("nonce", False)
        return self._chain[-1].state.nonces.get(address, 0)

    def sign_present(self, sender: Signer, nonce: int, submission: Submission, chunk: Chunk) -> tuple[bytes, bytes]:
        return self._build(sender, nonce, (submission, chunk), present_call(submission, chunk))

    def sign_act(self, sender: Signer, nonce: int, act: Act, signatures: Sequence[bytes]) -> tuple[bytes, bytes]:
        return self._build(sender, nonce, (act, tuple(signatures)), act_call(act, signatures))

    def send_raw(self, raw: bytes) -> None:
        self._faults.strike("send_raw", False)
        transaction = self._built[keccak(raw)]
        if transaction not in self._pool and self.mined(transaction.hash) is None:
            if transaction.nonce < self._chain[-1].state.nonces.get(transaction.sender, 0):
                raise NonceUsed(detail="nonce too low")
            self._pool.append(transaction)
            if not self._held:
                self._mine_ready()
        self._faults.strike("send_raw", True)

    def mined(self, tx_hash: bytes) -> bool | None:
        self._faults.strike("mined", False)
        for made in self._chain:
            if any(t.hash == tx_hash for t in made.transactions):
                return tx_hash not in made.reverted
        return None

    def revert_reason(self, raw: bytes) -> str:
        for made in self._chain:
            if keccak(raw) in made.reverted:
                return made.reverted[keccak(raw)]
        return "NotReverted()"

    # ---- the script

    @property
    def state(self) -> State:
        """What stands on the chain after its head, for a test to compare with."""
        return self._chain[-1].state

    def advance(self, seconds: int) -> None:
        """Move block time forward; the next block has it."""
        self._now += seconds

    def mine(self, blocks: int = 1) -> None:
        """Make blocks; the first takes every waiting transaction that is ready."""
        for _ in range(blocks):
            self._append(self._ready())

    def hold(self) -> None:
        """From now on the network takes transactions and makes no block by itself."""
        self._held = True

    def release(self) -> None:
        """Mine what waits, and everything at once from now on."""
        self._held = False
        self._mine_ready()

    def stick(self, tx_hash: bytes) -> None:
        """This transaction is known and never mined, until ``unstick``."""
        self._stuck.add(tx_hash)

    def unstick(self) -> None:
        self._stuck.clear()

    def forget_pool(self) -> None:
        """What waits is gone, as after a restart of the network's node."""
        self._pool.clear()

    def hide(self, hidden: Callable[[LedgerEvent], bool] | None) -> None:
        """Leave these events out of every answer, as a damaged index does; None: tell all again."""
        self._hidden = hidden or _nothing_hidden

    def fail(self, method: str, error: AllianceError, times: int = 1, after: bool = False) -> None:
        """The next calls of a port method raise ``error``. ``after`` (send_raw): the work is done, the answer lost."""
        self._faults.by_method.setdefault(method, []).append(_Fault(error, after, times))

    def reorganise(self, depth: int, keep: bool = True, longer_by: int = 1) -> None:
        """Replace the newest ``depth`` blocks by ``depth + longer_by`` others. Their transactions are mined again in
        the last of these, or go back to nobody where ``keep`` is False.
        """
        if not 0 < depth < len(self._chain):
            raise ValueError("the genesis block stays")
        gone = self._chain[-depth:]
        del self._chain[-depth:]
        self._branch += 1
        back = [t for made in gone for t in made.transactions]
        for _ in range(depth + longer_by - 1):
            self._append([])
        self._pool = [*(back if keep else []), *self._pool]
        self._append(self._ready())

    # ---- making blocks

    def _build(
        self, sender: Signer, nonce: int, call: tuple[Act, Sequence[bytes]] | tuple[Submission, Chunk], data: bytes
    ) -> tuple[bytes, bytes]:
        body = nonce.to_bytes(8, "big") + data
        raw = body + sender.sign_digest(keccak(body))
        transaction = _Transaction(sender.address, nonce, call, raw)
        self._built[transaction.hash] = transaction
        return transaction.hash, raw

    def _mine_ready(self) -> None:
        while ready := self._ready()[:1]:
            self._append(ready)

    def _ready(self) -> list[_Transaction]:
        nonces = dict(self._chain[-1].state.nonces)
        ready: list[_Transaction] = []
        for transaction in sorted(self._pool, key=lambda t: t.nonce):
            if transaction.nonce == nonces.get(transaction.sender, 0) and transaction.hash not in self._stuck:
                ready.append(transaction)
                nonces[transaction.sender] = transaction.nonce + 1
        return ready

    def _header(self, number: int, parent: bytes) -> Block:
        identity = number.to_bytes(8, "big") + parent + self._branch.to_bytes(4, "big") + self._now.to_bytes(8, "big")
        return Block(number, keccak(identity), parent, self._now)

    def _next_header(self) -> Block:
        head = self._chain[-1].block
        return self._header(head.number + 1, head.hash)

    def _append(self, transactions: Sequence[_Transaction]) -> None:
        block, state = self._next_header(), self._chain[-1].state
        events: list[LedgerEvent] = []
        reverted: dict[bytes, str] = {}
        for index, transaction in enumerate(transactions):
            place = Place(transaction.sender, Position(block.number, index, len(events)), block, transaction.hash)
            try:
                state, event = self._execute(state, place, transaction)
                events.append(event)
            except AllianceError as error:
                shown = ", ".join(f"{k}={v}" for k, v in error.values.items())
                reverted[transaction.hash] = f"{type(error).__name__}({shown})"
            state = replace(state, nonces={**state.nonces, transaction.sender: transaction.nonce + 1})
        self._chain.append(_Mined(block, tuple(events), state, tuple(transactions), reverted))
        self._pool = [t for t in self._pool if t not in transactions]

    def _execute(self, state: State, place: Place, transaction: _Transaction) -> tuple[State, LedgerEvent]:
        what, rest = transaction.call
        if isinstance(what, Act):
            assert not isinstance(rest, Chunk)
            return carry_act(state, self._contracts, place, what, rest)
        assert isinstance(rest, Chunk)
        return present(state, self._contracts, place, what, rest)


def _nothing_hidden(_event: LedgerEvent) -> bool:
    return False
