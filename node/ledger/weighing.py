# SPDX-License-Identifier: Apache-2.0
"""One look at every intent: what became of its transactions, whether its effect is in the log, what stands in its way.

Pure database work, in one transaction; the chain was asked before.

    transaction                     intent
    LIVE → DONE      in the log     OPEN ⇄ WAITING   an obstacle that may pass, an error to try again later
         → REVERTED  mined, failed  → DONE           all of it in the log, final
         → REPLACED  nonce used     → ENDED          it never can be; known once that is final, nothing in flight
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from node.domain.errors import Broken
from node.domain.members import Members
from node.ledger.compose import submission_of
from node.ledger.obstacles import Then, name_of, of_act, of_submission, same_act, then, then_reverted
from node.ledger.outcomes import end_early, finish, finish_act, progress, settle_entries
from node.ledger.registry import FOUNDED, act_from_raw
from node.store.own_work import IntentState, OwnAct, OwnOutbox, OwnSubmission, OwnTransaction, TransactionState
from node.store.projection import ProjectionAct

_FIRST_PAUSE_S = 2
_LONGEST_PAUSE_S = 600
_LOOKS = 3  # so many reverts in a row at one place are a race; more are an error
_TIMED = ("SubmissionExpired", "ActExpired")  # time only grows: what is in flight cannot succeed either


class OutboxBroken(Broken):
    """A row of the outbox points at nothing. Values: ``intent``."""

    code = "outbox_broken"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the chain said at the start of a round."""

    nonces: Mapping[str, int]  # sender -> mined count
    mined: Mapping[bytes, bool | None]  # transaction hash -> executed, reverted, in no block
    reasons: Mapping[bytes, str]  # of those that reverted


@dataclass(frozen=True, slots=True)
class Standpoint:
    """The projection as of which is weighed. ``head``: the newest block that the chain showed."""

    number: int
    final: int
    head: int
    block_time: int
    members: Members
    now: datetime
    senders: Mapping[str, str]  # lane -> address


@dataclass(slots=True)
class Tally:
    """What a round changed, for the report."""

    recorded: int = 0
    refused: int = 0
    returned: int = 0
    done: int = 0
    ended: int = 0
    waiting: dict[int, str] = field(default_factory=dict[int, str])


def weigh(session: Session, at: Standpoint, answers: Answers, limit: int) -> Tally:
    """Move every transaction and intent as far as answers and projection prove."""
    tally = Tally()
    open_ = col(OwnOutbox.state).in_([IntentState.OPEN.value, IntentState.WAITING.value])
    intents = session.exec(select(OwnOutbox).where(open_).order_by(col(OwnOutbox.id)).limit(limit)).all()
    live = _live(session)
    for transaction in live:
        _move(session, transaction, at, answers)
    still = [t for t in live if t.state == TransactionState.LIVE]
    for intent in intents:
        in_flight = [t for t in still if t.intent_id == intent.id]
        if intent.act_id is not None:
            _weigh_act(session, intent, in_flight, at, tally)
        else:
            _weigh_submission(session, intent, in_flight, at, tally)
        if intent.state == IntentState.WAITING:
            tally.waiting[intent.id or 0] = intent.reason
        session.add(intent)
    return tally


def _live(session: Session) -> Sequence[OwnTransaction]:
    query = select(OwnTransaction).where(OwnTransaction.state == TransactionState.LIVE.value)
    return session.exec(query.order_by(col(OwnTransaction.sender), col(OwnTransaction.nonce))).all()


def _move(session: Session, transaction: OwnTransaction, at: Standpoint, answers: Answers) -> None:
    mined = answers.mined.get(transaction.tx_hash)
    intent = session.get_one(OwnOutbox, transaction.intent_id)
    session.add(transaction)
    if mined is False:
        transaction.state = TransactionState.REVERTED
        transaction.reason = answers.reasons.get(transaction.tx_hash, "")
        _reverted(session, intent, transaction, at)
    elif mined and _effect_is_final(session, intent, transaction, at):
        transaction.state = TransactionState.DONE
        intent.tries = 0
    elif mined is None and transaction.tx_hash in answers.mined and _passed(transaction, answers):
        transaction.state = TransactionState.REPLACED


def _passed(transaction: OwnTransaction, answers: Answers) -> bool:
    """Its nonce was used, and not by itself: the count was asked for before the transaction was looked up."""
    return answers.nonces.get(transaction.sender, 0) > transaction.nonce


def _effect_is_final(session: Session, intent: OwnOutbox, transaction: OwnTransaction, at: Standpoint) -> bool:
    if intent.root is not None and intent.org is not None:
        end = transaction.place + transaction.number
        return progress(session, intent.org, intent.root, at.final).final >= end
    found = _in_log(session, _act(session, intent))
    return found is not None and found.block <= at.final


def _reverted(session: Session, intent: OwnOutbox, transaction: OwnTransaction, at: Standpoint) -> None:
    if intent.root is not None and intent.org is not None:
        seen = progress(session, intent.org, intent.root, at.final).seen
        if transaction.place != seen:
            return  # recorded by another transaction, or it only fell with the one before it
    following = then_reverted(transaction.reason)
    intent.tries += 1
    intent.as_of = at.head
    if following is Then.END:
        intent.reason = transaction.reason
    elif following is Then.UNKNOWN or intent.tries > _LOOKS:
        pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(intent.tries, 16))
        intent.reason = transaction.reason or "Unknown()"
        intent.retry_at = at.now + timedelta(seconds=pause_s)


def _weigh_submission(
    session: Session, intent: OwnOutbox, in_flight: Sequence[OwnTransaction], at: Standpoint, tally: Tally
) -> None:
    row = session.get(OwnSubmission, (intent.org, intent.root))
    if row is None:
        raise OutboxBroken(intent=intent.id)
    reached = progress(session, row.org, row.root, at.final)
    recorded, refused = settle_entries(session, row.org, row.root, reached.final, at.now)
    tally.recorded += recorded
    tally.refused += refused
    if reached.final == row.count:
        finish(session, intent, row, at.now)
        tally.done += 1
        return
    obstacle = None
    if reached.seen < row.count:
        signers, sender = (row.maker, row.checker), at.senders[intent.lane]
        obstacle = of_submission(at.members, submission_of(row), signers, sender, at.block_time)
    if _ends(intent, obstacle, in_flight, at):
        tally.returned += end_early(session, intent, row, reached.final, intent.reason, at.now)
        tally.ended += 1


def _weigh_act(
    session: Session, intent: OwnOutbox, in_flight: Sequence[OwnTransaction], at: Standpoint, tally: Tally
) -> None:
    row = _act(session, intent)
    found = _in_log(session, row)
    if found is not None:
        if found.block <= at.final:
            same = same_act(act_from_raw(found.raw), act_from_raw(row.raw))
            finish_act(session, intent, row, "" if same else "ActNumber", at.now)
            tally.done += same
            tally.ended += not same
        return
    obstacle = of_act(at.members, act_from_raw(row.raw), at.block_time)
    if _ends(intent, obstacle, in_flight, at):
        finish_act(session, intent, row, intent.reason, at.now)
        tally.ended += 1


def _ends(intent: OwnOutbox, obstacle: str | None, in_flight: Sequence[OwnTransaction], at: Standpoint) -> bool:
    """Bring ``reason`` and state up to date; whether the intent is at its end for good."""
    if obstacle is not None or not _sticks(intent, at):
        reason = obstacle or ""
        if reason != intent.reason:
            intent.reason, intent.as_of, intent.retry_at = reason, at.number, None
    intent.state = IntentState.WAITING if intent.reason else IntentState.OPEN
    if not intent.reason or then(intent.reason) is not Then.END or at.final < intent.as_of:
        return False
    return not in_flight or name_of(intent.reason) in _TIMED


def _sticks(intent: OwnOutbox, at: Standpoint) -> bool:
    """Whether what a revert said still counts, though the projection shows no obstacle."""
    if not intent.reason:
        return False
    if intent.retry_at is not None:
        return at.now < intent.retry_at
    return then_reverted(intent.reason) is Then.END


def _act(session: Session, intent: OwnOutbox) -> OwnAct:
    row = None if intent.act_id is None else session.get(OwnAct, intent.act_id)
    if row is None:
        raise OutboxBroken(intent=intent.id)
    return row


def _in_log(session: Session, row: OwnAct) -> ProjectionAct | None:
    """The act that the log has under this number, whatever it says; the registry's founding is none."""
    act = ProjectionAct
    return session.exec(select(act).where(act.org == row.org, act.number == row.number, act.kind != FOUNDED)).first()
