# SPDX-License-Identifier: Apache-2.0
"""What stands on the ledger: an entry's clear fields, and the submission that carries entries (docs/wire.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

ZERO32 = bytes(32)
MAX_FEN = 2**53 - 1


class Action(IntEnum):
    """The 15 actions of PROTOCOL section 3; the codes are those of transitions.json."""

    REQUEST = 1
    ACKNOWLEDGE = 2
    REPLY = 3
    DECLINE = 4
    CONSENT = 5
    ORDER = 6
    ACCEPT = 7
    DEBIT = 8
    CANCEL = 9
    REVOKE = 10
    REVERSE = 11
    SETTLE = 12
    DISPUTE = 13
    RESOLVE = 14
    CLOSE = 15


class Phase(IntEnum):
    """Where a case stands; DECLINED and CLOSED are ends."""

    NONE = 0
    REQUESTED = 1
    ACKNOWLEDGED = 2
    REPLIED = 3
    CONSENTED = 4
    DECLINED = 5
    CLOSED = 6


class OrgRole(IntEnum):
    """What an organisation is in the alliance."""

    OFFICE = 1
    BANK = 2
    AUDITOR = 3
    AUTHORITY = 4
    GOVERNOR = 5


class Permission(IntEnum):
    """What an officer may sign; a bitmask in the registry."""

    MAKER = 1
    CHECKER = 2
    ADMIN = 4
    SERVICE = 8


class SignRole(IntEnum):
    """The role that a submission's signature names."""

    MAKER = 1
    CHECKER = 2
    SERVICE = 3


@dataclass(frozen=True, slots=True)
class CaseKey:
    """A case is known by its office and a random 32-byte id that the office chose."""

    office: int
    case_id: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One signed step of a case. Unused fields are zero. Amounts in fen, times Unix seconds UTC."""

    action: int
    org: int  # the organisation that writes
    office: int
    case_id: bytes
    commitment: bytes
    sealed: bytes
    recipient: int = 0
    head: bytes = ZERO32
    target: bytes = ZERO32
    consent: bytes = ZERO32
    amount_fen: int = 0
    claim_fen: int = 0
    not_before: int = 0
    expires_at: int = 0
    due_at: int = 0
    fund_account: int = 0
    debitable: int = 0
    in_parts: int = 0

    @property
    def key(self) -> CaseKey:
        return CaseKey(self.office, self.case_id)


@dataclass(frozen=True, slots=True)
class Submission:
    """What maker and checker sign, less the role: entries of one action by one organisation."""

    ledger: bytes  # the ledger's 32-byte id
    org: int
    action: int
    root: bytes
    count: int
    sum_fen: int  # of the entries' clear amounts
    wraps: bytes  # keccak of the wrapped keys
    valid_until: int  # Unix seconds, inclusive


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next entries of a submission as they travel in one transaction."""

    place: int
    number: int
    maker: bytes  # 65-byte signature; the service officer's where one signs alone
    checker: bytes  # 65-byte signature, or empty
    proof: tuple[bytes, ...]
    wraps: bytes  # with the first chunk only
    entries: bytes  # packed records


@dataclass(frozen=True, slots=True)
class Act:
    """One act of governors or ADMINs on the registry (docs/wire.md, Acts). ``first``, ``second``: 0x-addresses."""

    kind: int
    org: int
    number: int
    first: str = "0x0000000000000000000000000000000000000000"
    second: str = "0x0000000000000000000000000000000000000000"
    code: int = 0
    order_limit_fen: int = 0
    day_limit_fen: int = 0
    data: bytes = b""
    valid_until: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the chain's log, sortable."""

    block: int
    transaction: int
    log: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block's header as far as the node needs it; hashes are 32 bytes, ``timestamp`` Unix seconds."""

    number: int
    hash: bytes
    parent: bytes
    timestamp: int


@dataclass(frozen=True, slots=True)
class Presented:
    """A chunk as the ledger's event tells it. ``outcomes``: one byte an entry, 0 taken, else the rule."""

    position: Position
    block: Block
    tx_hash: bytes
    submission: Submission
    chunk: Chunk
    taken: int
    outcomes: bytes


@dataclass(frozen=True, slots=True)
class Acted:
    """An act that the registry carried out."""

    position: Position
    block: Block
    tx_hash: bytes
    act: Act
    signatures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Founding:
    """One founding governor organisation."""

    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Founded:
    """The registry's construction: its random id, M, and the governors (org ids 1 to N)."""

    position: Position
    block: Block
    tx_hash: bytes
    registry: bytes
    threshold: int
    governors: tuple[Founding, ...]


LedgerEvent = Presented | Acted | Founded
