# SPDX-License-Identifier: Apache-2.0
"""The first tables: the projection of the chain, and what is the node's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "own_access",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("sealed_why", sa.LargeBinary(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_access")),
    )
    op.create_index(op.f("ix_own_access_at"), "own_access", ["at"], unique=False)
    op.create_index(op.f("ix_own_access_subject"), "own_access", ["subject"], unique=False)
    op.create_table(
        "own_act",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registry_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("signatures", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'queued', 'recorded', 'refused')", name=op.f("ck_own_act_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_act")),
    )
    op.create_index("ix_own_act_org_number", "own_act", ["org", "number"], unique=False)
    op.create_table(
        "own_draft",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("office", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recipient", sa.Integer(), nullable=False),
        sa.Column("clear", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("inquiry_id", sa.String(length=36), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'recorded', 'returned', 'dropped')", name=op.f("ck_own_draft_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_draft")),
    )
    op.create_index(op.f("ix_own_draft_inquiry_id"), "own_draft", ["inquiry_id"], unique=False)
    op.create_index("ix_own_draft_office_case_id", "own_draft", ["office", "case_id"], unique=False)
    op.create_index("ix_own_draft_state_action", "own_draft", ["state", "action"], unique=False)
    op.create_table(
        "own_event",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("news", sa.String(length=8), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("office", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("news IN ('seen', 'undone', 'final')", name=op.f("ck_own_event_news")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_event")),
    )
    op.create_index("ix_own_event_block_hash", "own_event", ["block_hash"], unique=False)
    op.create_index("ix_own_event_office_case_id", "own_event", ["office", "case_id"], unique=False)
    op.create_table(
        "own_evidence",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed_meta", sa.LargeBinary(), nullable=False),
        sa.Column("office", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("received_from", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_own_evidence_digest_size")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_own_evidence")),
    )
    op.create_index(op.f("ix_own_evidence_case_id"), "own_evidence", ["case_id"], unique=False)
    op.create_table(
        "own_import",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_import")),
    )
    op.create_index(op.f("ix_own_import_digest"), "own_import", ["digest"], unique=False)
    op.create_table(
        "own_setting",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_own_setting")),
    )
    op.create_table(
        "own_submission",
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ledger", sa.LargeBinary(length=32), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("sum_fen", sa.BigInteger(), nullable=False),
        sa.Column("wraps", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wraps_blob", sa.LargeBinary(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("maker", sa.String(length=42), nullable=False),
        sa.Column("maker_signature", sa.LargeBinary(), nullable=False),
        sa.Column("checker", sa.String(length=42), nullable=False),
        sa.Column("checker_signature", sa.LargeBinary(), nullable=False),
        sa.Column("simulated", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("maker <> checker OR maker = ''", name=op.f("ck_own_submission_two_people")),
        sa.CheckConstraint(
            "state IN ('drafted', 'signed', 'queued', 'recorded', 'partly', 'refused', 'withdrawn')",
            name=op.f("ck_own_submission_state"),
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_own_submission_count")),
        sa.CheckConstraint("length(ledger) = 32", name=op.f("ck_own_submission_ledger_size")),
        sa.CheckConstraint("length(root) = 32", name=op.f("ck_own_submission_root_size")),
        sa.CheckConstraint("length(wraps) = 32", name=op.f("ck_own_submission_wraps_size")),
        sa.CheckConstraint("sum_fen BETWEEN 0 AND 9007199254740991", name=op.f("ck_own_submission_sum_fen")),
        sa.PrimaryKeyConstraint("org", "root", name=op.f("pk_own_submission")),
    )
    op.create_index(op.f("ix_own_submission_state"), "own_submission", ["state"], unique=False)
    op.create_table(
        "projection_block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("parent", sa.LargeBinary(length=32), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_projection_block_hash_size")),
        sa.CheckConstraint("length(parent) = 32", name=op.f("ck_projection_block_parent_size")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_projection_block")),
        sa.UniqueConstraint("hash", name=op.f("uq_projection_block_hash")),
    )
    op.create_table(
        "projection_case",
        sa.Column("office", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recipient", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("claim_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("unsettled_fen", sa.BigInteger(), nullable=False),
        sa.Column("open_order", sa.LargeBinary(length=32), nullable=True),
        sa.Column("open_fen", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("debitable", sa.Boolean(), nullable=False),
        sa.Column("office_dispute", sa.Boolean(), nullable=False),
        sa.Column("recipient_dispute", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.LargeBinary(length=32), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_block", sa.BigInteger(), nullable=False),
        sa.Column("last_block", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(open_fen > 0) = (open_order IS NOT NULL)", name=op.f("ck_projection_case_open_order")),
        sa.CheckConstraint("claim_fen BETWEEN 0 AND 9007199254740991", name=op.f("ck_projection_case_claim_fen")),
        sa.CheckConstraint("net_fen BETWEEN 0 AND 9007199254740991", name=op.f("ck_projection_case_net_fen")),
        sa.CheckConstraint("open_fen BETWEEN 0 AND 9007199254740991", name=op.f("ck_projection_case_open_fen")),
        sa.CheckConstraint(
            "unsettled_fen BETWEEN 0 AND 9007199254740991", name=op.f("ck_projection_case_unsettled_fen")
        ),
        sa.PrimaryKeyConstraint("office", "case_id", name=op.f("pk_projection_case")),
    )
    op.create_index(
        "ix_projection_case_office_phase_due_at", "projection_case", ["office", "phase", "due_at"], unique=False
    )
    op.create_index(
        "ix_projection_case_recipient_phase_due_at", "projection_case", ["recipient", "phase", "due_at"], unique=False
    )
    op.create_table(
        "projection_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("final_number", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_projection_cursor_one_row")),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_projection_cursor_hash_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projection_cursor")),
    )
    op.create_table(
        "projection_submission",
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("sum_fen", sa.String(length=20), nullable=False),
        sa.Column("wraps", sa.LargeBinary(length=32), nullable=False),
        sa.Column("valid_until", sa.String(length=20), nullable=False),
        sa.Column("next_place", sa.BigInteger(), nullable=False),
        sa.Column("taken_count", sa.BigInteger(), nullable=False),
        sa.Column("refused_count", sa.BigInteger(), nullable=False),
        sa.Column("presented_fen", sa.String(length=20), nullable=False),
        sa.Column("first_block", sa.BigInteger(), nullable=False),
        sa.Column("last_block", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("next_place <= count", name=op.f("ck_projection_submission_within")),
        sa.CheckConstraint("taken_count + refused_count = next_place", name=op.f("ck_projection_submission_tally")),
        sa.PrimaryKeyConstraint("org", "root", name=op.f("pk_projection_submission")),
    )
    op.create_table(
        "own_entry",
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("draft_id", sa.String(length=36), nullable=True),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(entry_hash) = 32", name=op.f("ck_own_entry_entry_hash_size")),
        sa.ForeignKeyConstraint(["draft_id"], ["own_draft.id"], name=op.f("fk_own_entry_draft_id")),
        sa.ForeignKeyConstraint(
            ["org", "root"], ["own_submission.org", "own_submission.root"], name=op.f("fk_own_entry_org_root")
        ),
        sa.PrimaryKeyConstraint("org", "root", "place", name=op.f("pk_own_entry")),
    )
    op.create_index("ix_own_entry_draft_id", "own_entry", ["draft_id"], unique=False)
    op.create_index("ix_own_entry_entry_hash", "own_entry", ["entry_hash"], unique=False)
    op.create_table(
        "own_inquiry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("mark_person", sa.LargeBinary(), nullable=False),
        sa.Column("mark_account", sa.LargeBinary(), nullable=False),
        sa.Column("recipient", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("insurance", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("office", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('imported', 'drafted', 'dropped')", name=op.f("ck_own_inquiry_state")),
        sa.CheckConstraint("amount_fen BETWEEN 1 AND 9007199254740991", name=op.f("ck_own_inquiry_amount_fen")),
        sa.CheckConstraint("length(content) = 33", name=op.f("ck_own_inquiry_content_size")),
        sa.CheckConstraint("length(mark) = 33", name=op.f("ck_own_inquiry_mark_size")),
        sa.CheckConstraint("length(mark_account) = 33", name=op.f("ck_own_inquiry_mark_account_size")),
        sa.CheckConstraint("length(mark_person) = 33", name=op.f("ck_own_inquiry_mark_person_size")),
        sa.ForeignKeyConstraint(["import_id"], ["own_import.id"], name=op.f("fk_own_inquiry_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_inquiry")),
        sa.UniqueConstraint("mark", name=op.f("uq_own_inquiry_mark")),
    )
    op.create_index(op.f("ix_own_inquiry_case_id"), "own_inquiry", ["case_id"], unique=False)
    op.create_index(op.f("ix_own_inquiry_import_id"), "own_inquiry", ["import_id"], unique=False)
    op.create_index(op.f("ix_own_inquiry_mark_account"), "own_inquiry", ["mark_account"], unique=False)
    op.create_index(op.f("ix_own_inquiry_mark_person"), "own_inquiry", ["mark_person"], unique=False)
    op.create_table(
        "own_outbox",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("org", sa.Integer(), nullable=True),
        sa.Column("root", sa.LargeBinary(length=32), nullable=True),
        sa.Column("act_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lane IN ('normal', 'stop')", name=op.f("ck_own_outbox_lane")),
        sa.CheckConstraint("state IN ('open', 'waiting', 'done', 'ended')", name=op.f("ck_own_outbox_state")),
        sa.CheckConstraint("(root IS NULL) <> (act_id IS NULL)", name=op.f("ck_own_outbox_one_thing")),
        sa.ForeignKeyConstraint(["act_id"], ["own_act.id"], name=op.f("fk_own_outbox_act_id")),
        sa.ForeignKeyConstraint(
            ["org", "root"], ["own_submission.org", "own_submission.root"], name=op.f("fk_own_outbox_org_root")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_outbox")),
    )
    op.create_index("ix_own_outbox_act_id", "own_outbox", ["act_id"], unique=True)
    op.create_index("ix_own_outbox_org_root", "own_outbox", ["org", "root"], unique=True)
    op.create_index(op.f("ix_own_outbox_state"), "own_outbox", ["state"], unique=False)
    op.create_table(
        "own_posting",
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("office", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consent", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ordered_fen", sa.BigInteger(), nullable=False),
        sa.Column("debited_fen", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("debited_fen <= ordered_fen", name=op.f("ck_own_posting_within_order")),
        sa.CheckConstraint("debited_fen BETWEEN 0 AND 9007199254740991", name=op.f("ck_own_posting_debited_fen")),
        sa.CheckConstraint("ordered_fen BETWEEN 1 AND 9007199254740991", name=op.f("ck_own_posting_ordered_fen")),
        sa.PrimaryKeyConstraint("order_hash", name=op.f("pk_own_posting")),
    )
    op.create_table(
        "own_paper",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("order_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_own_paper_digest_size")),
        sa.ForeignKeyConstraint(["order_hash"], ["own_posting.order_hash"], name=op.f("fk_own_paper_order_hash")),
        sa.PrimaryKeyConstraint("digest", "order_hash", name=op.f("pk_own_paper")),
    )
    op.create_table(
        "projection_act",
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("tx_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["block"], ["projection_block.number"], name=op.f("fk_projection_act_block"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("block", "tx_index", "log_index", name=op.f("pk_projection_act")),
    )
    op.create_index("ix_projection_act_org_number", "projection_act", ["org", "number"], unique=False)
    op.create_table(
        "projection_chunk",
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("tx_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sum_fen", sa.String(length=20), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("checker", sa.String(), nullable=False),
        sa.Column("maker_signature", sa.LargeBinary(), nullable=False),
        sa.Column("checker_signature", sa.LargeBinary(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("outcomes", sa.LargeBinary(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["block"], ["projection_block.number"], name=op.f("fk_projection_chunk_block"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("block", "tx_index", "log_index", name=op.f("pk_projection_chunk")),
    )
    op.create_index("ix_projection_chunk_org_root_place", "projection_chunk", ["org", "root", "place"], unique=True)
    op.create_table(
        "own_transaction",
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("intent_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('live', 'done', 'reverted', 'replaced')", name=op.f("ck_own_transaction_state")),
        sa.ForeignKeyConstraint(["intent_id"], ["own_outbox.id"], name=op.f("fk_own_transaction_intent_id")),
        sa.PrimaryKeyConstraint("tx_hash", name=op.f("pk_own_transaction")),
    )
    op.create_index("ix_own_transaction_state", "own_transaction", ["state"], unique=False)
    op.create_index(
        "uq_own_transaction_nonce",
        "own_transaction",
        ["sender", "nonce"],
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_index(
        "uq_own_transaction_place",
        "own_transaction",
        ["intent_id", "place"],
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "projection_entry",
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("office", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("target", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consent", sa.LargeBinary(length=32), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("claim_fen", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("fund_account", sa.Integer(), nullable=False),
        sa.Column("debitable", sa.Integer(), nullable=False),
        sa.Column("in_parts", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("tx_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("amount_fen BETWEEN 0 AND 9007199254740991", name=op.f("ck_projection_entry_amount_fen")),
        sa.CheckConstraint("claim_fen BETWEEN 0 AND 9007199254740991", name=op.f("ck_projection_entry_claim_fen")),
        sa.ForeignKeyConstraint(
            ["block", "tx_index", "log_index"],
            ["projection_chunk.block", "projection_chunk.tx_index", "projection_chunk.log_index"],
            name=op.f("fk_projection_entry_block_tx_index_log_index"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_hash", name=op.f("pk_projection_entry")),
    )
    op.create_index(
        "ix_projection_entry_block_tx_index_log_index_place",
        "projection_entry",
        ["block", "tx_index", "log_index", "place"],
        unique=False,
    )
    op.create_index(
        "ix_projection_entry_office_case_id_seq", "projection_entry", ["office", "case_id", "seq"], unique=True
    )
    op.create_index(
        "ix_projection_entry_org_action_block_time", "projection_entry", ["org", "action", "block_time"], unique=False
    )
    op.create_table(
        "projection_refusal",
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("office", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("tx_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["block", "tx_index", "log_index"],
            ["projection_chunk.block", "projection_chunk.tx_index", "projection_chunk.log_index"],
            name=op.f("fk_projection_refusal_block_tx_index_log_index"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org", "root", "place", name=op.f("pk_projection_refusal")),
    )
    op.create_index(
        "ix_projection_refusal_block_tx_index_log_index",
        "projection_refusal",
        ["block", "tx_index", "log_index"],
        unique=False,
    )
    op.create_index("ix_projection_refusal_entry_hash", "projection_refusal", ["entry_hash"], unique=False)
    op.create_index("ix_projection_refusal_office_case_id", "projection_refusal", ["office", "case_id"], unique=False)
    op.create_table(
        "projection_wrap",
        sa.Column("org", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("tx_index", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["block", "tx_index", "log_index"],
            ["projection_chunk.block", "projection_chunk.tx_index", "projection_chunk.log_index"],
            name=op.f("fk_projection_wrap_block_tx_index_log_index"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org", "root", name=op.f("pk_projection_wrap")),
    )
    op.create_index(
        "ix_projection_wrap_block_tx_index_log_index",
        "projection_wrap",
        ["block", "tx_index", "log_index"],
        unique=False,
    )
    op.create_table(
        "projection_sealed",
        sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_hash"],
            ["projection_entry.entry_hash"],
            name=op.f("fk_projection_sealed_entry_hash"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_hash", name=op.f("pk_projection_sealed")),
    )
