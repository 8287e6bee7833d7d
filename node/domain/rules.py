# SPDX-License-Identifier: Apache-2.0
"""What the ledger judges of one entry, rule by rule, in the order of docs/wire.md *What the ledger judges*.

One small function a rule, named as the rule: whether it is broken. The first broken rule is the refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.domain.case import Case, Debit, DebitState, Facts, Order
from node.domain.entries import MAX_FEN, ZERO32, Action, Entry, OrgRole, Phase
from node.domain.transitions import ActionRow, Rule, table

MAX_SEQ = 2**24 - 1

FIELDS = {
    "recipient": "recipient",
    "head": "head",
    "target": "target",
    "consent": "consent",
    "amount": "amount_fen",
    "claim": "claim_fen",
    "notBefore": "not_before",
    "expiresAt": "expires_at",
    "dueAt": "due_at",
    "fundAccount": "fund_account",
    "debitable": "debitable",
    "inParts": "in_parts",
}  # wire name -> attribute of Entry


@dataclass(frozen=True, slots=True)
class Step:
    """An entry on a case that exists, with its row of the table."""

    case: Case
    entry: Entry
    entry_hash: bytes
    facts: Facts
    row: ActionRow

    @property
    def order(self) -> Order | None:
        """The open order, where the entry names it."""
        return self.case.opened if self.case.open_order == self.entry.target else None

    @property
    def debit(self) -> Debit | None:
        return self.case.debit(self.entry.target)


def judge(case: Case | None, entry: Entry, entry_hash: bytes, facts: Facts) -> Rule | None:
    """The first rule that ``entry`` breaks on ``case`` (None: no such case), or None where the ledger takes it."""
    row = table().action(entry.action)
    if row is None or action(facts, row):
        return Rule.ACTION
    if fields(entry, facts, row):
        return Rule.FIELDS
    if payload_size(entry):
        return Rule.PAYLOAD_SIZE
    if row.action is Action.REQUEST:
        return _judge_request(case, entry, facts)
    if case is None or case.seq >= MAX_SEQ:
        return Rule.CASE
    step = Step(case, entry, entry_hash, facts, row)
    return next((rule for rule, broken in _CHECKS if broken(step)), None)


def _judge_request(case: Case | None, entry: Entry, facts: Facts) -> Rule | None:
    if case is not None:
        return Rule.CASE
    if entry.office != facts.org:
        return Rule.PARTY
    return None if entry.recipient in facts.may_receive else Rule.RECIPIENT


def action(facts: Facts, row: ActionRow) -> bool:
    return facts.role not in row.by or (facts.ledger_succeeded and row.action in (Action.REQUEST, Action.CONSENT))


def fields(entry: Entry, facts: Facts, row: ActionRow) -> bool:
    unused = any(getattr(entry, FIELDS[name]) not in (0, ZERO32) for name in FIELDS.keys() - row.fields)
    flags = entry.debitable not in (0, 1) or entry.in_parts not in (0, 1)
    return unused or flags or (facts.role is OrgRole.AUTHORITY and entry.debitable == 1)


def payload_size(entry: Entry) -> bool:
    return len(entry.sealed) not in table().sealed_sizes


def party(s: Step) -> bool:
    party = s.case.key.office if s.facts.office_side else s.case.recipient
    return party not in s.facts.speaks_for


def phase(s: Step) -> bool:
    refused_debit = s.row.action is Action.CONSENT and s.case.phase is Phase.REPLIED and not s.case.debitable
    return s.case.phase not in s.row.phases or refused_debit


def order_open(s: Step) -> bool:
    return s.row.order == "none" and s.case.open_order != ZERO32


def unsettled(s: Step) -> bool:
    return s.row.action is Action.CLOSE and s.case.unsettled > 0


def head(s: Step) -> bool:
    return s.row.head and s.entry.head != s.case.head


def target(s: Step) -> bool:
    match s.row.action:
        case Action.CONSENT | Action.ORDER:
            return s.entry.consent != s.case.standing  # zero while the phase is REPLIED
        case Action.ACCEPT | Action.DEBIT:
            return s.order is None or s.entry.consent != s.order.consent
        case Action.CANCEL:
            return s.order is None
        case Action.REVOKE:
            return s.entry.target != s.case.standing
        case Action.SETTLE:
            return s.debit is None or s.debit.state is not DebitState.UNSETTLED
        case Action.REVERSE:
            reversible = DebitState.SETTLED if s.facts.office_side else DebitState.UNSETTLED
            return s.debit is None or s.debit.state is not reversible
        case Action.DISPUTE:
            return s.case.dispute(s.entry_hash) is not None
        case Action.RESOLVE:
            dispute = s.case.dispute(s.entry.target)
            return dispute is None or not dispute.open or dispute.by_office is not s.facts.office_side
        case _:
            return False


def accepted(s: Step) -> bool:
    return s.row.order == "unaccepted" and s.case.accepted


def not_accepted(s: Step) -> bool:
    return s.row.action is Action.DEBIT and s.entry.amount_fen > 0 and not s.case.accepted


def disputed(s: Step) -> bool:
    if s.row.action is Action.DISPUTE:
        return s.case.disputed(s.facts.office_side)
    return s.row.action in (Action.ORDER, Action.ACCEPT) and any(d.open for d in s.case.disputes)


def consent_live(s: Step) -> bool:
    now = s.facts.block_time
    if s.row.action is Action.CONSENT:
        return s.entry.not_before >= s.entry.expires_at or now >= s.entry.expires_at
    if s.row.action not in (Action.ORDER, Action.ACCEPT):
        return False
    consent = s.case.consent(s.entry.consent)
    return consent is None or not consent.live(now)


def consent_stands(s: Step) -> bool:
    if s.row.action is not Action.CONSENT:
        return False
    standing = s.case.consent(s.case.standing)
    return standing is not None and s.facts.block_time < standing.expires_at and standing.left_fen > 0


def amount_range(s: Step) -> bool:
    match s.row.action:
        case Action.CONSENT:
            return not (1 <= s.entry.amount_fen <= MAX_FEN and 1 <= s.entry.claim_fen <= MAX_FEN)
        case Action.ORDER:
            return not 1 <= s.entry.amount_fen <= MAX_FEN
        case Action.DEBIT:
            return not 0 <= s.entry.amount_fen <= MAX_FEN
        case _:
            return False


def amount(s: Step) -> bool:
    match s.row.action:
        case Action.ACCEPT:
            return s.order is None or s.entry.amount_fen != s.order.amount_fen
        case Action.DEBIT:
            return s.order is None or s.entry.amount_fen > s.order.amount_fen
        case Action.SETTLE | Action.REVERSE:
            return s.debit is None or s.entry.amount_fen != s.debit.amount_fen
        case _:
            return False


def parts(s: Step) -> bool:
    if s.row.action not in (Action.ORDER, Action.DEBIT):
        return False
    consent = s.case.consent(s.entry.consent)
    if consent is None or consent.in_parts:
        return False
    if s.row.action is Action.ORDER:
        return s.entry.amount_fen != consent.amount_fen
    return s.order is None or s.entry.amount_fen not in (0, s.order.amount_fen)


def consent_amount(s: Step) -> bool:
    if s.row.action is not Action.ORDER:
        return False
    consent = s.case.consent(s.entry.consent)
    return consent is None or s.entry.amount_fen > consent.left_fen


def claim(s: Step) -> bool:
    if s.row.action is Action.CONSENT:
        claimed = s.case.claim_fen or s.entry.claim_fen
        return s.entry.claim_fen != claimed or s.entry.amount_fen > claimed - s.case.net_fen
    return s.row.action is Action.ORDER and s.entry.amount_fen > s.case.left_fen


def fund_account(s: Step) -> bool:
    if s.row.action is Action.ORDER:
        return (s.entry.org, s.entry.fund_account) not in s.facts.fund_accounts
    if s.row.action is Action.ACCEPT:
        return s.order is None or (s.order.payee, s.order.fund_account) not in s.facts.fund_accounts
    return False


def order_limit(s: Step) -> bool:
    return s.row.pausable and s.entry.amount_fen > s.facts.order_limit_fen


def day_limit(s: Step) -> bool:
    return s.row.pausable and s.facts.charged_fen + s.entry.amount_fen > s.facts.day_limit_fen


_CHECKS: tuple[tuple[Rule, Callable[[Step], bool]], ...] = (
    (Rule.PARTY, party),
    (Rule.PHASE, phase),
    (Rule.ORDER_OPEN, order_open),
    (Rule.UNSETTLED, unsettled),
    (Rule.HEAD, head),
    (Rule.TARGET, target),
    (Rule.ACCEPTED, accepted),
    (Rule.NOT_ACCEPTED, not_accepted),
    (Rule.DISPUTED, disputed),
    (Rule.CONSENT_LIVE, consent_live),
    (Rule.CONSENT_STANDS, consent_stands),
    (Rule.AMOUNT_RANGE, amount_range),
    (Rule.AMOUNT, amount),
    (Rule.PARTS, parts),
    (Rule.CONSENT_AMOUNT, consent_amount),
    (Rule.CLAIM, claim),
    (Rule.FUND_ACCOUNT, fund_account),
    (Rule.ORDER_LIMIT, order_limit),
    (Rule.DAY_LIMIT, day_limit),
)
