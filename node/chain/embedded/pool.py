# SPDX-License-Identifier: Apache-2.0
"""The waiting room: a transaction whose nonce is next is mined at once, a later one waits for those before it."""

from __future__ import annotations

from eth.abc import SignedTransactionAPI

from node.chain.embedded.evm import TRANSACTION_GAS, Evm

_WAITING = 1_000


class Rejected(Exception):
    """The pool does not take the transaction; the text is the one that other clients use."""


class Pool:
    """In memory, as pools are: what waits here is lost with the process, what is mined is not."""

    def __init__(self, evm: Evm) -> None:
        self._evm = evm
        self._waiting: dict[tuple[bytes, int], SignedTransactionAPI] = {}

    def find(self, tx_hash: bytes) -> SignedTransactionAPI | None:
        return next((t for t in self._waiting.values() if t.hash == tx_hash), None)

    def add(self, transaction: SignedTransactionAPI) -> None:
        """Raises Rejected; a transaction that will revert is taken and mined, as everywhere."""
        nonce = self._check(transaction)
        if transaction.nonce > nonce:
            if len(self._waiting) >= _WAITING:
                raise Rejected("txpool is full")
            self._waiting[transaction.sender, transaction.nonce] = transaction
            return
        self._mine(transaction)
        following = nonce + 1
        while (queued := self._waiting.pop((transaction.sender, following), None)) is not None:
            self._mine(queued)
            following += 1

    def _check(self, transaction: SignedTransactionAPI) -> int:
        if self._evm.place_of(transaction.hash) is not None or self.find(transaction.hash) is not None:
            raise Rejected("already known")
        if transaction.gas > TRANSACTION_GAS:
            raise Rejected("exceeds block gas limit")
        if transaction.gas < transaction.intrinsic_gas:
            raise Rejected("intrinsic gas too low")
        state = self._evm.state_at(self._evm.head())
        nonce = state.get_nonce(transaction.sender)
        if transaction.nonce < nonce:
            raise Rejected(f"nonce too low: next nonce {nonce}, tx nonce {transaction.nonce}")
        cost = transaction.gas * transaction.max_fee_per_gas + transaction.value
        if state.get_balance(transaction.sender) < cost:
            raise Rejected("insufficient funds for gas * price + value")
        return nonce

    def _mine(self, transaction: SignedTransactionAPI) -> None:
        try:
            self._evm.mine(transaction)
        except ValueError as error:
            raise Rejected(str(error)) from error
