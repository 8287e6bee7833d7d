# SPDX-License-Identifier: Apache-2.0
"""py-evm's chain under paris rules: one block a transaction, free gas, block time that follows the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from eth.abc import BlockHeaderAPI, ComputationAPI, ReceiptAPI, SignedTransactionAPI, StateAPI
from eth.chains.base import Chain
from eth.constants import CREATE_CONTRACT_ADDRESS
from eth.db.atomic import AtomicDB
from eth.exceptions import HeaderNotFound, OutOfGas, Revert, TransactionNotFound
from eth.vm.forks.paris import ParisVM
from eth.vm.message import Message
from eth_typing import Address, BlockNumber, Hash32
from eth_utils.exceptions import ValidationError

from node.chain.embedded.database import SqliteDatabase
from node.domain.digest import keccak

BLOCK_GAS = 60_000_000
# Half a block: the base fee of a chain with one such transaction a block stays at zero for ever (EIP-1559).
TRANSACTION_GAS = BLOCK_GAS // 2
_AHEAD_KEY = b"alliance:clock-ahead-s"


class AllianceVM(ParisVM):
    """Paris, but blocks may share a second: block time then follows the clock however fast transactions come."""

    @classmethod
    def validate_header(cls, header: BlockHeaderAPI, parent_header: BlockHeaderAPI) -> None:
        if header.timestamp == parent_header.timestamp:
            header = header.copy(timestamp=header.timestamp + 1)
        super().validate_header(header, parent_header)


@dataclass(frozen=True, slots=True)
class Call:
    """One message to execute without recording it; ``to`` empty creates a contract. Gas None: all that is allowed."""

    sender: bytes
    to: bytes
    data: bytes
    value: int = 0
    gas: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call gave: output or revert data, the gas it needs, the error's name where it failed."""

    output: bytes
    gas: int
    error: str | None
    reverted: bool


class Evm:
    """The chain's state and its rules. Not thread-safe: the server serialises the calls.

    ``now`` gives Unix seconds; block time is that plus what tests have put it ahead, never going back.
    """

    def __init__(
        self,
        database: SqliteDatabase,
        chain_id: int,
        genesis_time: int,
        alloc: Mapping[bytes, int],
        now: Callable[[], int],
    ) -> None:
        self._database = database
        self._now = now
        self.chain_id = chain_id
        chain_class = _chain_class(chain_id)
        atomic = AtomicDB(database)
        if b"v1:canonical_head_hash" in database:
            self._chain = chain_class(atomic)
        else:
            with database.transaction():
                self._chain = _found(chain_class, atomic, genesis_time, alloc)
        self._ahead_s = int.from_bytes(database[_AHEAD_KEY], "big") if _AHEAD_KEY in database else 0
        self._next_time: int | None = None
        self.header_at = lru_cache(maxsize=8192)(self._header_at)  # there are no reorganisations here
        self.receipts = lru_cache(maxsize=512)(self._receipts)
        self.transactions = lru_cache(maxsize=512)(self._transactions)

    # ---- reading

    def head(self) -> BlockHeaderAPI:
        return self._chain.get_canonical_head()

    def _header_at(self, number: int) -> BlockHeaderAPI:
        """Raises KeyError where there is no such block yet."""
        try:
            return self._chain.get_canonical_block_header_by_number(BlockNumber(number))
        except HeaderNotFound:
            raise KeyError(number) from None

    def header_of(self, block_hash: bytes) -> BlockHeaderAPI:
        """Raises KeyError for an unknown hash."""
        try:
            return self._chain.get_block_header_by_hash(Hash32(block_hash))
        except HeaderNotFound:
            raise KeyError(block_hash.hex()) from None

    def _transactions(self, number: int) -> tuple[SignedTransactionAPI, ...]:
        builder = AllianceVM.get_transaction_builder()
        return self._chain.chaindb.get_block_transactions(self.header_at(number), builder)

    def _receipts(self, number: int) -> tuple[ReceiptAPI, ...]:
        return tuple(self._chain.chaindb.get_receipts(self.header_at(number), AllianceVM.get_receipt_builder()))

    def place_of(self, tx_hash: bytes) -> tuple[int, int] | None:
        """Block number and index of a mined transaction."""
        try:
            return self._chain.get_canonical_transaction_index(Hash32(tx_hash))
        except TransactionNotFound:
            return None

    def state_at(self, header: BlockHeaderAPI) -> StateAPI:
        """The state after that block."""
        return self._chain.get_vm(header).state

    # ---- time

    def increase_time(self, seconds: int) -> int:
        """Put block time ahead of the clock, for good; gives the total in seconds."""
        self._ahead_s += seconds
        self._database[_AHEAD_KEY] = self._ahead_s.to_bytes(8, "big")
        return self._ahead_s

    def set_next_time(self, timestamp: int) -> None:
        """The next block gets this time, and later ones go on from there. Raises ValueError if it lies behind."""
        if timestamp < self.head().timestamp:
            raise ValueError("timestamp lies before the head's")
        self.increase_time(max(0, timestamp - self._now() - self._ahead_s))
        self._next_time = timestamp

    def next_time(self) -> int:
        wanted = self._next_time if self._next_time is not None else self._now() + self._ahead_s
        return max(wanted, self.head().timestamp)

    # ---- writing

    def decode_transaction(self, raw: bytes) -> SignedTransactionAPI:
        """Raises ValueError where the bytes are no valid signed transaction of this chain."""
        try:
            transaction = AllianceVM.get_transaction_builder().decode(raw)
            transaction.validate()
            chain_id = transaction.chain_id
        except Exception as error:  # rlp, eth_keys and py-evm each have their own family
            raise ValueError("invalid transaction") from error
        if chain_id != self.chain_id:
            raise ValueError("invalid chain id")
        return transaction

    def mine(self, transaction: SignedTransactionAPI | None = None) -> BlockHeaderAPI:
        """Append one block. Raises ValueError where the transaction cannot stand in it."""
        header = self._child_of(self.head())
        transactions = [] if transaction is None else [transaction]
        with self._database.transaction():
            try:
                vm = self._chain.get_vm(header)
                filled, receipts, _ = vm.apply_all_transactions(transactions, header)
                block = vm.set_block_transactions_and_withdrawals(vm.get_block(), filled, transactions, receipts)
                mined = vm.mine_block(block).block
                self._chain.persist_block(mined)
            except ValidationError as error:
                raise ValueError(str(error)) from error
        self._next_time = None
        return mined.header

    def _child_of(self, parent: BlockHeaderAPI) -> BlockHeaderAPI:
        head = self.head()
        if parent.block_number < head.block_number:
            timestamp = self.header_at(parent.block_number + 1).timestamp
        else:
            timestamp = self.next_time()
        number = (parent.block_number + 1).to_bytes(8, "big")
        return self._chain.create_header_from_parent(
            parent, timestamp=timestamp, gas_limit=BLOCK_GAS, mix_hash=keccak(parent.hash + number)
        )

    # ---- trying

    def call(self, call: Call, after: BlockHeaderAPI) -> Outcome:
        """Execute on the state after that block, as the block behind it would; nothing is kept."""
        state = self._chain.get_vm(self._child_of(after)).state
        intrinsic = _intrinsic_gas(call)
        allowed = min(call.gas or TRANSACTION_GAS, TRANSACTION_GAS)
        if allowed < intrinsic:
            return Outcome(b"", intrinsic, "out of gas: intrinsic gas too low", False)
        computation = _execute(state, call, allowed - intrinsic)
        error = computation.error if computation.is_error else None
        # Refunds come only at the end: the limit has to cover the gas before them.
        used = allowed - computation.get_gas_remaining()
        return Outcome(computation.output, used, None if error is None else _name(error), isinstance(error, Revert))


def _name(error: Exception) -> str:
    if isinstance(error, Revert):
        return "execution reverted"
    return "out of gas" if isinstance(error, OutOfGas) else f"execution failed: {type(error).__name__}"


def _chain_class(id_of_chain: int) -> type[Chain]:
    class EmbeddedChain(Chain):
        chain_id = id_of_chain
        vm_configuration = ((BlockNumber(0), AllianceVM),)

    return EmbeddedChain


def _found(chain_class: type[Chain], database: AtomicDB, genesis_time: int, alloc: Mapping[bytes, int]) -> Chain:
    state: dict[Any, Any] = {
        Address(address): {"balance": wei, "nonce": 0, "code": b"", "storage": {}} for address, wei in alloc.items()
    }
    params: dict[str, Any] = {
        "difficulty": 0,
        "gas_limit": BLOCK_GAS,
        "timestamp": genesis_time,
        "base_fee_per_gas": 0,
        "extra_data": b"alliance embedded",
    }
    return cast(Chain, chain_class.from_genesis(database, params, state))


def _intrinsic_gas(call: Call) -> int:
    zeros = call.data.count(0)
    creation = 32_000 if not call.to else 0
    return 21_000 + creation + 4 * zeros + 16 * (len(call.data) - zeros)


def _execute(state: StateAPI, call: Call, gas: int) -> ComputationAPI:
    sender, to = Address(call.sender), Address(call.to)
    creates = call.to == CREATE_CONTRACT_ADDRESS
    # eth_call asks nobody for money: what the value needs is lent, in a state that is thrown away.
    state.set_balance(sender, max(state.get_balance(sender), call.value))
    state.mark_address_warm(sender)
    target = Address(keccak(b"alliance call" + call.data)[12:]) if creates else to
    state.mark_address_warm(target)
    state.lock_changes()
    message = Message(
        gas=gas,
        to=to,
        sender=sender,
        value=call.value,
        data=b"" if creates else call.data,
        code=call.data if creates else state.get_code(to),
        create_address=target if creates else cast(Address, None),  # py-evm's annotation forgets its default
    )
    context = state.get_transaction_context_class()(gas_price=0, origin=sender)
    apply = state.computation_class.apply_create_message if creates else state.computation_class.apply_message
    return apply(state, message, context)
