# SPDX-License-Identifier: Apache-2.0
"""What a bank says to an order: accepted, with its own copy of the consent, or refused.

The ledger cannot see that one paper is used in two cases; this house can. What follows an acceptance stands in
``debits``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import sqlalchemy
from sqlmodel import Session, col, select

from node.domain.bodies import ConsentBody
from node.domain.case import Case, Order
from node.domain.codes import DebitOutcome, DebitReason
from node.domain.entries import Action, CaseKey
from node.domain.errors import Conflict, Refused
from node.domain.workdays import end_of_day
from node.services.bank.letters import letter
from node.services.cases import NothingOpen, blank, in_case
from node.services.context import Context
from node.services.drafting import load_case, short
from node.services.evidence import EvidenceUnknown, read
from node.services.reading import Reader
from node.store.columns import whole, wide_sum
from node.store.own_records import OwnPosting
from node.store.own_work import DraftState, OwnDraft
from node.store.projection import ProjectionCursor, ProjectionEntry


class EvidenceMissing(Refused):
    """The bank has no copy of a scan that the consent names. Values: ``case``, ``digest``."""

    code = "evidence_missing"


class ConsentOtherAccount(Refused):
    """The consent is about another account than the letter: nothing may be debited on it. Values: ``case``."""

    code = "consent_other_account"


class ConsentUsedElsewhere(Conflict):
    """This bank has accepted an order on the same paper in another case. Values: ``case``, ``other``."""

    code = "consent_used_elsewhere"


def accept(ctx: Context, session: Session, key: CaseKey, made_by: str = "") -> OwnDraft:
    """Draft the acceptance of the open order, with each scan of its consent read and its digest checked.

    Raises NothingOpen, ConsentOtherAccount, EvidenceMissing, ConsentUsedElsewhere, and why letter or consent does not
    open.
    """
    case = load_case(session, key)
    order = open_order(case)
    consent = _consent(ctx, session, order)
    if consent.account != letter(ctx, session, key).account:
        raise ConsentOtherAccount(case=short(key.case_id))
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
    order = open_order(case)
    entry = replace(blank(ctx, session, Action.DEBIT, key), target=order.hash, consent=order.consent)
    body: dict[str, object] = {"outcome": DebitOutcome.REFUSED, "reason": reason, "note": note}
    return in_case(ctx, session, case, entry, body, made_by=made_by)


def accepted_fen(ctx: Context, day: date) -> int:
    """What this bank has accepted on a Beijing date, final: the control total over all that may be posted."""
    first, last = end_of_day(day) - 86_400, end_of_day(day) - 1
    with ctx.store.reading() as session:
        cursor, entry = session.get(ProjectionCursor, 1), ProjectionEntry
        wanted = sqlalchemy.select(*wide_sum(col(entry.amount_fen))).where(
            col(entry.org) == ctx.org(session).id,
            col(entry.action) == Action.ACCEPT,
            col(entry.block_time).between(first, last),
            col(entry.block) <= (-1 if cursor is None else cursor.final_number),
        )
        high, low = session.connection().execute(wanted).one()
        return whole(high, low)


def open_order(case: Case) -> Order:
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
