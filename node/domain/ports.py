# SPDX-License-Identifier: Apache-2.0
"""The ports: what the core needs from outside. Only ``runtime`` builds the adapters behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from node.domain.entries import Act, Block, Chunk, LedgerEvent, Submission


class Clock(Protocol):
    """The node's clock; consents and deadlines on the ledger are judged by block time instead."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        ...


class Random(Protocol):
    """Randomness for salts, case ids and keys."""

    def token(self, size: int) -> bytes:
        """``size`` random bytes."""
        ...


class Signer(Protocol):
    """A key that signs EIP-712 digests: in the node's keyring, a remote signer, a wallet."""

    @property
    def address(self) -> str:
        """Checksummed 0x-address."""
        ...

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r ‖ s ‖ v (27 or 28), low s, over a 32-byte digest."""
        ...


class Chain(Protocol):
    """One network as the ledger floor uses it: logs in, raw transactions out. Failures are Refused or Unavailable."""

    @property
    def ledger_id(self) -> bytes: ...

    def head(self) -> Block:
        """The newest block."""
        ...

    def final_number(self) -> int:
        """The number of the newest block that is final by this network's policy (immediate, depth, tag)."""
        ...

    def block(self, number: int) -> Block:
        """The block at that height now."""
        ...

    def events(self, first: int, last: int) -> Iterator[tuple[Block, Sequence[LedgerEvent]]]:
        """Registry and ledger events of blocks ``first`` to ``last``, in order; yields every block, also empty ones."""
        ...

    def preview(self, org: int, action: int, entries: bytes) -> bytes:
        """What the ledger would make of these packed records now: one outcome byte an entry."""
        ...

    def nonce(self, address: str) -> int:
        """The next nonce by the mined count."""
        ...

    def sign_present(self, sender: Signer, nonce: int, submission: Submission, chunk: Chunk) -> tuple[bytes, bytes]:
        """Build and sign the transaction that presents a chunk; gives (hash, raw bytes). Sends nothing."""
        ...

    def sign_act(self, sender: Signer, nonce: int, act: Act, signatures: Sequence[bytes]) -> tuple[bytes, bytes]:
        """Build and sign the transaction that carries an act; gives (hash, raw bytes). Sends nothing."""
        ...

    def send_raw(self, raw: bytes) -> None:
        """Hand a signed transaction to the network; one that it knows already is no error."""
        ...

    def mined(self, tx_hash: bytes) -> bool | None:
        """None: not in a block; True: executed; False: reverted. A hint only: the log decides."""
        ...

    def revert_reason(self, raw: bytes) -> str:
        """The error code (``NotSender(...)``) with which a mined but reverted transaction failed, by re-execution."""
        ...
