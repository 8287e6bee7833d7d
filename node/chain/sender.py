# SPDX-License-Identifier: Apache-2.0
"""Transactions out: what they may cost, how much gas they get, and what the network's answer to them means."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from node.chain.connection import Connection
from node.chain.failures import AlreadyKnown, GasOutOfRange, NonceUsed, Underpriced
from node.chain.hexes import data, to_bytes, to_int
from node.chain.solidity_errors import Reverted
from node.chain.transactions import Intent, Price, sign
from node.domain.digest import keccak
from node.domain.errors import AllianceError, Unavailable
from node.domain.ports import Signer

GAS_CAP: Final = 2**24  # EIP-7825: no transaction gets more on a chain that follows Osaka
_TIP_WEI = 10**9


class NotMined(Unavailable):
    """A transaction that is in no block yet. Values: ``waited_s``."""

    code = "transaction_not_mined"


class Sender:
    """Builds, signs and hands over. The nonce is the caller's: by the mined count, kept in its outbox."""

    def __init__(self, connection: Connection, chain_id: int) -> None:
        self._connection = connection
        self._chain_id = chain_id

    def nonce(self, address: str) -> int:
        """By the mined count, never by what is pending: a dropped transaction must leave no gap."""
        return to_int(self._connection.read("eth_getTransactionCount", address, "latest"))

    def price(self) -> Price:
        """Nothing where the base fee is zero, whatever the network says about tips; else enough for six full blocks."""
        head: dict[str, Any] = self._connection.read("eth_getBlockByNumber", "latest", False)
        base_fee = head.get("baseFeePerGas")
        if base_fee is None:
            return Price(to_int(self._connection.read("eth_gasPrice")), None)
        base_wei = to_int(base_fee)
        return Price(0, 0) if base_wei == 0 else Price(2 * base_wei + _TIP_WEI, _TIP_WEI)

    def build(self, signer: Signer, nonce: int, to: str | None, call: bytes, gas: int) -> tuple[bytes, bytes]:
        """(hash, raw bytes) of a signed transaction; ``gas`` is cut to ``GAS_CAP``. Sends nothing."""
        intent = Intent(self._chain_id, nonce, to, call, min(gas, GAS_CAP))
        return sign(intent, self.price(), signer)

    def estimate(self, sender: str, to: str | None, call: bytes) -> int:
        """Gas for this transaction now, a third on top. Raises the contract's error where it would revert."""
        wanted = {"from": sender, "data": data(call), **({} if to is None else {"to": to})}
        return to_int(self._connection.read("eth_estimateGas", wanted)) * 4 // 3

    def send_raw(self, raw: bytes) -> None:
        """Hand over. No error where the network has it already, waiting or mined, also if it reverted in a block
        (Hardhat says so at once). Raises NonceUsed only for a nonce that another transaction took.
        """
        tx_hash = keccak(raw)
        if self.receipt(tx_hash) is not None:  # Ganache would execute a mined one again where its nonce is 0
            return
        try:
            self._connection.send("eth_sendRawTransaction", data(raw))
        except AlreadyKnown:
            return
        except (NonceUsed, Underpriced, Reverted):
            if not self.known(tx_hash):
                raise

    def known(self, tx_hash: bytes) -> bool:
        """Whether the network has the transaction, in a block or waiting."""
        return self._connection.read("eth_getTransactionByHash", data(tx_hash)) is not None

    def receipt(self, tx_hash: bytes) -> dict[str, Any] | None:
        """The receipt as the network shows it, or None while it is in no block."""
        return self._connection.read("eth_getTransactionReceipt", data(tx_hash))

    def wait(
        self, tx_hash: bytes, timeout_s: float = 60.0, sleep: Callable[[float], None] = time.sleep
    ) -> dict[str, Any]:
        """Look for the receipt until it is there. For deployments; the outbox never waits. Raises NotMined."""
        waited_s, pause_s = 0.0, 0.05
        while (found := self.receipt(tx_hash)) is None:
            if waited_s >= timeout_s:
                raise NotMined(waited_s=int(waited_s))
            sleep(pause_s)
            waited_s += pause_s
            pause_s = min(1.0, pause_s * 1.5)
        return found

    def why_reverted(self, sender: str, to: bytes, call: bytes, gas: int, block: int) -> str:
        """The error's name and arguments, by executing on the state before ``block``; ``Unknown`` where that passes.

        Where several transactions of a block depend on each other, the one before is missing in that state.
        """
        wanted = {"from": sender, "to": data(to), "data": data(call), "gas": hex(gas)}
        try:
            self._connection.read("eth_call", wanted, hex(max(0, block - 1)))
        except Reverted as error:
            return error.reason
        except GasOutOfRange:
            return "OutOfGas()"
        except AllianceError as error:
            return f"Unknown({error.code})"
        return "Unknown()"

    def code(self, address: str) -> bytes:
        """The runtime code at an address, empty where there is none."""
        return to_bytes(self._connection.read("eth_getCode", address, "latest"))
