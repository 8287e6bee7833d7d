# SPDX-License-Identifier: Apache-2.0
"""Entries and cases as rows of the projection, and back. No rule is decided here."""

from __future__ import annotations

from typing import Any

from node.crypto.records import pack_record
from node.domain.case import Case, DebitState
from node.domain.case_json import case_to_json
from node.domain.entries import ZERO32, Entry, Presented
from node.ledger.verify import Proven
from node.store.projection import ProjectionEntry

_CLEAR = (
    "action",
    "org",
    "office",
    "case_id",
    "recipient",
    "head",
    "target",
    "consent",
    "amount_fen",
    "claim_fen",
    "not_before",
    "expires_at",
    "due_at",
    "fund_account",
    "debitable",
    "in_parts",
    "commitment",
)


def owner_columns(event: Presented) -> dict[str, Any]:
    """The chunk that a row hangs on, and the submission that it is of."""
    at, submission = event.position, event.submission
    owner = {"org": submission.org, "root": submission.root}
    return owner | {"block": at.block, "tx_index": at.transaction, "log_index": at.log}


def chunk_columns(proven: Proven, sum_fen: int) -> dict[str, Any]:
    """The columns of ProjectionChunk; ``sum_fen`` is over its entries, refused ones too."""
    event, chunk = proven.event, proven.event.chunk
    return owner_columns(event) | {
        "place": chunk.place,
        "number": chunk.number,
        "sum_fen": sum_fen,
        "maker": proven.maker,
        "checker": proven.checker,
        "maker_signature": chunk.maker,
        "checker_signature": chunk.checker,
        "taken": event.taken,
        "outcomes": event.outcomes,
        "tx_hash": event.tx_hash,
    }


def entry_columns(event: Presented, entry: Entry, entry_hash: bytes, place: int, seq: int) -> dict[str, Any]:
    """The columns of ProjectionEntry for an entry that was taken as number ``seq`` of its case."""
    clear = {name: getattr(entry, name) for name in _CLEAR}
    stamp = {"block_time": event.block.timestamp, "tx_hash": event.tx_hash}
    return clear | owner_columns(event) | stamp | {"entry_hash": entry_hash, "place": place, "seq": seq}


def refusal_columns(event: Presented, entry: Entry, entry_hash: bytes, place: int, rule: int) -> dict[str, Any]:
    """The columns of ProjectionRefusal for an entry that the ledger would not take."""
    stamp = {"block_time": event.block.timestamp, "tx_hash": event.tx_hash}
    case = {"office": entry.office, "case_id": entry.case_id, "action": entry.action}
    refused = {"entry_hash": entry_hash, "place": place, "rule": rule, "record": pack_record(entry)}
    return owner_columns(event) | stamp | case | refused


def entry_of(row: ProjectionEntry) -> Entry:
    """The entry's clear fields again; its ciphertext stands in ProjectionSealed and is left empty here."""
    return Entry(sealed=b"", **{name: getattr(row, name) for name in _CLEAR})


def case_columns(case: Case) -> dict[str, Any]:
    """The columns of ProjectionCase that the reducer's value gives; blocks and times are the caller's."""
    opened = case.opened
    return {
        "office": case.key.office,
        "case_id": case.key.case_id,
        "recipient": case.recipient,
        "phase": int(case.phase),
        "seq": case.seq,
        "head": case.head,
        "claim_fen": case.claim_fen,
        "net_fen": case.net_fen,
        "unsettled_fen": sum(d.amount_fen for d in case.debits if d.state is DebitState.UNSETTLED),
        "open_order": None if opened is None else opened.hash,
        "open_fen": 0 if opened is None else opened.amount_fen,
        "accepted": case.accepted,
        "debitable": case.debitable,
        "office_dispute": case.disputed(by_office=True),
        "recipient_dispute": case.disputed(by_office=False),
        "consent": None if case.standing == ZERO32 else case.standing,
        "due_at": case.due_at,
        "state": case_to_json(case),
    }
