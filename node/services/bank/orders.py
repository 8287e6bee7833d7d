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
from node.store.own_records import OwnPaper, OwnPosting
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
    _check_papers(session, key, consent)
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
    _note_acceptance(ctx, session, key, order, consent, made_by)
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


def _check_papers(session: Session, key: CaseKey, consent: ConsentBody) -> None:
    """Each scan on its own: one more beside it does not make a used paper a new one."""
    wanted = select(OwnPosting).join(OwnPaper).where(col(OwnPaper.digest).in_(_digests(consent)))
    for row in session.exec(wanted):
        # another office may have chosen the same case id
        if (row.office, row.case_id) != (key.office, key.case_id) and _holds(session, row):
            raise ConsentUsedElsewhere(case=short(key.case_id), other=short(row.case_id))


def _holds(session: Session, posting: OwnPosting) -> bool:
    """Whether an acceptance of the order stands or may yet: one that came back can be renewed until it is dropped."""
    of_case = (OwnDraft.office == posting.office, OwnDraft.case_id == posting.case_id)
    wanted = select(OwnDraft).where(*of_case, OwnDraft.action == Action.ACCEPT, OwnDraft.state != DraftState.DROPPED)
    return any(row.clear["target"] == bytes.hex(posting.order_hash) for row in session.exec(wanted))


def _digests(consent: ConsentBody) -> set[bytes]:
    return {bytes.fromhex(ref.digest) for ref in consent.evidence}


def _note_acceptance(
    ctx: Context, session: Session, key: CaseKey, order: Order, consent: ConsentBody, made_by: str
) -> None:
    if session.get(OwnPosting, order.hash) is not None:  # drafted anew
        return
    session.add(
        OwnPosting(
            order_hash=order.hash,
            office=key.office,
            case_id=key.case_id,
            consent=order.consent,
            ordered_fen=order.amount_fen,
            made_by=made_by,
            made_at=ctx.clock.now(),
        )
    )
    session.flush()
    session.add_all(OwnPaper(digest=digest, order_hash=order.hash) for digest in _digests(consent))
    session.flush()
