# SPDX-License-Identifier: Apache-2.0
"""``projection_*``: a cache of the chain, droppable. Only the follower and the rebuild write it, through the reducer.

Whatever a block brought hangs on the block's row and falls with it when the block is replaced. Times are Unix seconds
of the block; amounts are fen. A row is final once its block is at or below ``ProjectionCursor.final_number``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from node.store.columns import Hash, Json, Table, Unsigned64, in_fen, sized

_CHUNK = ["block", "tx_index", "log_index"]
_CHUNK_TARGET = [f"projection_chunk.{c}" for c in _CHUNK]


def _of_chunk() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(_CHUNK, _CHUNK_TARGET, ondelete="CASCADE")


def _of_block() -> ForeignKey:
    return ForeignKey("projection_block.number", ondelete="CASCADE")


class ProjectionBlock(Table, table=True):
    """A followed block, empty ones too: a gap would hide a replaced block."""

    __table_args__ = (*sized("hash", "parent"),)

    number: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: bytes = Field(sa_type=Hash, unique=True)
    parent: bytes = Field(sa_type=Hash)
    timestamp: int = Field(sa_type=BigInteger)


class ProjectionCursor(Table, table=True):
    """How far the follower has come: one row, moved by compare-and-set on (number, hash)."""

    __table_args__ = (CheckConstraint("id = 1", name="one_row"), *sized("hash"))

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(sa_type=BigInteger)
    hash: bytes = Field(sa_type=Hash)
    final_number: int = Field(sa_type=BigInteger)
    taken: int = Field(sa_type=BigInteger, description="the ledger's global count of entries taken")


class ProjectionAct(Table, table=True):
    """An act that the registry carried out, or its founding (kind 0), as JSON of all its fields and signatures."""

    __table_args__ = (Index("ix_projection_act_org_number", "org", "number"),)

    block: int = Field(sa_type=BigInteger, primary_key=True, sa_column_args=[_of_block()])
    tx_index: int = Field(primary_key=True)
    log_index: int = Field(primary_key=True)
    kind: int
    org: int
    number: int = Field(sa_type=Unsigned64)
    tx_hash: bytes = Field(sa_type=Hash)
    raw: Any = Field(sa_type=Json)


class ProjectionChunk(Table, table=True):
    """A chunk as presented: whose signatures it carried, and what became of its entries."""

    __table_args__ = (Index("ix_projection_chunk_org_root_place", "org", "root", "place", unique=True),)

    block: int = Field(sa_type=BigInteger, primary_key=True, sa_column_args=[_of_block()])
    tx_index: int = Field(primary_key=True)
    log_index: int = Field(primary_key=True)
    org: int
    root: bytes = Field(sa_type=Hash)
    place: int = Field(sa_type=BigInteger)
    number: int = Field(sa_type=BigInteger)
    sum_fen: int = Field(sa_type=Unsigned64, description="over its entries, refused ones too")
    maker: str = Field(description="address that signed; the service officer's where it signed alone")
    checker: str = Field(description="address that signed; empty where a service officer signed alone")
    maker_signature: bytes
    checker_signature: bytes
    taken: int = Field(sa_type=BigInteger, description="the ledger's global count after this chunk")
    outcomes: bytes
    tx_hash: bytes = Field(sa_type=Hash)


class ProjectionSubmission(Table, table=True):
    """What a submission says, and how far the ledger has got with it (recomputed from its chunks)."""

    __table_args__ = (
        CheckConstraint("taken_count + refused_count = next_place", name="tally"),
        CheckConstraint("next_place <= count", name="within"),
    )

    org: int = Field(primary_key=True)
    root: bytes = Field(sa_type=Hash, primary_key=True)
    action: int
    count: int = Field(sa_type=BigInteger)
    sum_fen: int = Field(sa_type=Unsigned64)
    wraps: bytes = Field(sa_type=Hash, description="digest of the wrapped keys")
    valid_until: int = Field(sa_type=Unsigned64)
    next_place: int = Field(sa_type=BigInteger)
    taken_count: int = Field(sa_type=BigInteger)
    refused_count: int = Field(sa_type=BigInteger)
    presented_fen: int = Field(sa_type=Unsigned64)
    first_block: int = Field(sa_type=BigInteger)
    last_block: int = Field(sa_type=BigInteger)


class ProjectionWrap(Table, table=True):
    """The wrapped keys of a submission, from its first chunk."""

    __table_args__ = (_of_chunk(), Index("ix_projection_wrap_block_tx_index_log_index", *_CHUNK))

    org: int = Field(primary_key=True)
    root: bytes = Field(sa_type=Hash, primary_key=True)
    block: int = Field(sa_type=BigInteger)
    tx_index: int
    log_index: int
    blob: bytes


class ProjectionEntry(Table, table=True):
    """An entry that the ledger took: its clear fields, its place in its case (``seq``) and in the chain."""

    __table_args__ = (
        _of_chunk(),
        Index("ix_projection_entry_office_case_id_seq", "office", "case_id", "seq", unique=True),
        Index("ix_projection_entry_org_action_block_time", "org", "action", "block_time"),
        Index("ix_projection_entry_block_tx_index_log_index_place", "block", "tx_index", "log_index", "place"),
        *in_fen("amount_fen", "claim_fen"),
    )

    entry_hash: bytes = Field(sa_type=Hash, primary_key=True)
    office: int
    case_id: bytes = Field(sa_type=Hash)
    seq: int
    action: int
    org: int
    recipient: int
    head: bytes = Field(sa_type=Hash)
    target: bytes = Field(sa_type=Hash)
    consent: bytes = Field(sa_type=Hash)
    amount_fen: int = Field(sa_type=BigInteger)
    claim_fen: int = Field(sa_type=BigInteger)
    not_before: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger)
    fund_account: int
    debitable: int
    in_parts: int
    commitment: bytes = Field(sa_type=Hash)
    block: int = Field(sa_type=BigInteger)
    tx_index: int
    log_index: int
    root: bytes = Field(sa_type=Hash)
    place: int = Field(sa_type=BigInteger)
    block_time: int = Field(sa_type=BigInteger)
    tx_hash: bytes = Field(sa_type=Hash)


class ProjectionSealed(Table, table=True):
    """The ciphertext of an entry's payload; apart, so that lists stay narrow."""

    entry_hash: bytes = Field(
        sa_type=Hash,
        primary_key=True,
        sa_column_args=[ForeignKey("projection_entry.entry_hash", ondelete="CASCADE")],
    )
    sealed: bytes


class ProjectionRefusal(Table, table=True):
    """An entry that the ledger would not take, with the first rule that it broke; ``record`` is its packed bytes."""

    __table_args__ = (
        _of_chunk(),
        Index("ix_projection_refusal_office_case_id", "office", "case_id"),
        Index("ix_projection_refusal_entry_hash", "entry_hash"),
        Index("ix_projection_refusal_block_tx_index_log_index", *_CHUNK),
    )

    org: int = Field(primary_key=True)
    root: bytes = Field(sa_type=Hash, primary_key=True)
    place: int = Field(sa_type=BigInteger, primary_key=True)
    entry_hash: bytes = Field(sa_type=Hash)
    action: int
    rule: int
    office: int
    case_id: bytes = Field(sa_type=Hash)
    block: int = Field(sa_type=BigInteger)
    tx_index: int
    log_index: int
    block_time: int = Field(sa_type=BigInteger)
    tx_hash: bytes = Field(sa_type=Hash)
    record: bytes


class ProjectionCase(Table, table=True):
    """Where a case stands, as the reducer says; the columns are for lists, ``state`` is the whole value."""

    __table_args__ = (
        Index("ix_projection_case_recipient_phase_due_at", "recipient", "phase", "due_at"),
        Index("ix_projection_case_office_phase_due_at", "office", "phase", "due_at"),
        *in_fen("claim_fen", "net_fen", "unsettled_fen", "open_fen"),
        CheckConstraint("(open_fen > 0) = (open_order IS NOT NULL)", name="open_order"),
    )

    office: int = Field(primary_key=True)
    case_id: bytes = Field(sa_type=Hash, primary_key=True)
    recipient: int
    phase: int
    seq: int
    head: bytes = Field(sa_type=Hash)
    claim_fen: int = Field(sa_type=BigInteger)
    net_fen: int = Field(sa_type=BigInteger)
    unsettled_fen: int = Field(sa_type=BigInteger)
    open_order: bytes | None = Field(default=None, sa_type=Hash)
    open_fen: int = Field(sa_type=BigInteger)
    accepted: bool
    debitable: bool
    office_dispute: bool
    recipient_dispute: bool
    consent: bytes | None = Field(default=None, sa_type=Hash, description="the standing consent")
    due_at: int = Field(sa_type=BigInteger)
    state: str = Field(sa_type=Text, description="the reducer's value, by ``case_to_json``")
    first_block: int = Field(sa_type=BigInteger)
    last_block: int = Field(sa_type=BigInteger)
    opened_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)
