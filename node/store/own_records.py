# SPDX-License-Identifier: Apache-2.0
"""``own_*`` tables of what only this house knows: imports, inquiries, evidence, postings, the feed, the access log.

Personal data stands in columns named ``sealed*`` (ciphertext under the node's field key) and ``mark*`` (blind index: an
HMAC under that key, equal for equal values, and nothing else can be read from it).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from node.store.columns import Hash, Json, RowId, Table, in_fen, one_of, sized

MARK = 33  # bytes of a blind index: key number and HMAC (node.crypto.fields)
_MARKS = ("mark", "content", "mark_person", "mark_account")


class InquiryState(StrEnum):
    """A row of an import on its way to a case."""

    IMPORTED = "imported"
    DRAFTED = "drafted"  # its REQUEST stands in own_draft
    DROPPED = "dropped"


class News(StrEnum):
    """What the feed tells of an entry or a refusal."""

    SEEN = "seen"
    UNDONE = "undone"
    FINAL = "final"


class OwnImport(Table, table=True):
    """One imported file, by its digest."""

    id: str = Field(primary_key=True, max_length=36)
    digest: bytes = Field(sa_type=Hash, index=True)
    sealed_name: bytes
    rows: int
    accepted: int
    skipped: int
    made_by: str = ""
    made_at: datetime


class OwnInquiry(Table, table=True):
    """One row of an import: a person, an account, an overpayment. ``mark``: person, bank, account, category, period."""

    __table_args__ = (one_of("state", InquiryState), *in_fen("amount_fen", least=1), *sized(*_MARKS, size=MARK))

    id: str = Field(primary_key=True, max_length=36)
    import_id: str = Field(foreign_key="own_import.id", max_length=36, index=True)
    row: int = Field(description="the sheet's row, header 1")
    mark: bytes = Field(unique=True, description="blind index of what makes two rows the same")
    content: bytes = Field(description="blind index of the whole row: same content or other")
    mark_person: bytes = Field(index=True)
    mark_account: bytes = Field(index=True)
    recipient: int
    category: str = Field(max_length=16)
    insurance: str = Field(max_length=32)
    region: str = Field(max_length=6)
    amount_fen: int = Field(sa_type=BigInteger)
    due_on: str = Field(default="", description="YYYY-MM-DD, empty where none was given")
    sealed: bytes
    office: int
    case_id: bytes | None = Field(default=None, sa_type=Hash, index=True, description="of its latest case")
    state: str = Field(default=InquiryState.IMPORTED, max_length=16)
    made_at: datetime


class OwnEvidence(Table, table=True):
    """A scan kept encrypted beside the database, known by the digest of its plain bytes."""

    __table_args__ = (*sized("digest"),)

    digest: bytes = Field(sa_type=Hash, primary_key=True)
    path: str = Field(description="of the encrypted file, relative to the evidence folder; named by digest")
    size: int = Field(sa_type=BigInteger)
    sealed_meta: bytes
    office: int | None = Field(default=None)
    case_id: bytes | None = Field(default=None, sa_type=Hash, index=True)
    received_from: int = Field(default=0, description="whom the file that brought it named as its sender; 0: our own")
    added_by: str = ""
    added_at: datetime


class OwnPosting(Table, table=True):
    """An order that the bank accepts, and what was debited; the papers that it rests on stand in ``OwnPaper``.

    What was asked of the core bank, step by step, stands in the debit desk's journal under the same order hash.
    """

    __table_args__ = (
        *in_fen("ordered_fen", least=1),
        *in_fen("debited_fen"),
        CheckConstraint("debited_fen <= ordered_fen", name="within_order"),
    )

    order_hash: bytes = Field(sa_type=Hash, primary_key=True)
    office: int
    case_id: bytes = Field(sa_type=Hash)
    consent: bytes = Field(sa_type=Hash)
    ordered_fen: int = Field(sa_type=BigInteger)
    debited_fen: int = Field(default=0, sa_type=BigInteger, description="what the bank keeps for the order")
    made_by: str = ""
    made_at: datetime


class OwnPaper(Table, table=True):
    """A scan that an accepted order's consent names, of which this bank has its own copy: one is good for one case."""

    __table_args__ = (*sized("digest"),)

    digest: bytes = Field(sa_type=Hash, primary_key=True, description="as in ``OwnEvidence``")
    order_hash: bytes = Field(sa_type=Hash, primary_key=True, foreign_key="own_posting.order_hash")


class OwnEvent(Table, table=True):
    """The feed: what became visible, was undone, became final. Ids go up by one and never skip: ``after=`` is enough.

    It is no projection: readers keep its ids, so a rebuild leaves it alone.
    """

    __table_args__ = (
        one_of("news", News),
        Index("ix_own_event_block_hash", "block_hash"),
        Index("ix_own_event_office_case_id", "office", "case_id"),
    )

    id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    news: str = Field(max_length=8)
    block: int = Field(sa_type=BigInteger)
    block_hash: bytes = Field(sa_type=Hash)
    entry_hash: bytes = Field(sa_type=Hash)
    root: bytes = Field(sa_type=Hash)
    place: int = Field(sa_type=BigInteger)
    org: int
    action: int
    office: int
    case_id: bytes = Field(sa_type=Hash)
    rule: int = Field(default=0, description="0: taken; else the rule that refused it")
    block_time: int = Field(sa_type=BigInteger)


class OwnSetting(Table, table=True):
    """A value that this node keeps for itself, by key."""

    key: str = Field(primary_key=True, max_length=64)
    value: Any = Field(sa_type=Json)
    changed_at: datetime


class OwnAccess(Table, table=True):
    """Who looked at whom, when and why, failed attempts too; never changed. ``subject`` is an id, never a name.

    It commits by itself, so that a refused attempt stays in it: in a ``writing()`` of its own, not inside another.
    """

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    at: datetime = Field(index=True)
    who: str
    what: str = Field(max_length=64)
    subject: str = Field(max_length=160, index=True)
    sealed_why: bytes = Field(default=b"", description="the reason given, which may name people")
    allowed: bool
