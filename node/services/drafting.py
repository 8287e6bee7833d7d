# SPDX-License-Identifier: Apache-2.0
"""Drafts: one entry in the making, its payload sealed under the node's own key until it is sealed to the parties.

A draft names the head (or the thing) that its maker saw. If the case moves on, the draft is renewed on purpose and by
a person; nothing here follows the case silently.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from uuid_utils import uuid7

from node.domain.bodies import make_body
from node.domain.case import Case
from node.domain.case_json import case_from_json
from node.domain.entries import ZERO32, Action, CaseKey, Entry
from node.domain.errors import Conflict, Refused
from node.domain.transitions import table
from node.services.context import Context
from node.store.own_work import DraftState, OwnDraft
from node.store.projection import ProjectionCase, ProjectionCursor, ProjectionEntry

FIELD = "own_draft.body"
OPEN_STATES = (DraftState.DRAFT, DraftState.RETURNED)


class CaseUnknown(Refused):
    """No such case on the ledger as this node has followed it. Values: ``case``."""

    code = "case_unknown"


class DraftUnknown(Refused):
    """No such draft. Values: ``draft``."""

    code = "draft_unknown"


class DraftNotOpen(Conflict):
    """The draft is on its way or done. Values: ``draft``, ``state``."""

    code = "draft_not_open"


class DraftRivals(Conflict):
    """Another open draft of the same action stands for this case. Values: ``case``, ``action``."""

    code = "draft_rivals"


class DraftStale(Conflict):
    """The case has moved on from what the draft speaks of: it cannot be renewed. Values: ``draft``, ``thing``."""

    code = "draft_stale"


class EntryNotFinal(Conflict):
    """The entry that this rests on may yet be replaced. Values: ``entry``."""

    code = "entry_not_final"


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft is to say under seal: the payload's body, when it happened and when the org learnt of it (UTC)."""

    body: Mapping[str, Any]
    happened_at: datetime
    learnt_at: datetime


def load_case(session: Session, key: CaseKey) -> Case:
    """The case as followed, seen or final. Raises CaseUnknown."""
    row = session.get(ProjectionCase, (key.office, key.case_id))
    if row is None:
        raise CaseUnknown(case=short(key.case_id))
    return case_from_json(row.state)


def check_final(session: Session, entry_hash: bytes) -> None:
    """What leaves the house rests on what is final only. Raises EntryNotFinal."""
    cursor, row = session.get(ProjectionCursor, 1), session.get(ProjectionEntry, entry_hash)
    if cursor is None or row is None or row.block > cursor.final_number:
        raise EntryNotFinal(entry=bytes.hex(entry_hash)[:8])


def draft(
    ctx: Context,
    session: Session,
    entry: Entry,
    recipient: int,
    content: Content,
    made_by: str = "",
) -> OwnDraft:
    """Keep one entry in the making. ``entry``: clear fields only; ``recipient``: the org that will read it.

    Raises PayloadWrong, and DraftRivals where an open draft of the same action stands for the case.
    """
    if under_way(session, entry.key, Action(entry.action)):
        raise DraftRivals(case=short(entry.case_id), action=Action(entry.action).name)
    make_body(Action(entry.action), content.body)
    now = ctx.clock.now()
    row = OwnDraft(
        id=str(uuid7()),
        action=entry.action,
        office=entry.office,
        case_id=entry.case_id,
        recipient=recipient,
        clear=clear_json(entry),
        body=_sealed(ctx, content),
        made_by=made_by,
        made_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    return row


def entry_of_draft(row: OwnDraft, org: int) -> Entry:
    """The entry as drafted, without commitment and ciphertext."""
    clear: dict[str, Any] = {k: bytes.fromhex(v) if isinstance(v, str) else v for k, v in row.clear.items()}
    return Entry(
        action=row.action, org=org, office=row.office, case_id=row.case_id, commitment=ZERO32, sealed=b"", **clear
    )


def content_of(ctx: Context, row: OwnDraft) -> Content:
    """What the draft is to say."""
    found = json.loads(ctx.cipher.open(FIELD, row.body))
    return Content(found["body"], _time(found["happened_at"]), _time(found["learnt_at"]))


def open_drafts(session: Session, action: Action, ids: Sequence[str] | None = None) -> list[OwnDraft]:
    """Open drafts of one action, oldest first; all of them, or those named. Raises DraftUnknown, DraftNotOpen."""
    if ids is None:
        drafted = (OwnDraft.action == action, OwnDraft.state == DraftState.DRAFT)
        return list(session.exec(select(OwnDraft).where(*drafted).order_by(col(OwnDraft.id))))
    rows = all_open(session, ids)
    for row in rows:
        if row.action != action:
            raise DraftUnknown(draft=row.id)
    return rows


def all_open(session: Session, ids: Sequence[str] | None = None) -> list[OwnDraft]:
    """Drafts that wait for a maker and those that came back, oldest first; those named. Raises DraftUnknown,
    DraftNotOpen."""
    wanted = select(OwnDraft).order_by(col(OwnDraft.id))
    if not ids:
        return list(session.exec(wanted.where(col(OwnDraft.state).in_(OPEN_STATES))))
    rows = {row.id: row for row in session.exec(wanted.where(col(OwnDraft.id).in_(ids)))}
    for draft_id in ids:
        if draft_id not in rows:
            raise DraftUnknown(draft=draft_id)
        if rows[draft_id].state not in OPEN_STATES:
            raise DraftNotOpen(draft=draft_id, state=rows[draft_id].state)
    return [rows[draft_id] for draft_id in ids]


def renew(ctx: Context, session: Session, draft_id: str) -> OwnDraft:
    """Put a draft that came back on the case as it stands, to be signed anew after a person has looked again.

    Raises DraftUnknown, DraftNotOpen, DraftRivals, and DraftStale where it speaks of a consent or an order that does
    not stand any more.
    """
    row = session.get(OwnDraft, draft_id)
    if row is None:
        raise DraftUnknown(draft=draft_id)
    if row.state not in OPEN_STATES:
        raise DraftNotOpen(draft=draft_id, state=row.state)
    key, action = CaseKey(row.office, row.case_id), Action(row.action)
    if under_way(session, key, action, other_than=row.id):
        raise DraftRivals(case=short(row.case_id), action=action.name)
    if action is not Action.REQUEST:  # which has no case yet
        row.clear = _as_it_stands(row, load_case(session, key))
    row.state, row.rule, row.changed_at = DraftState.DRAFT, 0, ctx.clock.now()
    session.add(row)
    session.flush()
    return row


def drop(ctx: Context, session: Session, draft_id: str) -> None:
    """Give a draft up."""
    row = session.get(OwnDraft, draft_id)
    if row is None:
        raise DraftUnknown(draft=draft_id)
    if row.state not in OPEN_STATES:
        raise DraftNotOpen(draft=draft_id, state=row.state)
    row.state, row.changed_at = DraftState.DROPPED, ctx.clock.now()
    session.add(row)


def under_way(session: Session, key: CaseKey, action: Action, other_than: str = "") -> bool:
    """Whether an entry of that action is drafted or submitted in a case, ``other_than`` one draft."""
    wanted = select(OwnDraft.id).where(
        OwnDraft.office == key.office,
        OwnDraft.case_id == key.case_id,
        OwnDraft.action == action,
        OwnDraft.id != other_than,
        col(OwnDraft.state).in_((DraftState.DRAFT, DraftState.SUBMITTED)),
    )
    return session.exec(wanted).first() is not None


def clear_json(entry: Entry) -> dict[str, int | str]:
    """The clear fields that an entry sets, by attribute; hashes as hex."""
    skipped = {"action", "org", "office", "case_id", "commitment", "sealed"}
    found: dict[str, int | str] = {}
    for name in Entry.__dataclass_fields__:
        value = getattr(entry, name)
        if name not in skipped and value not in (0, ZERO32):
            found[name] = bytes.hex(value) if isinstance(value, bytes) else int(value)
    return found


def short(case_id: bytes) -> str:
    """The first 8 hex digits of a case id, as people quote it."""
    return bytes.hex(case_id)[:8]


def _as_it_stands(row: OwnDraft, case: Case) -> dict[str, Any]:
    """The clear fields on the case's head and on what stands now.

    A consent and the stops follow the case. What speaks of one consent or one order under seal, its number and its
    amount, does not: that is drafted anew. Raises DraftStale.
    """
    action, clear = Action(row.action), dict(row.clear)
    if table().actions[action].head:
        clear["head"] = bytes.hex(case.head)
    match action:
        case Action.CONSENT:
            clear["consent"] = bytes.hex(case.standing)
        case Action.REVOKE:
            clear["target"] = _standing(row, "CONSENT", case.standing)
        case Action.CANCEL:
            clear["target"] = _standing(row, "ORDER", case.open_order)
        case Action.ORDER:
            _standing(row, "CONSENT", case.standing, clear["consent"])
        case Action.ACCEPT | Action.DEBIT:
            _standing(row, "ORDER", case.open_order, clear["target"])
        case _:
            pass
    return clear


def _standing(row: OwnDraft, thing: str, found: bytes, spoken_of: str = "") -> str:
    """The hash of what stands, which must be what the draft speaks of where it speaks of one."""
    if found == ZERO32 or spoken_of not in ("", bytes.hex(found)):
        raise DraftStale(draft=row.id, thing=thing)
    return bytes.hex(found)


def _sealed(ctx: Context, content: Content) -> bytes:
    document = {
        "body": dict(content.body),
        "happened_at": content.happened_at.isoformat(),
        "learnt_at": content.learnt_at.isoformat(),
    }
    return ctx.cipher.seal(FIELD, json.dumps(document, ensure_ascii=False).encode())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
