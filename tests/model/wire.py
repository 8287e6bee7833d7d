# SPDX-License-Identifier: Apache-2.0
"""The wire format a second time, written from docs/wire.md alone: it shares no code with the node."""

from __future__ import annotations

from dataclasses import dataclass

from Crypto.Hash import keccak as _keccak

ZERO = bytes(32)
ENTRY_TYPE = (
    "Entry(bytes32 ledger,uint8 action,uint16 org,uint16 office,bytes32 caseId,uint16 recipient,bytes32 head,"
    "bytes32 target,bytes32 consent,uint64 amount,uint64 claim,uint40 notBefore,uint40 expiresAt,uint40 dueAt,"
    "uint16 fundAccount,uint8 debitable,uint8 inParts,bytes32 commitment,bytes32 sealedHash)"
)


def keccak(data: bytes) -> bytes:
    return _keccak.new(digest_bits=256, data=data).digest()


@dataclass(slots=True)
class Fields:
    """An entry's clear fields by their names on the wire; ``size`` is the length of ``sealed``, all zero bytes."""

    office: int
    caseId: bytes
    commitment: bytes
    size: int = 316
    recipient: int = 0
    head: bytes = ZERO
    target: bytes = ZERO
    consent: bytes = ZERO
    amount: int = 0
    claim: int = 0
    notBefore: int = 0
    expiresAt: int = 0
    dueAt: int = 0
    fundAccount: int = 0
    debitable: int = 0
    inParts: int = 0


def record(f: Fields) -> bytes:
    """The fixed part of a record, 202 bytes."""
    return b"".join(
        (
            f.office.to_bytes(2, "big"),
            f.caseId,
            f.recipient.to_bytes(2, "big"),
            f.head,
            f.target,
            f.consent,
            f.amount.to_bytes(8, "big"),
            f.claim.to_bytes(8, "big"),
            f.notBefore.to_bytes(5, "big"),
            f.expiresAt.to_bytes(5, "big"),
            f.dueAt.to_bytes(5, "big"),
            f.fundAccount.to_bytes(2, "big"),
            f.debitable.to_bytes(1, "big"),
            f.inParts.to_bytes(1, "big"),
            f.commitment,
            f.size.to_bytes(3, "big"),
        )
    )


def entry_hash(ledger: bytes, org: int, action: int, f: Fields) -> bytes:
    """The struct hash of Entry, without domain."""
    words: tuple[int | bytes, ...] = (
        ledger, action, org, f.office, f.caseId, f.recipient, f.head, f.target, f.consent, f.amount, f.claim,
        f.notBefore, f.expiresAt, f.dueAt, f.fundAccount, f.debitable, f.inParts, f.commitment, keccak(bytes(f.size)),
    )  # fmt: skip
    body = b"".join(w if isinstance(w, bytes) else w.to_bytes(32, "big") for w in words)
    return keccak(keccak(ENTRY_TYPE.encode()) + body)
