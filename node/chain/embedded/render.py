# SPDX-License-Identifier: Apache-2.0
"""Blocks, transactions, receipts and logs as JSON-RPC shows them (the Ethereum execution API's field names)."""

from __future__ import annotations

from typing import Any, cast

import rlp  # pyright: ignore[reportMissingTypeStubs]
from eth.abc import BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI

from node.chain.hexes import address, data, quantity
from node.domain.digest import keccak

Json = dict[str, Any]


def block(header: BlockHeaderAPI, transactions: tuple[SignedTransactionAPI, ...], full: bool) -> Json:
    return {
        "number": quantity(header.block_number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "timestamp": quantity(header.timestamp),
        "nonce": data(header.nonce),
        "sha3Uncles": data(header.uncles_hash),
        "logsBloom": data(header.bloom.to_bytes(256, "big")),
        "transactionsRoot": data(header.transaction_root),
        "stateRoot": data(header.state_root),
        "receiptsRoot": data(header.receipt_root),
        "miner": address(header.coinbase),
        "difficulty": quantity(header.difficulty),
        "totalDifficulty": quantity(header.difficulty),
        "mixHash": data(header.mix_hash),
        "extraData": data(header.extra_data),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "baseFeePerGas": quantity(header.base_fee_per_gas or 0),
        "size": quantity(0),
        "uncles": [],
        "transactions": [
            transaction(t, header, index) if full else data(t.hash) for index, t in enumerate(transactions)
        ],
    }


def transaction(t: SignedTransactionAPI, header: BlockHeaderAPI | None, index: int | None) -> Json:
    kind = 0 if t.type_id is None else t.type_id
    shown: Json = {
        "hash": data(t.hash),
        "nonce": quantity(t.nonce),
        "from": address(t.sender),
        "to": address(t.to) if t.to else None,
        "value": quantity(t.value),
        "gas": quantity(t.gas),
        "gasPrice": quantity(t.max_fee_per_gas),
        "input": data(t.data),
        "type": quantity(kind),
        "chainId": None if t.chain_id is None else quantity(t.chain_id),
        "v": quantity(t.y_parity if kind else t.y_parity + 35 + 2 * (t.chain_id or 0)),
        "r": quantity(t.r),
        "s": quantity(t.s),
        "blockHash": None if header is None else data(header.hash),
        "blockNumber": None if header is None else quantity(header.block_number),
        "transactionIndex": None if index is None else quantity(index),
    }
    if kind == 2:
        shown["maxFeePerGas"] = quantity(t.max_fee_per_gas)
        shown["maxPriorityFeePerGas"] = quantity(t.max_priority_fee_per_gas)
        shown["accessList"] = []
    return shown


def receipt(t: SignedTransactionAPI, receipts: tuple[ReceiptAPI, ...], index: int, header: BlockHeaderAPI) -> Json:
    own = receipts[index]
    before = receipts[index - 1].gas_used if index else 0
    first_log = sum(len(r.logs) for r in receipts[:index])
    created = None if t.to else address(keccak(_rlp([t.sender, t.nonce]))[12:])
    return {
        "transactionHash": data(t.hash),
        "transactionIndex": quantity(index),
        "blockHash": data(header.hash),
        "blockNumber": quantity(header.block_number),
        "from": address(t.sender),
        "to": address(t.to) if t.to else None,
        "contractAddress": created,
        "cumulativeGasUsed": quantity(own.gas_used),
        "gasUsed": quantity(own.gas_used - before),
        "effectiveGasPrice": quantity(0),
        "type": quantity(0 if t.type_id is None else t.type_id),
        "status": quantity(1 if own.state_root == b"\x01" else 0),
        "logsBloom": data(own.bloom.to_bytes(256, "big")),
        "logs": [log(own, at, first_log + at, t.hash, index, header) for at in range(len(own.logs))],
    }


def log(own: ReceiptAPI, at: int, number: int, tx_hash: bytes, index: int, header: BlockHeaderAPI) -> Json:
    entry = own.logs[at]
    return {
        "address": address(entry.address),
        "topics": [data(topic.to_bytes(32, "big")) for topic in entry.topics],
        "data": data(entry.data),
        "blockNumber": quantity(header.block_number),
        "blockHash": data(header.hash),
        "transactionHash": data(tx_hash),
        "transactionIndex": quantity(index),
        "logIndex": quantity(number),
        "removed": False,
    }


def _rlp(fields: list[Any]) -> bytes:
    return cast(bytes, rlp.encode(fields))  # pyright: ignore[reportUnknownMemberType]
