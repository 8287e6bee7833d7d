# SPDX-License-Identifier: Apache-2.0
"""What a node's tables must hold, as the replay says: field by field, by the tables' own names and keys.

``projection_*`` is a cache of the chain, so every row of it is known. Of ``own_*`` only what the ledger has heard is:
what a bank booked for an order that it reported on, what a house signed and what became of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from node.audit.replay import CaseStood, ChunkStood, Refusal, Replay, Stood, Taken
from node.audit.submissions import Progress
from node.domain.case import DebitState
from node.domain.case_json import case_to_json
from node.domain.digest import keccak
from node.domain.entries import ZERO32, Acted, Action, Block, Entry, Founded, Position

Key = tuple[int | str | bytes, ...]
Fields = Mapping[str, Any]

TABLES = (
    "projection_block",
    "projection_cursor",
    "projection_act",
    "projection_chunk",
    "projection_submission",
    "projection_wrap",
    "projection_entry",
    "projection_sealed",
    "projection_refusal",
    "projection_case",
    "own_posting",
    "own_submission",
    "own_entry",
)
_CLEAR = tuple(name for name in Entry.__slots__ if name != "sealed")


@dataclass(frozen=True, slots=True)
class Keccak:
    """A long field, known by its hash."""

    hash: bytes


@dataclass(frozen=True, slots=True)
class Json:
    """A field that holds JSON, as text or as its value; compared value by value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Unless:
    """A field that may still be empty; what is in it must be this."""

    value: Any


@dataclass(frozen=True, slots=True)
class Expected:
    """One table. ``all``: each of these rows is there; ``only``: no others are, or else they hold ``unheard``."""

    rows: Mapping[Any, Any]  # by Key
    fields: Callable[[Any], Fields]
    all: bool = True
    only: bool = True
    unheard: Fields = field(default_factory=dict[str, Any])


def expected_tables(replay: Replay) -> dict[str, Expected]:
    """By table name; the keys are the primary keys of ``node.store``."""
    chunks = {_at(c.position): c for c in replay.chunks}
    entries = {(e.hash,): e for e in replay.entries}
    first = {(c.submission.org, c.submission.root): c for c in reversed(replay.chunks)}
    wraps = {key: (p, first[key]) for key, p in replay.submissions.items() if key in first}
    refusals = {(r.entry.org, r.root, r.place): r for r in replay.refusals}
    places: dict[Key, Stood] = {(e.entry.org, e.root, e.place): e for e in (*replay.entries, *replay.refusals)}
    cursor = {} if replay.last is None else {(1,): (replay.last, replay.taken)}
    return {
        "projection_block": Expected({(b.number,): b for b in replay.blocks.values()}, _block, only=False),
        "projection_cursor": Expected(cursor, _cursor),
        "projection_act": Expected({_at(a.position): a for a in replay.acts}, _act),
        "projection_chunk": Expected(chunks, _chunk),
        "projection_submission": Expected(replay.submissions, _submission),
        "projection_wrap": Expected(wraps, _wrap),
        "projection_entry": Expected(entries, _entry),
        "projection_sealed": Expected(entries, lambda e: {"sealed": Keccak(e.sealed_hash)}),
        "projection_refusal": Expected(refusals, _refusal),
        "projection_case": Expected({(k.office, k.case_id): c for k, c in replay.cases.items()}, _case),
        "own_posting": Expected(_postings(replay.entries), lambda fields: fields, all=False),
        "own_submission": Expected(wraps, _own_submission, all=False, only=False),
        "own_entry": Expected(places, _own_entry, all=False, only=False, unheard={"outcome": None}),
    }


def _at(position: Position) -> Key:
    return position.block, position.transaction, position.log


def _where(position: Position) -> Fields:
    return {"block": position.block, "tx_index": position.transaction, "log_index": position.log}


def _block(block: Block) -> Fields:
    return {"hash": block.hash, "parent": block.parent, "timestamp": block.timestamp}


def _cursor(at: tuple[Block, int]) -> Fields:
    return {"number": at[0].number, "hash": at[0].hash, "taken": at[1]}


def _act(event: Founded | Acted) -> Fields:
    if isinstance(event, Founded):
        governors = [{"name": g.name, "first": g.first, "second": g.second} for g in event.governors]
        raw = {"registry": event.registry.hex(), "threshold": event.threshold, "governors": governors}
        return {"kind": 0, "org": 0, "number": 0, "tx_hash": event.tx_hash, "raw": Json(raw)}
    act = event.act
    raw = {
        "kind": act.kind,
        "org": act.org,
        "number": str(act.number),
        "first": act.first,
        "second": act.second,
        "code": act.code,
        "order_limit_fen": str(act.order_limit_fen),
        "day_limit_fen": str(act.day_limit_fen),
        "data": act.data.hex(),
        "valid_until": str(act.valid_until),
        "signatures": [signature.hex() for signature in event.signatures],
    }
    return {"kind": act.kind, "org": act.org, "number": act.number, "tx_hash": event.tx_hash, "raw": Json(raw)}


def _chunk(chunk: ChunkStood) -> Fields:
    return {
        "org": chunk.submission.org,
        "root": chunk.submission.root,
        "place": chunk.place,
        "number": chunk.number,
        "sum_fen": chunk.sum_fen,
        "maker": chunk.maker,
        "checker": chunk.checker,
        "maker_signature": chunk.maker_signature,
        "checker_signature": chunk.checker_signature,
        "taken": chunk.taken,
        "outcomes": chunk.outcomes,
        "tx_hash": chunk.tx_hash,
    }


def _signed(progress: Progress) -> Fields:
    signed = progress.submission
    return {
        "action": signed.action,
        "count": signed.count,
        "sum_fen": signed.sum_fen,
        "wraps": signed.wraps,
        "valid_until": signed.valid_until,
    }


def _submission(progress: Progress) -> Fields:
    return {
        **_signed(progress),
        "next_place": progress.next_place,
        "taken_count": progress.taken,
        "refused_count": progress.refused,
        "presented_fen": progress.presented_fen,
        "first_block": progress.first_block,
        "last_block": progress.last_block,
    }


def _wrap(at: tuple[Progress, ChunkStood]) -> Fields:
    return {**_where(at[1].position), "blob": Keccak(keccak(at[0].wraps))}


def _stood(stood: Stood) -> Fields:
    return {
        **_where(stood.position),
        "root": stood.root,
        "place": stood.place,
        "block_time": stood.block_time,
        "tx_hash": stood.tx_hash,
    }


def _entry(taken: Taken) -> Fields:
    clear = {name: getattr(taken.entry, name) for name in _CLEAR}
    return {**clear, **_stood(taken), "seq": taken.seq}


def _refusal(refusal: Refusal) -> Fields:
    entry = refusal.entry
    return {
        **_stood(refusal),
        "entry_hash": refusal.hash,
        "action": entry.action,
        "rule": int(refusal.rule),
        "office": entry.office,
        "case_id": entry.case_id,
        "record": Keccak(refusal.record_hash),
    }


def _case(stood: CaseStood) -> Fields:
    case = stood.case
    opened = case.opened
    return {
        "recipient": case.recipient,
        "phase": int(case.phase),
        "seq": case.seq,
        "head": case.head,
        "claim_fen": case.claim_fen,
        "net_fen": case.net_fen,
        "unsettled_fen": sum(d.amount_fen for d in case.debits if d.state is DebitState.UNSETTLED),
        "open_order": opened.hash if opened else None,
        "open_fen": opened.amount_fen if opened else 0,
        "accepted": case.accepted,
        "debitable": case.debitable,
        "office_dispute": case.disputed(by_office=True),
        "recipient_dispute": case.disputed(by_office=False),
        "consent": None if case.standing == ZERO32 else case.standing,
        "due_at": case.due_at,
        "state": Json(json.loads(case_to_json(case))),
        "first_block": stood.first_block,
        "last_block": stood.last_block,
        "opened_at": stood.opened_at,
        "updated_at": stood.updated_at,
    }


def _postings(entries: Iterable[Taken]) -> dict[Key, dict[str, Any]]:
    """A bank's posting by its order: what was ordered and, once the bank has reported, what it debited."""
    postings: dict[Key, dict[str, Any]] = {}
    for taken in entries:
        entry = taken.entry
        if entry.action == Action.ORDER:
            case = {"office": entry.office, "case_id": entry.case_id, "consent": entry.consent}
            postings[(taken.hash,)] = case | {"ordered_fen": entry.amount_fen}
        elif entry.action == Action.DEBIT:
            postings[(entry.target,)]["debited_fen"] = entry.amount_fen
    return postings


def _own_submission(at: tuple[Progress, ChunkStood]) -> Fields:
    progress, chunk = at
    return {
        **_signed(progress),
        "ledger": progress.submission.ledger,
        "maker": chunk.maker,
        "checker": chunk.checker,
        "maker_signature": chunk.maker_signature,
        "checker_signature": chunk.checker_signature,
    }


def _own_entry(stood: Stood) -> Fields:
    outcome = int(stood.rule) if isinstance(stood, Refusal) else 0
    return {"entry_hash": stood.hash, "outcome": Unless(outcome)}
