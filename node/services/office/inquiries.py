# SPDX-License-Identifier: Apache-2.0
"""From a file of inquiries to letters: import rows, draft a REQUEST for each, send one on to the right bank.

One overpayment has at most one live case; all its cases together recover at most its amount (the ledger cannot see
that two cases are about one overpayment, PROTOCOL section 3).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlmodel import Session, col, func, select
from uuid_utils import uuid7

from node.domain.bodies import LONGEST_SHORT
from node.domain.codes import AccountType, RequestItem
from node.domain.entries import ZERO32, Action, CaseKey, Entry, OrgRole, Phase
from node.domain.errors import Conflict, Refused
from node.domain.workdays import BEIJING, end_of_day
from node.services.cases import standing_in
from node.services.context import Context
from node.services.drafting import Content, draft, short
from node.sheets.rows import Import, InquiryRow, Seen
from node.store.own_records import InquiryState, OwnImport, OwnInquiry, OwnSetting
from node.store.own_work import DraftState, OwnDraft
from node.store.projection import ProjectionCase

_SEALED = "own_inquiry.sealed"
_NAME = "own_import.sealed_name"
_ENDS = (Phase.DECLINED, Phase.CLOSED)
_GONE = (DraftState.RETURNED, DraftState.DROPPED)  # without a case: never recorded


class ImportFaulty(Refused):
    """The file has faults, and nothing of it was taken. Values: ``faults``, ``rows``."""

    code = "import_faulty"


class InquiryUnknown(Refused):
    """No such inquiry. Values: ``inquiry``."""

    code = "inquiry_unknown"


class InquiryLive(Conflict):
    """The overpayment has a case that is still going on. Values: ``inquiry``, ``case``."""

    code = "inquiry_live"


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import kept."""

    import_id: str
    inquiries: tuple[str, ...]
    skipped: int


def bank_names(ctx: Context, session: Session) -> dict[str, int]:
    """The banks and authorities of the alliance by name, as a file names them."""
    banks = [org for org in ctx.members(session).orgs() if org.active and org.role is OrgRole.BANK]
    borne = Counter(org.name for org in banks)
    return {org.name: org.id for org in banks if borne[org.name] == 1}  # two of one name cannot be told apart


def earlier(ctx: Context, session: Session, rows: Sequence[InquiryRow]) -> list[Seen]:
    """For each row: new, imported before with the same content, or with other content."""
    marks = [ctx.marks("inquiry", row.identity().decode()) for row in rows]
    wanted = select(OwnInquiry.mark, OwnInquiry.content).where(
        col(OwnInquiry.mark).in_([mark for each in marks for mark in each])
    )
    known = dict(iter(session.exec(wanted)))
    return [
        _seen(ctx, row, [known[mark] for mark in each if mark in known]) for row, each in zip(rows, marks, strict=True)
    ]


def take(ctx: Context, session: Session, found: Import, data: bytes, name: str, made_by: str = "") -> Taken:
    """Keep the rows of a file without faults, their personal data sealed. Raises ImportFaulty."""
    if found.faults:
        raise ImportFaulty(faults=len(found.faults), rows=found.count)
    now = ctx.clock.now()
    batch = OwnImport(
        id=str(uuid7()),
        digest=hashlib.sha256(data).digest(),
        sealed_name=ctx.cipher.seal(_NAME, name.encode()),
        rows=found.count,
        accepted=found.accepted,
        skipped=found.skipped,
        made_by=made_by,
        made_at=now,
    )
    session.add(batch)
    session.flush()
    ours = ctx.org(session).id
    rows = [_inquiry(ctx, batch.id, row, ours, now) for row in found.rows]
    session.add_all(rows)
    session.flush()
    return Taken(batch.id, tuple(row.id for row in rows), found.skipped)


def imported(session: Session) -> list[str]:
    """Inquiries that have no letter yet, oldest first."""
    wanted = select(OwnInquiry.id).where(OwnInquiry.state == InquiryState.IMPORTED).order_by(col(OwnInquiry.id))
    return list(session.exec(wanted))


def find_inquiry(session: Session, inquiry: str) -> OwnInquiry:
    """One inquiry. Raises InquiryUnknown."""
    row = session.get(OwnInquiry, inquiry)
    if row is None:
        raise InquiryUnknown(inquiry=inquiry)
    return row


def draft_request(ctx: Context, session: Session, inquiry: str, made_by: str = "") -> OwnDraft:
    """Draft the letter of one inquiry. Raises InquiryUnknown, InquiryLive."""
    return _draft(ctx, session, find_inquiry(session, inquiry), made_by)


def draft_requests(
    ctx: Context, session: Session, ids: Sequence[str] | None = None, made_by: str = ""
) -> list[OwnDraft]:
    """Draft the letters of several, of all that have none yet where ``ids`` is None."""
    return [draft_request(ctx, session, inquiry, made_by) for inquiry in (imported(session) if ids is None else ids)]


def send_on(ctx: Context, session: Session, inquiry: str, bank: int, made_by: str = "") -> OwnDraft:
    """Draft a new letter to the right bank (转协查) once the old case is at an end. Raises InquiryLive."""
    row = find_inquiry(session, inquiry)
    _check_over(session, row)
    row.recipient, row.case_id = bank, None
    session.flush()
    return _draft(ctx, session, row, made_by)


def details(ctx: Context, row: OwnInquiry) -> dict[str, Any]:
    """The row's own words, opened: personal data, for payloads and for screens that unmask."""
    return json.loads(ctx.cipher.open(_SEALED, row.sealed))


def outstanding_fen(session: Session, key: CaseKey) -> int:
    """What is not yet recovered of the overpayment behind a case, over all its cases."""
    row = session.exec(select(OwnInquiry).where(OwnInquiry.case_id == key.case_id)).first()
    if row is None:
        raise InquiryUnknown(inquiry=short(key.case_id))
    wanted = select(func.coalesce(func.sum(ProjectionCase.net_fen), 0)).where(
        ProjectionCase.office == row.office, col(ProjectionCase.case_id).in_(_case_ids(session, row))
    )
    return row.amount_fen - int(session.exec(wanted).one())


def _case_ids(session: Session, row: OwnInquiry) -> list[bytes]:
    return list(session.exec(select(OwnDraft.case_id).where(OwnDraft.inquiry_id == row.id)))


def _draft(ctx: Context, session: Session, row: OwnInquiry, made_by: str) -> OwnDraft:
    _check_over(session, row)
    members = ctx.members(session)
    mine, bank = ctx.own(members), members.org(standing_in(members, row.recipient))
    said = details(ctx, row)
    due_at = end_of_day(date.fromisoformat(row.due_on)) - 1 if row.due_on else ctx.reply_due()
    entry = Entry(
        action=Action.REQUEST,
        org=mine.id,
        office=mine.id,
        case_id=ctx.random.token(32),
        commitment=ZERO32,
        sealed=b"",
        recipient=bank.id,
        due_at=due_at,
    )
    body = {
        "letter_number": _letter_number(ctx, session),
        "agency": mine.name[:LONGEST_SHORT],
        "bank": bank.name[:LONGEST_SHORT],
        "person_name": said["name"],
        "person_id": said["id_number"],
        "account": said["account"],
        "account_type": AccountType.CARD,
        "insurance": row.insurance,
        "category": row.category,
        "region": row.region,
        "ineligible_from": said["starts_on"],
        "stopped_on": said["ends_on"],
        "amount_fen": row.amount_fen,
        "items": list(RequestItem),
        "purpose": "核实违规领取社会保险待遇",
        "legal_basis": "社会保险法；社会保险经办条例",
        "note": said["note"],
    }
    happened = datetime.combine(date.fromisoformat(said["ends_on"]), time(), BEIJING).astimezone(UTC)
    kept = draft(ctx, session, entry, bank.id, Content(body, happened, ctx.clock.now()), made_by)
    kept.inquiry_id = row.id
    row.case_id, row.state = entry.case_id, InquiryState.DRAFTED
    session.flush()
    return kept


def _check_over(session: Session, row: OwnInquiry) -> None:
    """No letter of this overpayment is under way or live; one that came back gives way to the next, for good."""
    for letter in session.exec(select(OwnDraft).where(OwnDraft.inquiry_id == row.id)).all():
        case = session.get(ProjectionCase, (letter.office, letter.case_id))
        over = letter.state in _GONE if case is None else case.phase in _ENDS
        if not over:
            raise InquiryLive(inquiry=row.id, case=short(letter.case_id))
        if letter.state == DraftState.RETURNED:
            letter.state = DraftState.DROPPED
            session.add(letter)


def _inquiry(ctx: Context, import_id: str, row: InquiryRow, office: int, now: datetime) -> OwnInquiry:
    said = {
        "name": row.name,
        "id_number": row.id_number,
        "account": row.account,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "note": row.note,
    }
    return OwnInquiry(
        id=str(uuid7()),
        import_id=import_id,
        row=row.row,
        mark=_mark(ctx, row.identity()),
        content=_content(ctx, row),
        mark_person=ctx.mark("person", row.id_number),
        mark_account=ctx.mark("account", row.account),
        recipient=row.bank_org,
        category=row.category,
        insurance=row.insurance,
        region=row.region,
        amount_fen=row.amount_fen,
        due_on=row.due_on.isoformat() if row.due_on else "",
        sealed=_seal(ctx, said),
        office=office,
        made_at=now,
    )


def _letter_number(ctx: Context, session: Session) -> str:
    """The next 文号 of this year; a number given is never given again, also where its letter is dropped."""
    year = ctx.today().year
    key = f"letter_number:{year}"
    row = session.get(OwnSetting, key)
    number = 1 if row is None else int(row.value) + 1
    if row is None:
        row = OwnSetting(key=key, value=number, changed_at=ctx.clock.now())
    row.value, row.changed_at = number, ctx.clock.now()
    session.add(row)
    session.flush()
    return f"{ctx.letter_prefix}〔{year}〕{number}号"


def _seen(ctx: Context, row: InquiryRow, known: Sequence[bytes]) -> Seen:
    if not known:
        return Seen.NEW
    same = set(known) <= set(ctx.marks("content", row.content().decode()))
    return Seen.SAME if same else Seen.OTHER


def _mark(ctx: Context, identity: bytes) -> bytes:
    return ctx.mark("inquiry", identity.decode())


def _content(ctx: Context, row: InquiryRow) -> bytes:
    return ctx.mark("content", row.content().decode())


def _seal(ctx: Context, said: dict[str, Any]) -> bytes:
    return ctx.cipher.seal(_SEALED, json.dumps(said, ensure_ascii=False).encode())
