# SPDX-License-Identifier: Apache-2.0
"""Each rule of docs/wire.md refuses what it says, and nothing else: a row a mistake, on a case where all else fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from node.domain.entries import MAX_FEN, ZERO32, Action, OrgRole
from node.domain.rules import judge
from node.domain.transitions import Rule
from tests.domain.cases import (
    AUTHORITY,
    BANK,
    CLAIM,
    NOW,
    OFFICE,
    OTHER_BANK,
    OTHER_OFFICE,
    Tale,
    accepted,
    consented,
    debited,
    facts,
    ordered,
    replied,
    requested,
)

OTHER = b"\x99" * 32
A = Action
Row = tuple[Callable[[], Tale], Action, int, dict[str, Any], dict[str, Any], Rule | None]


def used_up() -> Tale:
    return consented(amount_fen=400).say(A.ORDER, OFFICE).say(A.ACCEPT, BANK).say(A.DEBIT, BANK)


def whole() -> Tale:
    return consented(amount_fen=400, in_parts=0)


def office_dispute() -> Tale:
    return consented().say(A.DISPUTE, OFFICE)


def settled() -> Tale:
    return debited().say(A.SETTLE, OFFICE)


def closed() -> Tale:
    return settled().say(A.CLOSE, OFFICE)


def revoked_accepted() -> Tale:
    return accepted().say(A.REVOKE, OFFICE)


LATER = {"block_time": NOW + 1000}
ROWS: list[Row] = [
    # ACTION
    (Tale, A.REQUEST, BANK, {}, {}, Rule.ACTION),
    (requested, A.ACKNOWLEDGE, OFFICE, {}, {}, Rule.ACTION),
    (accepted, A.DEBIT, OFFICE, {}, {}, Rule.ACTION),
    (consented, A.DISPUTE, AUTHORITY, {}, {}, Rule.ACTION),
    (requested, A.REPLY, BANK, {"role": OrgRole.AUDITOR}, {}, Rule.ACTION),
    (Tale, A.REQUEST, OFFICE, {"ledger_succeeded": True}, {}, Rule.ACTION),
    (replied, A.CONSENT, OFFICE, {"ledger_succeeded": True}, {}, Rule.ACTION),
    (consented, A.ORDER, OFFICE, {"ledger_succeeded": True}, {}, None),
    # FIELDS
    (Tale, A.REQUEST, OFFICE, {}, {"head": OTHER}, Rule.FIELDS),
    (Tale, A.REQUEST, OFFICE, {}, {"amount_fen": 1}, Rule.FIELDS),
    (requested, A.REPLY, BANK, {}, {"debitable": 2}, Rule.FIELDS),
    (replied, A.CONSENT, OFFICE, {}, {"in_parts": 2}, Rule.FIELDS),
    (replied, A.DISPUTE, BANK, {}, {"target": OTHER}, Rule.FIELDS),
    (ordered, A.CANCEL, OFFICE, {}, {"consent": OTHER}, Rule.FIELDS),
    (requested, A.REPLY, AUTHORITY, {}, {"debitable": 1}, Rule.FIELDS),
    # PAYLOAD_SIZE
    (Tale, A.REQUEST, OFFICE, {}, {"sealed": bytes(317)}, Rule.PAYLOAD_SIZE),
    (Tale, A.REQUEST, OFFICE, {}, {"sealed": b""}, Rule.PAYLOAD_SIZE),
    (Tale, A.REQUEST, OFFICE, {}, {"sealed": bytes(4816)}, None),
    # CASE, PARTY, RECIPIENT
    (requested, A.REQUEST, OFFICE, {}, {}, Rule.CASE),
    (Tale, A.CLOSE, OFFICE, {}, {}, Rule.CASE),
    (Tale, A.REQUEST, OTHER_OFFICE, {}, {}, Rule.PARTY),
    (Tale, A.REQUEST, OTHER_OFFICE, {"speaks_for": frozenset({OTHER_OFFICE, OFFICE})}, {}, Rule.PARTY),
    (requested, A.REPLY, OTHER_BANK, {}, {}, Rule.PARTY),
    (requested, A.REPLY, OTHER_BANK, {"speaks_for": frozenset({OTHER_BANK, BANK})}, {}, None),
    (requested, A.CLOSE, OTHER_OFFICE, {}, {}, Rule.PARTY),
    (Tale, A.REQUEST, OFFICE, {}, {"recipient": 99}, Rule.RECIPIENT),
    (Tale, A.REQUEST, OFFICE, {"may_receive": frozenset()}, {}, Rule.RECIPIENT),
    # PHASE
    (requested, A.CONSENT, OFFICE, {}, {}, Rule.PHASE),
    (replied, A.ACKNOWLEDGE, BANK, {}, {}, Rule.PHASE),
    (replied, A.DECLINE, BANK, {}, {}, Rule.PHASE),
    (consented, A.REPLY, BANK, {}, {}, Rule.PHASE),
    (requested, A.DISPUTE, BANK, {}, {}, Rule.PHASE),
    (closed, A.CLOSE, OFFICE, {}, {}, Rule.PHASE),
    (lambda: requested().say(A.REPLY, BANK, debitable=0), A.CONSENT, OFFICE, {}, {}, Rule.PHASE),
    (lambda: requested().say(A.DECLINE, BANK), A.CLOSE, OFFICE, {}, {}, Rule.PHASE),
    # ORDER_OPEN, UNSETTLED
    (ordered, A.ORDER, OFFICE, {}, {}, Rule.ORDER_OPEN),
    (ordered, A.CONSENT, OFFICE, {}, {}, Rule.ORDER_OPEN),
    (revoked_accepted, A.CONSENT, OFFICE, {}, {}, Rule.ORDER_OPEN),
    (ordered, A.CLOSE, OFFICE, {}, {}, Rule.ORDER_OPEN),
    (debited, A.CLOSE, OFFICE, {}, {}, Rule.UNSETTLED),
    (settled, A.CLOSE, OFFICE, {}, {}, None),
    # HEAD
    (requested, A.REPLY, BANK, {}, {"head": OTHER}, Rule.HEAD),
    (ordered, A.ACCEPT, BANK, {}, {"head": ZERO32}, Rule.HEAD),
    # TARGET
    (ordered, A.ACCEPT, BANK, {}, {"target": OTHER}, Rule.TARGET),
    (ordered, A.ACCEPT, BANK, {}, {"consent": OTHER}, Rule.TARGET),
    (consented, A.DEBIT, BANK, {}, {"target": ZERO32}, Rule.TARGET),
    (consented, A.CANCEL, OFFICE, {}, {"target": ZERO32}, Rule.TARGET),
    (consented, A.ORDER, OFFICE, {}, {"consent": OTHER}, Rule.TARGET),
    (replied, A.CONSENT, OFFICE, {}, {"consent": OTHER}, Rule.TARGET),
    (used_up, A.CONSENT, OFFICE, {}, {"consent": ZERO32}, Rule.TARGET),
    (consented, A.REVOKE, OFFICE, {}, {"target": OTHER}, Rule.TARGET),
    (settled, A.SETTLE, OFFICE, {}, {}, Rule.TARGET),
    (debited, A.REVERSE, OFFICE, {}, {}, Rule.TARGET),  # not settled: the bank's
    (settled, A.REVERSE, BANK, {}, {}, Rule.TARGET),  # settled: the office's
    (lambda: debited().say(A.REVERSE, BANK), A.REVERSE, BANK, {}, {}, Rule.TARGET),
    (lambda: debited().say(A.REVERSE, BANK), A.SETTLE, OFFICE, {}, {}, Rule.TARGET),
    (office_dispute, A.RESOLVE, BANK, {}, {}, Rule.TARGET),
    (lambda: office_dispute().say(A.RESOLVE, OFFICE), A.RESOLVE, OFFICE, {}, {}, Rule.TARGET),
    (lambda: accepted().say(A.DEBIT, BANK, amount_fen=0), A.SETTLE, OFFICE, {}, {"target": OTHER}, Rule.TARGET),
    # ACCEPTED, NOT_ACCEPTED
    (accepted, A.ACCEPT, BANK, {}, {}, Rule.ACCEPTED),
    (accepted, A.CANCEL, OFFICE, {}, {}, Rule.ACCEPTED),
    (ordered, A.DEBIT, BANK, {}, {}, Rule.NOT_ACCEPTED),
    (ordered, A.DEBIT, BANK, {}, {"amount_fen": 0}, None),
    # DISPUTED
    (office_dispute, A.ORDER, OFFICE, {}, {}, Rule.DISPUTED),
    (lambda: ordered().say(A.DISPUTE, BANK), A.ACCEPT, BANK, {}, {}, Rule.DISPUTED),
    (office_dispute, A.DISPUTE, OFFICE, {}, {}, Rule.DISPUTED),
    (office_dispute, A.DISPUTE, BANK, {}, {}, None),
    (lambda: accepted().say(A.DISPUTE, OFFICE), A.DEBIT, BANK, {}, {}, None),
    # CONSENT_LIVE, CONSENT_STANDS
    (consented, A.ORDER, OFFICE, LATER, {}, Rule.CONSENT_LIVE),
    (consented, A.ORDER, OFFICE, {"block_time": NOW + 999}, {}, None),
    (consented, A.ORDER, OFFICE, {"block_time": NOW - 1}, {}, Rule.CONSENT_LIVE),
    (ordered, A.ACCEPT, BANK, LATER, {}, Rule.CONSENT_LIVE),
    (accepted, A.DEBIT, BANK, LATER, {}, None),
    (replied, A.CONSENT, OFFICE, {}, {"expires_at": NOW}, Rule.CONSENT_LIVE),
    (replied, A.CONSENT, OFFICE, {}, {"not_before": NOW + 1000}, Rule.CONSENT_LIVE),
    (consented, A.CONSENT, OFFICE, {}, {}, Rule.CONSENT_STANDS),
    (consented, A.CONSENT, OFFICE, LATER, {"expires_at": NOW + 2000}, None),
    (used_up, A.CONSENT, OFFICE, {}, {"amount_fen": 600}, None),
    # AMOUNT_RANGE, AMOUNT
    (replied, A.CONSENT, OFFICE, {}, {"amount_fen": 0}, Rule.AMOUNT_RANGE),
    (replied, A.CONSENT, OFFICE, {}, {"claim_fen": MAX_FEN + 1}, Rule.AMOUNT_RANGE),
    (replied, A.CONSENT, OFFICE, {}, {"claim_fen": MAX_FEN, "amount_fen": MAX_FEN}, None),
    (consented, A.ORDER, OFFICE, {}, {"amount_fen": 0}, Rule.AMOUNT_RANGE),
    (accepted, A.DEBIT, BANK, {}, {"amount_fen": MAX_FEN + 1}, Rule.AMOUNT_RANGE),
    (ordered, A.ACCEPT, BANK, {}, {"amount_fen": 399}, Rule.AMOUNT),
    (accepted, A.DEBIT, BANK, {}, {"amount_fen": 401}, Rule.AMOUNT),
    (debited, A.SETTLE, OFFICE, {}, {"amount_fen": 399}, Rule.AMOUNT),
    (debited, A.REVERSE, BANK, {}, {"amount_fen": 401}, Rule.AMOUNT),
    # PARTS
    (whole, A.ORDER, OFFICE, {}, {"amount_fen": 399}, Rule.PARTS),
    (whole, A.ORDER, OFFICE, {}, {"amount_fen": 400}, None),
    (lambda: whole().say(A.ORDER, OFFICE).say(A.ACCEPT, BANK), A.DEBIT, BANK, {}, {"amount_fen": 399}, Rule.PARTS),
    (lambda: whole().say(A.ORDER, OFFICE).say(A.ACCEPT, BANK), A.DEBIT, BANK, {}, {"amount_fen": 0}, None),
    # CONSENT_AMOUNT, CLAIM
    (consented, A.ORDER, OFFICE, {}, {"amount_fen": CLAIM + 1}, Rule.CONSENT_AMOUNT),
    (debited, A.ORDER, OFFICE, {}, {"amount_fen": 601}, Rule.CONSENT_AMOUNT),
    (lambda: debited().say(A.REVERSE, BANK), A.ORDER, OFFICE, {}, {"amount_fen": 601}, Rule.CONSENT_AMOUNT),
    (replied, A.CONSENT, OFFICE, {}, {"amount_fen": CLAIM + 1}, Rule.CLAIM),
    (used_up, A.CONSENT, OFFICE, {}, {"amount_fen": 601}, Rule.CLAIM),
    (used_up, A.CONSENT, OFFICE, {}, {"amount_fen": 600, "claim_fen": CLAIM + 1}, Rule.CLAIM),
    # FUND_ACCOUNT
    (consented, A.ORDER, OFFICE, {}, {"fund_account": 2}, Rule.FUND_ACCOUNT),
    (consented, A.ORDER, OFFICE, {"fund_accounts": frozenset({(OTHER_OFFICE, 1)})}, {}, Rule.FUND_ACCOUNT),
    (ordered, A.ACCEPT, BANK, {"fund_accounts": frozenset()}, {}, Rule.FUND_ACCOUNT),
    (accepted, A.DEBIT, BANK, {"fund_accounts": frozenset()}, {}, None),
    # ORDER_LIMIT, DAY_LIMIT
    (consented, A.ORDER, OFFICE, {"order_limit_fen": 399}, {}, Rule.ORDER_LIMIT),
    (ordered, A.ACCEPT, BANK, {"order_limit_fen": 400}, {}, None),
    (consented, A.ORDER, OFFICE, {"day_limit_fen": 999, "charged_fen": 600}, {}, Rule.DAY_LIMIT),
    (ordered, A.ACCEPT, BANK, {"day_limit_fen": 1000, "charged_fen": 600}, {}, None),
    (accepted, A.DEBIT, BANK, {"day_limit_fen": 0, "order_limit_fen": 0}, {}, None),
]


@pytest.mark.parametrize(("tale", "action", "org", "seen", "changed", "rule"), ROWS)
def test_a_rule_refuses_what_it_says(
    tale: Callable[[], Tale],
    action: Action,
    org: int,
    seen: dict[str, Any],
    changed: dict[str, Any],
    rule: Rule | None,
) -> None:
    assert tale().judge(action, org, seen, **changed) is rule


def test_every_rule_has_its_row() -> None:
    assert {row[-1] for row in ROWS} == {None, *Rule}


@pytest.mark.parametrize("code", [0, 16, 255])
def test_a_code_that_is_no_action_is_refused_as_such(code: int) -> None:

    made, entry_hash = requested().entry(A.CLOSE, OFFICE)
    assert judge(requested().case, replace(made, action=code), entry_hash, facts(OFFICE)) is Rule.ACTION


def test_a_full_case_takes_nothing_more() -> None:
    tale = requested()
    tale.case = replace(tale.now, seq=2**24 - 2)
    assert tale.judge(A.ACKNOWLEDGE, BANK) is None
    tale.case = replace(tale.now, seq=2**24 - 1)
    assert tale.judge(A.ACKNOWLEDGE, BANK) is Rule.CASE


def test_the_same_dispute_cannot_be_raised_twice() -> None:

    tale = consented()
    made, entry_hash = tale.entry(A.DISPUTE, OFFICE)
    tale.count -= 1
    tale.say(A.DISPUTE, OFFICE).say(A.RESOLVE, OFFICE)
    assert judge(tale.case, made, entry_hash, facts(OFFICE)) is Rule.TARGET
