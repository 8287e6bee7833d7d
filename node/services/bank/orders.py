# SPDX-License-Identifier: Apache-2.0
"""The bank's side from the order on: accept with its own copy of the consent, debit at the core bank, report, reverse.

Money moves only for an acceptance that is final, at most once an order, and not by itself where a dispute or a
revocation has been seen since: then a person decides (PROTOCOL section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, func, select

from node.corebank.desk import DebitDesk, DebitOrder, Waiting
from node.corebank.port import DebitResult, Outcome, payment_reference
from node.domain.bodies import ConsentBody, RequestBody
from node.domain.case import Case, DebitState, Order
from node.domain.case_json import case_from_json
from node.domain.codes import DebitOutcome, DebitReason, ReverseReason
from node.domain.entries import Action, CaseKey, Phase
from node.domain.errors import Conflict, Refused
from node.domain.workdays import beijing_date, end_of_day
from node.services.bank.letters import letter
from node.services.cases import NothingOpen, blank, debit_in, in_case, ours
from node.services.context import Context
from node.services.drafting import load_case, short
from node.services.evidence import EvidenceUnknown, read
from node.services.reading import Reader
from node.store.own_records import OwnPosting
from node.store.own_work import OwnDraft
from node.store.projection import ProjectionCase, ProjectionCursor, ProjectionEntry


class EvidenceMissing(Refused):
    """The bank has no copy of a scan that the consent names. Values: ``case``, ``digest``."""

    code = "evidence_missing"


class ConsentUsedElsewhere(Conflict):
    """This bank has accepted an order on the same paper in another case. Values: ``case``, ``other``."""

    code = "consent_used_elsewhere"


class NotFinalYet(Conflict):
    """The acceptance is not final: no money moves. Values: ``case``."""

    code = "not_final_yet"


class PersonMustDecide(Conflict):
    """A dispute or a revocation was seen after the acceptance. Values: ``case``, ``why``."""

    code = "person_must_decide"


class PostedTooMuch(Refused):
    """More than was ordered; give the excess back before it is reported. Values: ``posted_fen``, ``ordered_fen``."""

    code = "posted_too_much"


@dataclass(frozen=True, slots=True)
class Executable:
    """An accepted order with what the core bank needs. ``doubt``: why a person must decide first, or empty."""

    key: CaseKey
    order: DebitOrder
    consent: bytes
    doubt: str


def accept(ctx: Context, session: Session, key: CaseKey, made_by: str = "") -> OwnDraft:
    """Draft the acceptance of the open order, with each scan of its consent read and its digest checked.

    Raises NothingOpen, EvidenceMissing, ConsentUsedElsewhere.
    """
    case = load_case(session, key)
    order = _open(case)
    consent = _consent(ctx, session, order)
    for ref in consent.evidence:
        try:
            read(ctx, session, bytes.fromhex(ref.digest))
        except EvidenceUnknown:
            raise EvidenceMissing(case=short(key.case_id), digest=ref.digest[:16]) from None
    _check_paper(ctx, session, key, consent)
    entry = replace(
        blank(ctx, session, Action.ACCEPT, key),
        head=case.head,
        target=order.hash,
        consent=order.consent,
        amount_fen=order.amount_fen,
    )
    body: dict[str, object] = {
        "consent_number": consent.number,
        "evidence": [ref.digest for ref in consent.evidence],
    }
    kept = in_case(ctx, session, case, entry, body, made_by=made_by)
    _note_acceptance(ctx, session, key, order, consent, kept)
    return kept


def refuse(
    ctx: Context, session: Session, key: CaseKey, reason: DebitReason, note: str = "", made_by: str = ""
) -> OwnDraft:
    """Draft the refusal of an order that is not accepted (拒绝受理): a DEBIT of 0. Raises NothingOpen."""
    case = load_case(session, key)
    order = _open(case)
    entry = replace(blank(ctx, session, Action.DEBIT, key), target=order.hash, consent=order.consent)
    body: dict[str, object] = {"outcome": DebitOutcome.REFUSED, "reason": reason, "note": note}
    return in_case(ctx, session, case, entry, body, made_by=made_by)


def executable(ctx: Context, session: Session) -> list[Executable]:
    """Accepted orders of ours whose acceptance is final and on which nothing has been reported."""
    cursor = session.exec(select(ProjectionCursor)).first()
    final = -1 if cursor is None else cursor.final_number
    found: list[Executable] = []
    for row in ours(ctx, session):
        if not row.accepted or row.open_order is None:
            continue
        accepted = session.exec(
            select(ProjectionEntry).where(
                ProjectionEntry.action == Action.ACCEPT, ProjectionEntry.target == row.open_order
            )
        ).first()
        if accepted is not None and accepted.block <= final:
            found.append(_executable(ctx, session, row, accepted))
    return found


def execute(desk: DebitDesk, wanted: Executable, *, despite_doubt: bool = False) -> DebitResult | Waiting:
    """Debit at the core bank, at most once; call it with no transaction open. Raises PersonMustDecide."""
    if wanted.doubt and not despite_doubt:
        raise PersonMustDecide(case=short(wanted.key.case_id), why=wanted.doubt)
    return desk.execute(wanted.order)


def report(
    ctx: Context, session: Session, key: CaseKey, result: DebitResult, note: str = "", made_by: str = ""
) -> OwnDraft:
    """Draft the result of the accepted order as the core bank gave it. Raises NothingOpen."""
    case = load_case(session, key)
    order = _open(case)
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
    """Draft the reversal of a debit that is not settled (冲正). The core bank gives the money back first."""
    case = load_case(session, key)
    found = debit_in(case, debit, DebitState.UNSETTLED)
    entry = replace(blank(ctx, session, Action.REVERSE, key), target=debit, amount_fen=found.amount_fen)
    body: dict[str, object] = {"reason": reason, "reference": reference, "note": note}
    return in_case(ctx, session, case, entry, body, made_by=made_by)


def accepted_fen(ctx: Context, day: date) -> int:
    """What this bank has accepted on a Beijing date, final: the control total over all that may be posted."""
    first, last = end_of_day(day) - 86_400, end_of_day(day) - 1
    with ctx.store.reading() as session:
        wanted = select(func.coalesce(func.sum(ProjectionEntry.amount_fen), 0)).where(
            ProjectionEntry.org == ctx.org(session).id,
            ProjectionEntry.action == Action.ACCEPT,
            col(ProjectionEntry.block_time).between(first, last),
        )
        return int(session.exec(wanted).one())


def _open(case: Case) -> Order:
    if case.opened is None:
        raise NothingOpen(case=short(case.key.case_id), thing="ORDER")
    return case.opened


def _consent(ctx: Context, session: Session, order: Order) -> ConsentBody:
    body = Reader(ctx, session).payload(order.consent).body
    assert isinstance(body, ConsentBody)
    return body


def _check_paper(ctx: Context, session: Session, key: CaseKey, consent: ConsentBody) -> None:
    """The ledger cannot see that one paper is used in two cases; this house can."""
    mark = _paper_mark(ctx, consent)
    for row in session.exec(select(OwnPosting).where(OwnPosting.mark_consent == mark)):
        if row.case_id != key.case_id:
            raise ConsentUsedElsewhere(case=short(key.case_id), other=short(row.case_id))


def _paper_mark(ctx: Context, consent: ConsentBody) -> bytes:
    papers = sorted(ref.digest for ref in consent.evidence)
    return ctx.mark("consent", "\x1f".join((consent.number, *papers)))


def _note_acceptance(
    ctx: Context, session: Session, key: CaseKey, order: Order, consent: ConsentBody, kept: OwnDraft
) -> None:
    if session.get(OwnPosting, order.hash) is not None:
        return
    session.add(
        OwnPosting(
            order_hash=order.hash,
            office=key.office,
            case_id=key.case_id,
            consent=order.consent,
            mark_consent=_paper_mark(ctx, consent),
            evidence=bytes.fromhex(consent.evidence[0].digest),
            ordered_fen=order.amount_fen,
            draft_id=kept.id,
            made_by=kept.made_by,
            made_at=ctx.clock.now(),
        )
    )
    session.flush()


def _executable(ctx: Context, session: Session, row: ProjectionCase, accepted: ProjectionEntry) -> Executable:
    key = CaseKey(row.office, row.case_id)
    case = case_from_json(row.state)
    order = _open(case)
    request: RequestBody = letter(ctx, session, key)
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
