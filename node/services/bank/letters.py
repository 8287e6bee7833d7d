# SPDX-License-Identifier: Apache-2.0
"""The recipient's side up to the reply: open the letter, acknowledge, verify at the core bank, answer or send back.

The reply says as little as possible (DOMAIN section 0): match, status, sufficiency; of an account that is not ours, or
whose holder differs, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlmodel import Session

from node.corebank.port import AccountAnswer, AccountStatus
from node.domain.bodies import RequestBody
from node.domain.codes import DeclineReason, ReplyOutcome
from node.domain.entries import Action, CaseKey
from node.domain.errors import AllianceError, Refused
from node.services.cases import blank, in_case
from node.services.context import Context
from node.services.drafting import check_final, load_case
from node.services.reading import Reader, latest_entry
from node.store.own_work import OwnDraft

_OF_STATUS = {
    AccountStatus.NORMAL: ReplyOutcome.MATCHED,
    AccountStatus.CLOSED: ReplyOutcome.CLOSED,
    AccountStatus.FROZEN_FULL: ReplyOutcome.FROZEN,
    AccountStatus.FROZEN_PART: ReplyOutcome.MATCHED,
    AccountStatus.CREDIT_ONLY: ReplyOutcome.FROZEN,
    AccountStatus.PAYMENT_STOPPED: ReplyOutcome.STOPPED,
    AccountStatus.LOST: ReplyOutcome.LOST,
    AccountStatus.DORMANT: ReplyOutcome.DORMANT,
    AccountStatus.NONE: ReplyOutcome.NOT_OURS,
}


class NoCoreBank(Refused):
    """This node has no adapter to a core banking system."""

    code = "no_core_bank"


@dataclass(frozen=True, slots=True)
class Verified:
    """What the core bank answered about the account of a letter."""

    letter: RequestBody
    answer: AccountAnswer
    outcome: ReplyOutcome


def letter(ctx: Context, session: Session, key: CaseKey) -> RequestBody:
    """The assistance request of a case, opened."""
    body = Reader(ctx, session).latest(key, Action.REQUEST).body
    assert isinstance(body, RequestBody)
    return body


def attempt(ctx: Context, session: Session, key: CaseKey) -> RequestBody | AllianceError:
    """The same, or the typed reason why it does not open."""
    found = Reader(ctx, session).attempt_latest(key, Action.REQUEST)
    if isinstance(found, AllianceError):
        return found
    assert isinstance(found.body, RequestBody)
    return found.body


def acknowledge(ctx: Context, session: Session, key: CaseKey, received_by: str, *, automatic: bool = False) -> OwnDraft:
    """Draft the receipt of a letter. ``automatic``: the service officer signs it."""
    case = load_case(session, key)
    entry = replace(blank(ctx, session, Action.ACKNOWLEDGE, key), head=case.head)
    body: dict[str, object] = {"received_by": received_by, "automatic": automatic}
    return in_case(ctx, session, case, entry, body, made_by=received_by)


def verify(ctx: Context, request: RequestBody) -> Verified:
    """Ask the core bank about the account in a letter; call it with no transaction open. Raises NoCoreBank."""
    if ctx.corebank is None:
        raise NoCoreBank()
    answer = ctx.corebank.verify_account(request.account, request.person_name, request.person_id, request.amount_fen)
    return Verified(request, answer, _outcome(answer))


def by_hand(request: RequestBody, outcome: ReplyOutcome) -> Verified:
    """What a person found out without the node: an answer that says no more than the outcome does."""
    ours = outcome is not ReplyOutcome.NOT_OURS
    same = ours and outcome is not ReplyOutcome.MISMATCH
    status = next((s for s, o in _OF_STATUS.items() if o is outcome), None) if same else None
    return Verified(request, AccountAnswer(ours, same, same, status), outcome)


def reply(ctx: Context, session: Session, key: CaseKey, found: Verified, note: str = "", made_by: str = "") -> OwnDraft:
    """Draft the reply that follows from what the core bank said; a later one corrects it.

    Raises EntryNotFinal: what is said of an account rests on a letter that stays.
    """
    case = load_case(session, key)
    check_final(session, latest_entry(session, key, Action.REQUEST).entry_hash)
    matched = found.outcome is ReplyOutcome.MATCHED
    entry = replace(blank(ctx, session, Action.REPLY, key), head=case.head, debitable=int(matched))
    return in_case(ctx, session, case, entry, {**_said(ctx, found), "note": note}, made_by=made_by)


def decline(
    ctx: Context, session: Session, key: CaseKey, reason: DeclineReason, note: str = "", made_by: str = ""
) -> OwnDraft:
    """Draft the return of a letter that cannot be worked on (退回补正)."""
    case = load_case(session, key)
    entry = replace(blank(ctx, session, Action.DECLINE, key), head=case.head)
    return in_case(ctx, session, case, entry, {"reason": reason, "note": note}, made_by=made_by)


def _outcome(answer: AccountAnswer) -> ReplyOutcome:
    if not answer.ours:
        return ReplyOutcome.NOT_OURS
    if not (answer.name_matches and answer.id_matches):
        return ReplyOutcome.MISMATCH
    return _OF_STATUS[answer.status or AccountStatus.NONE]


def _said(ctx: Context, found: Verified) -> dict[str, object]:
    answer = found.answer
    queried_at = ctx.clock.now().replace(microsecond=0).isoformat()
    said: dict[str, object] = {"outcome": found.outcome, "account_ours": answer.ours, "queried_at": queried_at}
    if not answer.ours:
        return said
    if found.outcome is ReplyOutcome.MISMATCH:
        return said  # no detail of whose account it is, nor of which of the two differs
    said |= {"name_matches": True, "id_matches": True}
    return said | {
        "status": str(answer.status or ""),
        "account_class": str(answer.account_class or ""),
        "branch": answer.branch,
        "branch_code": answer.branch_code,
        "sufficiency": str(answer.sufficiency or ""),
    }
