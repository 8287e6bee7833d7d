# SPDX-License-Identifier: Apache-2.0
"""Where money moves: debit what is accepted for good, at most once an order, report it, give it back.

Not by itself where a dispute or a revocation has been seen since, final or not: then a person decides (PROTOCOL
section 3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from node.corebank.desk import DebitDesk, DebitOrder, Waiting
from node.corebank.port import DebitResult, Outcome, payment_reference
from node.domain.bodies import RequestBody
from node.domain.case import Case
from node.domain.case_json import case_from_json
from node.domain.codes import DebitOutcome, DebitReason
from node.domain.entries import Action, CaseKey, Phase
from node.domain.errors import AllianceError, Conflict, Refused, Unavailable
from node.domain.workdays import beijing_date
from node.services.bank.orders import open_order
from node.services.cases import NothingOpen, blank, in_case, incoming
from node.services.context import Context
from node.services.drafting import load_case, short
from node.services.reading import DOES_NOT_OPEN, Reader
from node.store.own_records import OwnPosting
from node.store.own_work import OwnDraft
from node.store.projection import ProjectionCase, ProjectionCursor, ProjectionEntry


class NotFinalYet(Conflict):
    """The acceptance is not final: no money moves. Values: ``case``."""

    code = "not_final_yet"


class PersonMustDecide(Conflict):
    """A dispute or a revocation was seen after the acceptance. Values: ``case``, ``why``."""

    code = "person_must_decide"


class NotCaughtUp(Unavailable):
    """A stop may stand in blocks that this node has not followed yet: no money moves. Values: ``behind`` (blocks)."""

    code = "not_caught_up"


class PostedTooMuch(Refused):
    """More than was ordered; give the excess back before it is reported. Values: ``posted_fen``, ``ordered_fen``."""

    code = "posted_too_much"


MOST_BEHIND = 3  # blocks that the projection may lag when money moves; a chain goes on while it is asked


@dataclass(frozen=True, slots=True)
class Executable:
    """An accepted order with what the core bank needs. ``doubt``: why a person must decide first, or empty."""

    key: CaseKey
    order: DebitOrder
    consent: bytes
    doubt: str


def executable(ctx: Context, session: Session) -> list[Executable]:
    """Accepted orders of ours whose acceptance is final and on which nothing has been reported.

    ``held`` names those that are left out because their letter does not open.
    """
    return [found for _, found in accepted(ctx, session) if isinstance(found, Executable)]


def held(ctx: Context, session: Session) -> dict[CaseKey, AllianceError]:
    """Accepted orders on which nothing can be done here, each with the reason: a person must look."""
    return {key: found for key, found in accepted(ctx, session) if isinstance(found, AllianceError)}


def accepted(ctx: Context, session: Session) -> Iterator[tuple[CaseKey, Executable | AllianceError]]:
    """Accepted orders of ours whose acceptance is final, or why their letter does not open."""
    reader, case = Reader(ctx, session), ProjectionCase
    at_work = col(case.phase).in_((Phase.REPLIED, Phase.CONSENTED))  # where a DEBIT is taken; it leads the index
    for row in incoming(ctx, session, at_work, col(case.accepted).is_(True)):
        acceptance = _acceptance(session, row)
        if acceptance is None:
            continue
        key = CaseKey(row.office, row.case_id)
        try:
            yield key, _executable(reader, row, acceptance)
        except DOES_NOT_OPEN as error:
            yield key, error


def look(ctx: Context, session: Session, key: CaseKey) -> Executable:
    """The accepted order of one case, as the projection has it now.

    Raises NothingOpen, NotFinalYet, and why its letter does not open.
    """
    row = session.get(ProjectionCase, (key.office, key.case_id))
    if row is None or not row.accepted:
        raise NothingOpen(case=short(key.case_id), thing="ACCEPT")
    acceptance = _acceptance(session, row)
    if acceptance is None:
        raise NotFinalYet(case=short(key.case_id))
    return _executable(Reader(ctx, session), row, acceptance)


def execute(ctx: Context, desk: DebitDesk, wanted: Executable, *, despite_doubt: bool = False) -> DebitResult | Waiting:
    """Debit at the core bank, at most once; call it with no transaction open.

    The case is looked at once more right before, since a stop may have come in meanwhile. Raises PersonMustDecide,
    NotCaughtUp, and as ``look``.
    """
    head = ctx.chain.head().number
    with ctx.store.reading() as session:
        cursor = session.get(ProjectionCursor, 1)
        behind = head - (-1 if cursor is None else cursor.number)
        now = look(ctx, session, wanted.key)
    if behind > MOST_BEHIND:
        raise NotCaughtUp(behind=behind)
    if now.order.order_id != wanted.order.order_id:
        raise NothingOpen(case=short(wanted.key.case_id), thing="ORDER")
    if now.doubt and not despite_doubt:
        raise PersonMustDecide(case=short(wanted.key.case_id), why=now.doubt)
    return desk.execute(now.order)


def report(
    ctx: Context, session: Session, key: CaseKey, result: DebitResult, note: str = "", made_by: str = ""
) -> OwnDraft:
    """Draft the result of the accepted order as the core bank gave it. Raises NothingOpen."""
    case = load_case(session, key)
    order = open_order(case)
    entry = replace(
        blank(ctx, session, Action.DEBIT, key), target=order.hash, consent=order.consent, amount_fen=result.posted_fen
    )
    outcome = _outcome(result.posted_fen, order.amount_fen)
    posting = session.get(OwnPosting, order.hash)
    if posting is not None:
        posting.debited_fen = result.posted_fen
    body: dict[str, object] = {
        "outcome": outcome,
        "reason": DebitReason.NONE if outcome is DebitOutcome.FULL else result.reason or DebitReason.CORE,
        "posting": result.reference,
        "posted_at": ctx.clock.now().replace(microsecond=0).isoformat() if result.posted_fen else "",
        "payment_reference": payment_reference(bytes.hex(order.hash)),
        "id_closed": outcome is not DebitOutcome.FULL,
        "note": note,
    }
    return in_case(ctx, session, case, entry, body, made_by=made_by)


def by_hand(wanted: Executable, posted_fen: int, reference: str, reason: DebitReason) -> DebitResult:
    """The result of an order that a person has carried out at a core system that the node does not reach.

    Raises PostedTooMuch.
    """
    if not 0 <= posted_fen <= wanted.order.amount_fen:
        raise PostedTooMuch(posted_fen=posted_fen, ordered_fen=wanted.order.amount_fen)
    if posted_fen == wanted.order.amount_fen:
        return DebitResult(Outcome.FULL, posted_fen, reference)
    return DebitResult(Outcome.PARTIAL if posted_fen else Outcome.FAILED, posted_fen, reference, reason)


def _acceptance(session: Session, row: ProjectionCase) -> ProjectionEntry | None:
    """The ACCEPT of the open order, once it is final."""
    cursor = session.get(ProjectionCursor, 1)
    entry = ProjectionEntry
    of_case = (entry.office == row.office, entry.case_id == row.case_id)
    wanted = select(entry).where(*of_case, entry.action == Action.ACCEPT, entry.target == row.open_order)
    found = session.exec(wanted).first()
    return found if found is not None and cursor is not None and found.block <= cursor.final_number else None


def _executable(reader: Reader, row: ProjectionCase, accepted: ProjectionEntry) -> Executable:
    key = CaseKey(row.office, row.case_id)
    case = case_from_json(row.state)
    order = open_order(case)
    request = reader.latest(key, Action.REQUEST).body
    assert isinstance(request, RequestBody)
    consent = case.consent(order.consent)
    wanted = DebitOrder(
        order_id=bytes.hex(order.hash),
        account=request.account,
        amount_fen=order.amount_fen,
        allow_partial=consent is not None and consent.in_parts,
        day=beijing_date(accepted.block_time),
    )
    return Executable(key, wanted, order.consent, _doubt(case))


def _doubt(case: Case) -> str:
    if case.phase is not Phase.CONSENTED:
        return "REVOKE"
    return "DISPUTE" if case.disputed(by_office=True) or case.disputed(by_office=False) else ""


def _outcome(posted_fen: int, ordered_fen: int) -> DebitOutcome:
    if posted_fen == ordered_fen:
        return DebitOutcome.FULL
    return DebitOutcome.PARTIAL if posted_fen else DebitOutcome.FAILED
