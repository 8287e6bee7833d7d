# SPDX-License-Identifier: Apache-2.0
"""``own_*`` tables of the node's own writing: drafts, submissions, the outbox and what it sent. Backed up with care.

Columns named ``body`` or ``sealed_*`` hold ciphertext under the node's field key; the store treats them as bytes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from node.store.columns import Hash, Json, RowId, Table, Unsigned64, in_fen, one_of, sized


class DraftState(StrEnum):
    """Where a person's draft of one entry stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"  # in a submission that is on its way
    RECORDED = "recorded"  # taken by the ledger, final
    RETURNED = "returned"  # came back: refused by a rule, or its submission ended early
    DROPPED = "dropped"


class SubmissionState(StrEnum):
    """Where a submission of ours stands; how far the ledger has got with it is the projection's to say."""

    DRAFTED = "drafted"
    SIGNED = "signed"  # by the maker
    QUEUED = "queued"  # approved, handed to the outbox
    RECORDED = "recorded"  # every place presented and final
    PARTLY = "partly"  # ended early: the rest is to be approved anew
    REFUSED = "refused"  # ended before anything was presented
    WITHDRAWN = "withdrawn"  # dropped before it was queued


class ActState(StrEnum):
    """Where an act of governors or ADMINs stands in this house."""

    OPEN = "open"  # collecting signatures
    QUEUED = "queued"
    RECORDED = "recorded"
    REFUSED = "refused"


class Lane(StrEnum):
    """Which sender carries it: a stop does not wait behind an import."""

    NORMAL = "normal"
    STOP = "stop"


class IntentState(StrEnum):
    """OPEN and WAITING are looked at in every round; DONE and ENDED are for ever."""

    OPEN = "open"
    WAITING = "waiting"  # for something outside: a pause to end, a sender to be named, an error to pass
    DONE = "done"  # its effect stands in the log, final
    ENDED = "ended"  # it can never go through; ``reason`` says why


class TransactionState(StrEnum):
    """LIVE until the chain has proven otherwise."""

    LIVE = "live"
    DONE = "done"  # its effect stands in the log, final
    REVERTED = "reverted"
    REPLACED = "replaced"  # its nonce was used by another transaction


_LIVE = text("state = 'live'")


class OwnDraft(Table, table=True):
    """One entry in the making: clear fields as JSON, the payload sealed.

    ``rule``: what the ledger refused it for; ``note``: why its submission ended early, by the contract's error name.
    """

    __table_args__ = (
        one_of("state", DraftState),
        Index("ix_own_draft_office_case_id", "office", "case_id"),
        Index("ix_own_draft_state_action", "state", "action"),
    )

    id: str = Field(primary_key=True, max_length=36)
    action: int
    office: int
    case_id: bytes = Field(sa_type=Hash)
    recipient: int = 0
    clear: Any = Field(sa_type=Json, description="clear fields by attribute of Entry; hashes as hex")
    body: bytes = Field(description="the payload, sealed")
    state: str = Field(default=DraftState.DRAFT, max_length=16)
    rule: int = 0
    note: str = ""
    inquiry_id: str | None = Field(default=None, max_length=36, index=True, description="a letter's, at the office")
    made_by: str = ""
    made_at: datetime
    changed_at: datetime


class OwnSubmission(Table, table=True):
    """Entries of one action, approved together: what is signed, by whom, and the wrapped keys."""

    __table_args__ = (
        one_of("state", SubmissionState),
        *in_fen("sum_fen"),
        *sized("ledger", "root", "wraps"),
        CheckConstraint("count > 0", name="count"),
        CheckConstraint("maker <> checker OR maker = ''", name="two_people"),
    )

    org: int = Field(primary_key=True)
    root: bytes = Field(sa_type=Hash, primary_key=True)
    ledger: bytes = Field(sa_type=Hash)
    action: int
    count: int = Field(sa_type=BigInteger)
    sum_fen: int = Field(sa_type=BigInteger)
    wraps: bytes = Field(sa_type=Hash, description="digest of the wrapped keys")
    wraps_blob: bytes
    valid_until: int = Field(sa_type=BigInteger, description="Unix seconds")
    state: str = Field(default=SubmissionState.DRAFTED, max_length=16, index=True)
    maker: str = Field(default="", max_length=42)
    maker_signature: bytes = b""
    checker: str = Field(default="", max_length=42)
    checker_signature: bytes = b""
    simulated: bytes = Field(default=b"", description="the outcomes of the last preview")
    reason: str = ""
    made_at: datetime
    changed_at: datetime


class OwnEntry(Table, table=True):
    """One place of a submission of ours: the packed record as it travels, and what the ledger made of it."""

    __table_args__ = (
        ForeignKeyConstraint(["org", "root"], ["own_submission.org", "own_submission.root"]),
        Index("ix_own_entry_draft_id", "draft_id"),
        Index("ix_own_entry_entry_hash", "entry_hash"),
        *sized("entry_hash"),
    )

    org: int = Field(primary_key=True)
    root: bytes = Field(sa_type=Hash, primary_key=True)
    place: int = Field(sa_type=BigInteger, primary_key=True)
    entry_hash: bytes = Field(sa_type=Hash)
    draft_id: str | None = Field(default=None, foreign_key="own_draft.id", max_length=36)
    record: bytes
    outcome: int | None = Field(default=None, description="final: 0 taken, else the rule; empty while unknown")


class OwnAct(Table, table=True):
    """An act of governors or ADMINs in this house: its fields, and the signatures that it has."""

    __table_args__ = (one_of("state", ActState), Index("ix_own_act_org_number", "org", "number"))

    id: str = Field(primary_key=True, max_length=36)
    registry_id: bytes = Field(sa_type=Hash)
    kind: int
    org: int
    number: int = Field(sa_type=Unsigned64)
    raw: Any = Field(sa_type=Json, description="all fields of the act; bytes as hex, big numbers as decimal strings")
    signatures: Any = Field(sa_type=Json, description="address -> signature as hex")
    state: str = Field(default=ActState.OPEN, max_length=16)
    reason: str = ""
    made_at: datetime
    changed_at: datetime


class OwnOutbox(Table, table=True):
    """An intent: a submission, or an act, that is to stand on the chain."""

    __table_args__ = (
        ForeignKeyConstraint(["org", "root"], ["own_submission.org", "own_submission.root"]),
        Index("ix_own_outbox_org_root", "org", "root", unique=True),
        Index("ix_own_outbox_act_id", "act_id", unique=True),
        one_of("state", IntentState),
        one_of("lane", Lane),
        CheckConstraint("(root IS NULL) <> (act_id IS NULL)", name="one_thing"),
    )

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    lane: str = Field(max_length=8)
    org: int | None = None
    root: bytes | None = Field(default=None, sa_type=Hash)
    act_id: str | None = Field(default=None, foreign_key="own_act.id", max_length=36)
    state: str = Field(default=IntentState.OPEN, max_length=8, index=True)
    reason: str = ""
    as_of: int = Field(default=0, sa_type=BigInteger, description="the block as of which ``reason`` was seen")
    tries: int = Field(default=0, description="transactions in a row that reverted at the same place")
    retry_at: datetime | None = None
    queued_at: datetime
    ended_at: datetime | None = None


class OwnTransaction(Table, table=True):
    """A signed transaction, stored before it is sent; the same raw bytes are sent again until the chain decides."""

    __table_args__ = (
        one_of("state", TransactionState),
        Index("uq_own_transaction_nonce", "sender", "nonce", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index(
            "uq_own_transaction_place", "intent_id", "place", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
        ),
        Index("ix_own_transaction_state", "state"),
    )

    tx_hash: bytes = Field(sa_type=Hash, primary_key=True)
    intent_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("own_outbox.id")])
    sender: str = Field(max_length=42)
    nonce: int = Field(sa_type=BigInteger)
    place: int = Field(default=0, sa_type=BigInteger, description="of its first entry; 0 for an act")
    number: int = Field(default=0, sa_type=BigInteger, description="entries in it; 0 for an act")
    raw: bytes
    state: str = Field(default=TransactionState.LIVE, max_length=8)
    reason: str = ""
    sends: int = 0
    stored_at: datetime
    sent_at: datetime | None = None
    last_error: str = ""
