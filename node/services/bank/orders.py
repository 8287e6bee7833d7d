# SPDX-License-Identifier: Apache-2.0
"""The bank's side from the order on: accept with its own copy of the consent, debit at the core bank, report, reverse.

Money moves only for an acceptance that is final, at most once an order, and not by itself where a dispute or a
revocation has been seen since: then a person decides (PROTOCOL section 3).
"""

from __future__ import annotations

from collections.abc import Iterator
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
from node.domain.errors import AllianceError, Conflict, Refused, Unavailable
from node.domain.workdays import beijing_date, end_of_day
from node.services.cases import NothingOpen, blank, debit_in, in_case, ours
from node.services.context import Context
from node.services.drafting import load_case, short
from node.services.evidence import EvidenceUnknown, read
from node.services.reading import DOES_NOT_OPEN, Reader
from node.store.own_records import OwnPosting
from node.store.own_work import DraftState, OwnDraft
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


class NotCaughtUp(Unavailable):
    """A stop may stand in blocks that this node has not followed yet: no money moves. Values: ``behind`` (blocks)."""

    code = "not_caught_up"


MOST_BEHIND = 3  # blocks that the projection may lag when money moves; a chain goes on while it is asked


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
    """Accepted orders of ours whose acceptance is final and on which nothing has been reported.

    ``held`` names those that are left out because their letter does not open.
    """
    return [found for _, found in _accepted(ctx, session) if isinstance(found, Executable)]


def held(ctx: Context, session: Session) -> dict[CaseKey, AllianceError]:
    """Accepted orders on which nothing can be done here, each with the reason: a person must look."""
    return {key: found for key, found in _accepted(ctx, session) if isinstance(found, AllianceError)}


def look(ctx: Context, session: Session, key: CaseKey) -> Executable:
    """The accepted order of one case, as the projection has it now.

    Raises NothingOpen, NotFinalYet, and why its letter does not open.
    """
    row = session.get(ProjectionCase, (key.office, key.case_id))
    if row is None or not row.accepted:
        raise NothingOpen(case=short(key.case_id), thing="ACCEPT")
    accepted = _acceptance(session, row)
    if accepted is None:
        raise NotFinalYet(case=short(key.case_id))
    return _executable(Reader(ctx, session), row, accepted)


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
        # another office may have chosen the same case id
        if (row.office, row.case_id) != (key.office, key.case_id) and not _given_up(session, row):
            raise ConsentUsedElsewhere(case=short(key.case_id), other=short(row.case_id))


def _given_up(session: Session, posting: OwnPosting) -> bool:
    """Whether the acceptance came to nothing: dropped, or refused by the ledger."""
    drafted = None if posting.draft_id is None else session.get(OwnDraft, posting.draft_id)
    return drafted is not None and drafted.state in (DraftState.DROPPED, DraftState.RETURNED)


def _paper_mark(ctx: Context, consent: ConsentBody) -> bytes:
    papers = sorted(ref.digest for ref in consent.evidence)
    return ctx.mark("consent", "\x1f".join((consent.number, *papers)))


def _note_acceptance(
    ctx: Context, session: Session, key: CaseKey, order: Order, consent: ConsentBody, kept: OwnDraft
) -> None:
    known = session.get(OwnPosting, order.hash)
    if known is not None:  # drafted anew
        known.draft_id = kept.id
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


def _accepted(ctx: Context, session: Session) -> Iterator[tuple[CaseKey, Executable | AllianceError]]:
    """Accepted orders of ours whose acceptance is final, or why their letter does not open."""
    reader = Reader(ctx, session)
    for row in ours(ctx, session):
        accepted = _acceptance(session, row) if row.accepted else None
        if accepted is None:
            continue
        key = CaseKey(row.office, row.case_id)
        try:
            yield key, _executable(reader, row, accepted)
        except DOES_NOT_OPEN as error:
            yield key, error


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
    order = _open(case)
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
