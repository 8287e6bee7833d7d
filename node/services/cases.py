# SPDX-License-Identifier: Apache-2.0
"""What both sides of a case do in the same way: find it, address the other side, dispute, resolve."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from node.domain.case import Case, Debit, DebitState
from node.domain.codes import DisputeReason, ResolveOutcome, ReverseReason
from node.domain.entries import ZERO32, Action, CaseKey, Entry, OrgRole
from node.domain.errors import AllianceError, Refused
from node.domain.members import Members
from node.domain.payloads import Payload
from node.ledger.registry import members_now
from node.services.context import Context
from node.services.drafting import CaseUnknown, Content, check_final, draft, load_case, short
from node.services.reading import Reader
from node.store.columns import begins_with
from node.store.own_work import OwnDraft, OwnSubmission
from node.store.projection import ProjectionCase, ProjectionEntry


class NothingOpen(Refused):
    """The case has no such thing open. Values: ``case``, ``thing``."""

    code = "nothing_open"


class DebitUnknown(Refused):
    """The case has no such debit in that state. Values: ``case``, ``debit``."""

    code = "debit_unknown"


def debit_in(case: Case, debit: bytes, state: DebitState) -> Debit:
    """A debit of the case by its entry hash, in that state. Raises DebitUnknown."""
    found = case.debit(debit)
    if found is None or found.state is not state:
        raise DebitUnknown(case=short(case.key.case_id), debit=bytes.hex(debit)[:8])
    return found


def find(session: Session, prefix: str) -> CaseKey:
    """The case whose id begins with these hex digits, among those that this node has followed; of several the one that
    we are a party to: an office chooses its case ids, and could choose them like ours. Raises CaseUnknown."""
    wanted = select(ProjectionCase.office, ProjectionCase.case_id, ProjectionCase.recipient)
    found = list(session.exec(wanted.where(begins_with(ProjectionCase.case_id, prefix))))
    if len(found) > 1:
        party = _written_as(session)
        found = [row for row in found if party & {row[0], row[2]}]
    if len(found) != 1:
        raise CaseUnknown(case=prefix)
    office, case_id, _ = found[0]
    return CaseKey(office, case_id)


def _written_as(session: Session) -> set[int]:
    """The organisation that this node has submitted as, and those that it stands in for."""
    members = members_now(session)
    own = set(session.exec(select(OwnSubmission.org).distinct()))
    return own | {org.id for org in (members.orgs() if members else ()) if org.successor in own}


def ours(ctx: Context, session: Session, *which: ColumnElement[bool]) -> list[ProjectionCase]:
    """The cases in which our organisation, or one that it stands in for, is a party; nearest deadline first.

    ``which``: conditions that the database picks by.
    """
    members = ctx.members(session)
    mine = ctx.own(members)
    orgs = [mine.id, *(o.id for o in members.orgs() if o.successor == mine.id)]
    side = ProjectionCase.office if mine.role is OrgRole.OFFICE else ProjectionCase.recipient
    wanted = select(ProjectionCase).where(col(side).in_(orgs), *which)
    return list(session.exec(wanted.order_by(col(ProjectionCase.due_at), col(ProjectionCase.case_id))))


def incoming(ctx: Context, session: Session, *which: ColumnElement[bool]) -> list[ProjectionCase]:
    """Those of ours that are addressed to us; an office has none, whatever its settings ask of it."""
    return [] if ctx.org(session).role is OrgRole.OFFICE else ours(ctx, session, *which)


def story(ctx: Context, session: Session, key: CaseKey) -> list[tuple[ProjectionEntry, Payload | AllianceError]]:
    """Every entry of a case in order, each opened, or with the reason why it does not open. Raises CaseUnknown."""
    load_case(session, key)
    of_it = (ProjectionEntry.office == key.office, ProjectionEntry.case_id == key.case_id)
    rows = session.exec(select(ProjectionEntry).where(*of_it).order_by(col(ProjectionEntry.seq)))
    reader = Reader(ctx, session)
    found: list[tuple[ProjectionEntry, Payload | AllianceError]] = []
    for row in rows:
        try:
            found.append((row, reader.payload_of(row)))
        except AllianceError as error:
            found.append((row, error))
    return found


def blank(ctx: Context, session: Session, action: Action, key: CaseKey) -> Entry:
    """An entry of ours in a case, with nothing filled in."""
    return Entry(
        action=action,
        org=ctx.org(session).id,
        office=key.office,
        case_id=key.case_id,
        commitment=ZERO32,
        sealed=b"",
    )


def other_side(ctx: Context, session: Session, case: Case) -> int:
    """Whom an entry of ours in this case is sealed to: the other party, or its named successor."""
    members = ctx.members(session)
    mine = ctx.own(members)
    return standing_in(members, case.recipient if mine.role is OrgRole.OFFICE else case.key.office)


def standing_in(members: Members, org: int) -> int:
    """The organisation that speaks for ``org`` now."""
    return members.org(org).successor or org


def in_case(
    ctx: Context,
    session: Session,
    case: Case,
    entry: Entry,
    body: dict[str, object],
    happened_at: datetime | None = None,
    made_by: str = "",
) -> OwnDraft:
    """Draft one entry in an open case. ``happened_at``: now where the thing is being done now."""
    now = ctx.clock.now()
    content = Content(body, happened_at or now, now)
    return draft(ctx, session, entry, other_side(ctx, session, case), content, made_by)


def reverse(
    ctx: Context,
    session: Session,
    key: CaseKey,
    debit: bytes,
    reason: ReverseReason,
    reference: str = "",
    note: str = "",
    made_by: str = "",
) -> OwnDraft:
    """Undo a debit whole: a bank one that is not settled (冲正), the office a settled one (退还), also after the end.

    The money goes back first. Raises DebitUnknown, EntryNotFinal.
    """
    case = load_case(session, key)
    by_office = ctx.org(session).role is OrgRole.OFFICE
    found = debit_in(case, debit, DebitState.SETTLED if by_office else DebitState.UNSETTLED)
    check_final(session, debit)
    entry = replace(blank(ctx, session, Action.REVERSE, key), target=debit, amount_fen=found.amount_fen)
    return in_case(ctx, session, case, entry, {"reason": reason, "reference": reference, "note": note}, made_by=made_by)


def dispute(
    ctx: Context, session: Session, key: CaseKey, reason: DisputeReason, note: str = "", made_by: str = ""
) -> OwnDraft:
    """Raise an objection for our side: from then on nothing is ordered or accepted."""
    case = load_case(session, key)
    entry = blank(ctx, session, Action.DISPUTE, key)
    return in_case(ctx, session, case, entry, {"reason": reason, "note": note}, made_by=made_by)


def resolve(
    ctx: Context,
    session: Session,
    key: CaseKey,
    outcome: ResolveOutcome,
    note: str = "",
    decision: str | None = None,
    made_by: str = "",
) -> OwnDraft:
    """End our own objection. ``decision``: digest of an administrative decision. Raises NothingOpen."""
    case = load_case(session, key)
    by_office = ctx.org(session).role is OrgRole.OFFICE
    open_one = next((d for d in case.disputes if d.open and d.by_office is by_office), None)
    if open_one is None:
        raise NothingOpen(case=bytes.hex(key.case_id)[:8], thing="DISPUTE")
    entry = replace(blank(ctx, session, Action.RESOLVE, key), target=open_one.hash)
    body: dict[str, object] = {"outcome": outcome, "note": note, "decision": decision}
    return in_case(ctx, session, case, entry, body, made_by=made_by)
