# SPDX-License-Identifier: Apache-2.0
"""The chain as the ledger floor knows it: ``node.domain.ports.Chain`` over JSON-RPC and the two contracts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from node.chain.codec import EventCodec, parse_block, topics
from node.chain.connection import Connection
from node.chain.contracts import act_call, present_call, preview_call
from node.chain.deployment import Deployment
from node.chain.failures import AnswerMalformed, BlockMissing
from node.chain.finality import Finality
from node.chain.hexes import data, quantity, to_bytes, to_int
from node.chain.ledger_errors import Previewed
from node.chain.reader import LogReader
from node.chain.sender import Sender
from node.chain.transactions import read
from node.domain.digest import keccak
from node.domain.entries import Act, Block, Chunk, LedgerEvent, Submission
from node.domain.ports import Signer

# Generous: gas is free on the alliance chain, what is not used costs nothing, and a chunk behind one that is still
# waiting cannot be estimated (it would revert). A test holds these against what the contracts use.
_CHUNK_GAS: Final = 500_000
_ENTRY_GAS: Final = 120_000
_BYTE_GAS: Final = 40
_ACT_GAS: Final = 1_500_000
_PREVIEW_SENDER: Final = "0x" + 40 * "0"


class ChainAdapter:
    """One network with one deployment; use ``check_deployment`` before. Thread-safe but for ``events``."""

    def __init__(
        self, connection: Connection, deployment: Deployment, finality: Finality, widest_range: int = 500
    ) -> None:
        self._connection = connection
        self._deployment = deployment
        self._finality = finality
        self._widest_range = widest_range
        self._sender = Sender(connection, deployment.chain_id)
        self._codec = EventCodec(deployment.ledger.id, deployment.ledger.address, deployment.registry.address)

    @property
    def ledger_id(self) -> bytes:
        return self._deployment.ledger.id

    @property
    def deployment(self) -> Deployment:
        """Addresses, ids and the block where the log begins."""
        return self._deployment

    # ---- reading

    def head(self) -> Block:
        return self._block("latest")

    def final_number(self) -> int:
        return self._finality.final_number(self._connection)

    def block(self, number: int) -> Block:
        return self._block(quantity(number))

    def _block(self, at: str) -> Block:
        shown = self._connection.read("eth_getBlockByNumber", at, False)
        if shown is None:
            raise BlockMissing(block=at)
        try:
            return parse_block(shown)
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerMalformed(method="eth_getBlockByNumber", detail=type(error).__name__) from error

    def events(self, first: int, last: int) -> Iterator[tuple[Block, Sequence[LedgerEvent]]]:
        addresses = [self._deployment.registry.address, self._deployment.ledger.address]
        reader = LogReader(self._connection, addresses, topics(), self._widest_range)
        for block, logs in reader.read(first, last):
            decoded = [self._codec.decode(log, block) for log in logs]
            yield block, [event for event in decoded if event is not None]

    def preview(self, org: int, action: int, entries: bytes) -> bytes:
        call = data(preview_call(org, action, entries))
        wanted = {"from": _PREVIEW_SENDER, "to": self._deployment.ledger.address, "data": call}
        try:
            self._connection.read("eth_call", wanted, "latest")
        except Previewed as answer:
            return to_bytes(str(answer.values["outcomes"]))
        raise AnswerMalformed(method="eth_call", detail="preview did not answer")

    # ---- writing

    def nonce(self, address: str) -> int:
        return self._sender.nonce(address)

    def sign_present(self, sender: Signer, nonce: int, submission: Submission, chunk: Chunk) -> tuple[bytes, bytes]:
        call = present_call(submission, chunk)
        gas = _CHUNK_GAS + _ENTRY_GAS * chunk.number + _BYTE_GAS * len(call)
        return self._sender.build(sender, nonce, self._deployment.ledger.address, call, gas)

    def sign_act(self, sender: Signer, nonce: int, act: Act, signatures: Sequence[bytes]) -> tuple[bytes, bytes]:
        call = act_call(act, signatures)
        return self._sender.build(
            sender, nonce, self._deployment.registry.address, call, _ACT_GAS + _BYTE_GAS * len(call)
        )

    def try_act(self, sender: str, act: Act, signatures: Sequence[bytes]) -> None:
        """Whether the registry would take the act now; raises its error (``node.chain.registry_errors``) if not."""
        self._try(sender, self._deployment.registry.address, act_call(act, signatures))

    def try_present(self, sender: str, submission: Submission, chunk: Chunk) -> None:
        """Whether the ledger would take the chunk now; raises its error (``node.chain.ledger_errors``) if not."""
        self._try(sender, self._deployment.ledger.address, present_call(submission, chunk))

    def _try(self, sender: str, to: str, call: bytes) -> None:
        self._connection.read("eth_call", {"from": sender, "to": to, "data": data(call)}, "latest")

    def send_raw(self, raw: bytes) -> None:
        self._sender.send_raw(raw)

    def mined(self, tx_hash: bytes) -> bool | None:
        receipt = self._sender.receipt(tx_hash)
        return None if receipt is None else receipt.get("status") == "0x1"

    def revert_reason(self, raw: bytes) -> str:
        sent = read(raw)
        receipt = self._sender.receipt(keccak(raw))
        if receipt is None or receipt.get("status") == "0x1":
            return "NotReverted()"
        return self._sender.why_reverted(sent.sender, sent.to, sent.data, sent.gas, to_int(receipt["blockNumber"]))
