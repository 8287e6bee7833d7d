# SPDX-License-Identifier: Apache-2.0
"""The JSON-RPC methods of the embedded chain, one function each. What a method raises becomes the answer's error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth.abc import BlockHeaderAPI, StateAPI
from eth_typing import Address

from node.chain.embedded import render
from node.chain.embedded.evm import Call, Evm, Outcome
from node.chain.embedded.faucet import Faucet
from node.chain.embedded.logs import LogFilter, find_logs
from node.chain.embedded.pool import Pool, Rejected
from node.chain.hexes import address, data, quantity, to_bytes, to_int

CLIENT_VERSION = "alliance-embedded/0.1.0"
_TAGS = ("latest", "safe", "finalized", "pending")


At = str | dict[str, Any]


class RpcError(Exception):
    """An error answer: code, message, and revert data where there is some."""

    def __init__(self, code: int, message: str, revert_data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.revert_data = revert_data


class Methods:
    """Every method by name; single-threaded, the server holds the lock."""

    def __init__(self, evm: Evm, faucet: Faucet) -> None:
        self._evm = evm
        self._pool = Pool(evm)
        self._faucet = faucet
        self._table: dict[str, Callable[..., Any]] = {
            "eth_chainId": lambda: quantity(evm.chain_id),
            "net_version": lambda: str(evm.chain_id),
            "web3_clientVersion": lambda: CLIENT_VERSION,
            "eth_syncing": lambda: False,
            "eth_accounts": list,
            "eth_blockNumber": lambda: quantity(evm.head().block_number),
            "eth_gasPrice": lambda: quantity(0),
            "eth_maxPriorityFeePerGas": lambda: quantity(0),
            "eth_feeHistory": self._fee_history,
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getTransactionCount": self._nonce,
            "eth_getBalance": self._balance,
            "eth_getCode": self._code,
            "eth_getStorageAt": self._storage,
            "eth_call": self._call,
            "eth_estimateGas": self._estimate,
            "eth_sendRawTransaction": self._send_raw,
            "eth_getLogs": self._logs,
            "evm_mine": self._mine,
            "evm_increaseTime": self._increase_time,
            "evm_setNextBlockTimestamp": self._set_next_time,
            "alliance_fund": self._fund,
        }

    def answer(self, method: str, params: list[Any]) -> Any:
        """Raises RpcError, whatever went wrong with the request."""
        function = self._table.get(method)
        if function is None:
            raise RpcError(-32601, f"the method {method} does not exist/is not available")
        try:
            return function(*params)
        except Rejected as error:
            raise RpcError(-32000, str(error)) from error
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise RpcError(-32602, f"invalid params: {type(error).__name__}: {error}") from error

    # ---- blocks

    def _header(self, at: At) -> BlockHeaderAPI:
        if isinstance(at, dict):
            return (
                self._evm.header_of(to_bytes(at["blockHash"])) if "blockHash" in at else self._header(at["blockNumber"])
            )
        if at in _TAGS:
            return self._evm.head()
        if at == "earliest":
            return self._evm.header_at(0)
        return self._evm.header_at(to_int(at))

    def _state(self, at: At) -> StateAPI:
        try:
            return self._evm.state_at(self._header(at))
        except KeyError:
            raise RpcError(-32000, "header not found") from None

    def _block_by_number(self, at: str, full: bool = False) -> Any:
        try:
            return self._block(self._header(at), full)
        except KeyError:
            return None

    def _block_by_hash(self, block_hash: str, full: bool = False) -> Any:
        try:
            return self._block(self._evm.header_of(to_bytes(block_hash)), full)
        except KeyError:
            return None

    def _block(self, header: BlockHeaderAPI, full: bool) -> render.Json:
        return render.block(header, self._evm.transactions(header.block_number), full)

    def _fee_history(self, count: str | int, newest: str = "latest", percentiles: list[float] | None = None) -> Any:
        last = self._header(newest).block_number
        first = max(0, last + 1 - min(_number(count), 1024))
        headers = [self._evm.header_at(n) for n in range(first, last + 1)]
        return {
            "oldestBlock": quantity(first),
            "baseFeePerGas": [quantity(0)] * (len(headers) + 1),
            "gasUsedRatio": [h.gas_used / h.gas_limit for h in headers],
            "reward": [[quantity(0)] * len(percentiles or []) for _ in headers],
        }

    # ---- transactions

    def _transaction(self, tx_hash: str) -> Any:
        wanted = to_bytes(tx_hash)
        place = self._evm.place_of(wanted)
        if place is None:
            waiting = self._pool.find(wanted)
            return None if waiting is None else render.transaction(waiting, None, None)
        number, index = place
        return render.transaction(self._evm.transactions(number)[index], self._evm.header_at(number), index)

    def _receipt(self, tx_hash: str) -> Any:
        place = self._evm.place_of(to_bytes(tx_hash))
        if place is None:
            return None
        number, index = place
        transaction = self._evm.transactions(number)[index]
        return render.receipt(transaction, self._evm.receipts(number), index, self._evm.header_at(number))

    def _send_raw(self, raw: str) -> str:
        try:
            transaction = self._evm.decode_transaction(to_bytes(raw))
        except ValueError as error:
            raise Rejected(str(error)) from error
        self._pool.add(transaction)
        return data(transaction.hash)

    def _fund(self, who: str, amount_wei: str = quantity(10**18)) -> str:
        nonce = self._evm.state_at(self._evm.head()).get_nonce(Address(self._faucet.address))
        raw = self._faucet.transfer(nonce, to_bytes(who), to_int(amount_wei))
        return self._send_raw(data(raw))

    # ---- state, calls and logs

    def _nonce(self, who: str, at: At = "latest") -> str:
        return quantity(self._state(at).get_nonce(Address(to_bytes(who))))

    def _balance(self, who: str, at: At = "latest") -> str:
        return quantity(self._state(at).get_balance(Address(to_bytes(who))))

    def _code(self, who: str, at: At = "latest") -> str:
        return data(self._state(at).get_code(Address(to_bytes(who))))

    def _storage(self, who: str, slot: str, at: At = "latest") -> str:
        return data(self._state(at).get_storage(Address(to_bytes(who)), to_int(slot)).to_bytes(32, "big"))

    def _try(self, call: dict[str, Any], at: At) -> Outcome:
        try:
            after = self._header(at)
        except KeyError:
            raise RpcError(-32000, "header not found") from None
        outcome = self._evm.call(
            Call(
                sender=to_bytes(call.get("from") or address(bytes(20))),
                to=to_bytes(call.get("to") or "0x"),
                data=to_bytes(call.get("input") or call.get("data") or "0x"),
                value=to_int(call.get("value") or "0x0"),
                gas=to_int(call["gas"]) if call.get("gas") else None,
            ),
            after,
        )
        if outcome.reverted:
            raise RpcError(3, "execution reverted", data(outcome.output))
        if outcome.error is not None:
            raise RpcError(-32000, outcome.error)
        return outcome

    def _call(self, call: dict[str, Any], at: At = "latest", _overrides: Any = None) -> str:
        return data(self._try(call, at).output)

    def _estimate(self, call: dict[str, Any], at: At = "latest") -> str:
        used = self._try(call, at).gas
        # An inner call gets 63/64 of what is left (EIP-150): what it needed must fit into that.
        return quantity(used + used // 63 + 1 if used > 21_000 else used)

    def _logs(self, query: dict[str, Any]) -> list[render.Json]:
        if "blockHash" in query:
            try:
                number = self._evm.header_of(to_bytes(query["blockHash"])).block_number
            except KeyError:
                raise RpcError(-32000, "unknown block") from None
            first = last = number
        else:
            head = self._evm.head().block_number
            first = self._number_of(query.get("fromBlock", "latest"), head)
            last = min(head, self._number_of(query.get("toBlock", "latest"), head))
        if first > last:
            return []
        return list(find_logs(self._evm, LogFilter.parse(query), first, last))

    @staticmethod
    def _number_of(at: str, head: int) -> int:
        if at in _TAGS:
            return head
        return 0 if at == "earliest" else to_int(at)

    # ---- for tests and the demo: block time

    def _mine(self, options: Any = None) -> str:
        if isinstance(options, (int, str)):
            self._evm.set_next_time(_number(options))
        self._evm.mine()
        return quantity(0)

    def _increase_time(self, seconds: int | str) -> str:
        return quantity(self._evm.increase_time(_number(seconds)))

    def _set_next_time(self, timestamp: int | str) -> str:
        self._evm.set_next_time(_number(timestamp))
        return quantity(_number(timestamp))


def _number(value: int | str) -> int:
    if isinstance(value, int):
        return value
    return to_int(value) if value.startswith("0x") else int(value)
