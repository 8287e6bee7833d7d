# SPDX-License-Identifier: Apache-2.0
"""What the office writes in a case after the reply: consents, orders, stops, settlements, the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from node.domain.bodies import LONGEST_SHORT, ConsentBody, RequestBody
from node.domain.case import DebitState
from node.domain.codes import CancelReason, Capacity, CloseOutcome, RevokeReason
from node.domain.entries import ZERO32, Action, CaseKey
from node.domain.errors import Refused
from node.domain.workdays import end_of_day
from node.services.cases import NothingOpen, blank, debit_in, in_case
from node.services.context import Context
from node.services.drafting import check_final, load_case, short
from node.services.evidence import names_of
from node.services.office.inquiries import outstanding_fen
from node.services.reading import Reader
from node.store.own_work import OwnDraft


class ClaimTooHigh(Refused):
    """More than what is outstanding of this overpayment over all its cases. Values: ``claim_fen``, ``left_fen``."""

    code = "claim_too_high"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A consent as it stands on paper (同意退还书). ``evidence``: digests of scans that this node keeps."""

    number: str
    signer_name: str
    signer_id: str
    capacity: Capacity
    cap_fen: int
    in_parts: bool
    valid_until: date  # the last day on which it may be used, Beijing
    signed_at: datetime
    evidence: Sequence[bytes]
    relation: str = ""
    note: str = ""


def consent(
    ctx: Context,
    session: Session,
    key: CaseKey,
    agreement: Agreement,
    claim_fen: int | None = None,
    made_by: str = "",
) -> OwnDraft:
    """Record an agreement. ``claim_fen``: what the case may recover in all; by default the first consent names what is
    outstanding, later ones repeat it. Raises ClaimTooHigh, EvidenceUnknown."""
    case = load_case(session, key)
    claim = claim_fen or case.claim_fen or outstanding_fen(session, key)
    left = outstanding_fen(session, key) + case.net_fen
    if claim > left:
        raise ClaimTooHigh(claim_fen=claim, left_fen=left)
    request = Reader(ctx, session).latest(key, Action.REQUEST).body
    assert isinstance(request, RequestBody)
    entry = replace(
        blank(ctx, session, Action.CONSENT, key),
        head=case.head,
        consent=case.standing,
        amount_fen=agreement.cap_fen,
        claim_fen=claim,
        not_before=int(agreement.signed_at.timestamp()),
        expires_at=end_of_day(agreement.valid_until),
        in_parts=int(agreement.in_parts),
    )
    body: dict[str, object] = {
        "number": agreement.number,
        "signer_name": agreement.signer_name,
        "signer_id": agreement.signer_id,
        "capacity": agreement.capacity,
        "relation": agreement.relation,
        "account": request.account,
        "valid_until": agreement.valid_until.isoformat(),
        "evidence": names_of(ctx, session, agreement.evidence),
        "note": agreement.note,
    }
    return in_case(ctx, session, case, entry, body, agreement.signed_at, made_by)


def order(
    ctx: Context, session: Session, key: CaseKey, amount_fen: int, fund_account: int, note: str = "", made_by: str = ""
) -> OwnDraft:
    """Ask the bank to debit under the standing consent."""
    case = load_case(session, key)
    if case.standing == ZERO32:
        raise NothingOpen(case=short(key.case_id), thing="CONSENT")
    said = Reader(ctx, session).payload(case.standing).body
    assert isinstance(said, ConsentBody)
    mine = ctx.org(session)
    entry = replace(
        blank(ctx, session, Action.ORDER, key),
        head=case.head,
        consent=case.standing,
        amount_fen=amount_fen,
        fund_account=fund_account,
    )
    body: dict[str, object] = {
        "consent_number": said.number,
        "payee": mine.fund_accounts.get(fund_account, "")[:LONGEST_SHORT],
        "note": note,
    }
    return in_case(ctx, session, case, entry, body, made_by=made_by)


def cancel(
    ctx: Context, session: Session, key: CaseKey, reason: CancelReason, note: str = "", made_by: str = ""
) -> OwnDraft:
    """Take back the open order, as long as the bank has not accepted it. Raises NothingOpen."""
    case = load_case(session, key)
    if case.opened is None:
        raise NothingOpen(case=short(key.case_id), thing="ORDER")
    entry = replace(blank(ctx, session, Action.CANCEL, key), target=case.open_order)
    return in_case(ctx, session, case, entry, {"reason": reason, "note": note}, made_by=made_by)


def revoke(
    ctx: Context,
    session: Session,
    key: CaseKey,
    reason: RevokeReason,
    evidence: Sequence[bytes] = (),
    note: str = "",
    made_by: str = "",
) -> OwnDraft:
    """Record that the standing consent is withdrawn; an order not accepted falls with it. Raises NothingOpen."""
    case = load_case(session, key)
    if case.standing == ZERO32:
        raise NothingOpen(case=short(key.case_id), thing="CONSENT")
    entry = replace(blank(ctx, session, Action.REVOKE, key), target=case.standing)
    body: dict[str, object] = {"reason": reason, "evidence": names_of(ctx, session, evidence), "note": note}
    return in_case(ctx, session, case, entry, body, made_by=made_by)


def settle(
    ctx: Context,
    session: Session,
    key: CaseKey,
    debit: bytes,
    statement: str,
    received_on: date,
    note: str = "",
    made_by: str = "",
) -> OwnDraft:
    """Confirm that a debit's money stands in the fund account. ``statement``: its line on the statement."""
    case = load_case(session, key)
    found = debit_in(case, debit, DebitState.UNSETTLED)
    check_final(session, debit)
    entry = replace(blank(ctx, session, Action.SETTLE, key), target=debit, amount_fen=found.amount_fen)
    body: dict[str, object] = {"statement": statement, "received_on": received_on.isoformat(), "note": note}
    return in_case(ctx, session, case, entry, body, made_by=made_by)


def close(
    ctx: Context,
    session: Session,
    key: CaseKey,
    outcome: CloseOutcome,
    next_case: bytes | None = None,
    note: str = "",
    made_by: str = "",
) -> OwnDraft:
    """End the case; with WITHDRAWN this is the withdrawal of the letter."""
    case = load_case(session, key)
    entry = blank(ctx, session, Action.CLOSE, key)
    body: dict[str, object] = {
        "outcome": outcome,
        "next_case": bytes.hex(next_case) if next_case else "",
        "note": note,
    }
    return in_case(ctx, session, case, entry, body, made_by=made_by)
