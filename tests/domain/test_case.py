# SPDX-License-Identifier: Apache-2.0
"""What taken entries do to a case, and that the invariants notice a case that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from node.domain.case import Case, DebitState, first_head, next_head
from node.domain.case_json import case_from_json, case_to_json
from node.domain.digest import keccak
from node.domain.entries import ZERO32, Action, Phase
from node.domain.invariants import InvariantBroken, check, check_step
from tests.domain.cases import (
    BANK,
    CLAIM,
    KEY,
    LEDGER,
    OFFICE,
    accepted,
    consented,
    debited,
    ordered,
    replied,
    requested,
)

A = Action


def test_heads_chain_from_ledger_office_and_case() -> None:
    tale = requested()
    first = keccak(LEDGER + bytes(30) + b"\x00\x02" + KEY.case_id)
    assert first_head(LEDGER, KEY) == first
    assert tale.now.head == keccak(first + tale.named[A.REQUEST])
    before = tale.now.head
    tale.say(A.ACKNOWLEDGE, BANK)
    assert tale.now.head == next_head(before, tale.named[A.ACKNOWLEDGE])
    assert tale.now.seq == 2


def test_the_main_road() -> None:
    tale = requested()
    assert tale.now.phase is Phase.REQUESTED
    assert tale.say(A.ACKNOWLEDGE, BANK).now.phase is Phase.ACKNOWLEDGED
    assert tale.say(A.REPLY, BANK).now.debitable
    assert tale.say(A.CONSENT, OFFICE).now.claim_fen == CLAIM
    opened = tale.say(A.ORDER, OFFICE).now.opened
    assert opened is not None
    assert (opened.payee, opened.fund_account, opened.accepted) == (OFFICE, 1, False)
    assert tale.say(A.ACCEPT, BANK).now.accepted
    assert tale.say(A.DEBIT, BANK, amount_fen=300).now.net_fen == 300
    assert (tale.now.open_order, tale.now.unsettled) == (ZERO32, 1)
    assert tale.now.consents[0].left_fen == CLAIM - 300
    assert tale.say(A.SETTLE, OFFICE).now.unsettled == 0
    assert tale.say(A.CLOSE, OFFICE).now.phase is Phase.CLOSED
    assert tale.say(A.REVERSE, OFFICE).now.net_fen == 0
    assert tale.now.debits[0].state is DebitState.REVERSED
    assert tale.now.consents[0].left_fen == CLAIM - 300  # a reversed debit gives nothing back to its consent


def test_a_correction_replaces_the_last_reply() -> None:
    assert not replied().say(A.REPLY, BANK, debitable=0).now.debitable


def test_a_result_of_zero_ends_the_order_and_leaves_no_debit() -> None:
    tale = accepted().say(A.DEBIT, BANK, amount_fen=0)
    assert (tale.now.debits, tale.now.opened, tale.now.net_fen) == ((), None, 0)
    assert tale.say(A.ORDER, OFFICE).now.opened is not None


def test_a_revocation_takes_an_order_with_it_that_is_not_accepted() -> None:
    fallen = ordered().say(A.REVOKE, OFFICE).now
    assert (fallen.phase, fallen.opened, fallen.standing) == (Phase.REPLIED, None, ZERO32)
    kept = accepted().say(A.REVOKE, OFFICE)
    assert kept.now.accepted
    done = kept.say(A.DEBIT, BANK, amount_fen=400).now
    assert (done.net_fen, done.consents[0].debited_fen, done.consents[0].ended) == (400, 400, True)


def test_two_heirs_agree_to_a_part_each() -> None:
    tale = consented(amount_fen=400).say(A.ORDER, OFFICE).say(A.ACCEPT, BANK).say(A.DEBIT, BANK)
    tale.say(A.CONSENT, OFFICE, amount_fen=600)
    assert [c.ended for c in tale.now.consents] == [True, False]
    tale.say(A.ORDER, OFFICE, amount_fen=600).say(A.ACCEPT, BANK).say(A.DEBIT, BANK)
    assert (tale.now.left_fen, tale.now.net_fen) == (0, CLAIM)


def test_an_end_makes_disputes_void() -> None:
    tale = consented().say(A.DISPUTE, BANK).say(A.DISPUTE, OFFICE)
    assert (tale.now.disputed(True), tale.now.disputed(False)) == (True, True)
    tale.say(A.CLOSE, OFFICE)
    assert (tale.now.disputed(True), tale.now.disputed(False)) == (False, False)


def _debit(case: Case, **changed: Any) -> Case:
    return replace(case, debits=(replace(case.debits[0], **changed),))


@pytest.mark.parametrize(
    ("spoil", "number"),
    [
        (lambda c: _debit(c, amount_fen=401), 1),
        (lambda c: _debit(c, amount_fen=0), 1),
        (lambda c: replace(c, orders=(replace(c.orders[0], accepted=False),)), 1),
        (lambda c: replace(c, consents=(replace(c.consents[0], debited_fen=399),)), 2),
        (lambda c: replace(c, net_fen=399), 3),
        (lambda c: _debit(c, state=DebitState.REVERSED), 3),
        (lambda c: replace(c, consents=(replace(c.consents[0], amount_fen=399),)), 4),
        (lambda c: replace(c, claim_fen=399), 5),
        (lambda c: replace(c, orders=(replace(c.orders[0], ended=False),)), 6),
        (lambda c: replace(c, phase=Phase.CLOSED), 11),
    ],
)
def test_an_impossible_state_is_named_by_its_property(spoil: Callable[[Case], Case], number: int) -> None:
    case = debited().now
    check(case)
    with pytest.raises(InvariantBroken) as caught:
        check(spoil(case))
    assert caught.value.values["number"] == number


def test_an_open_order_above_consent_or_claim_is_noticed() -> None:
    case = ordered().now
    for spoilt, number in (
        (replace(case, orders=(replace(case.orders[0], amount_fen=CLAIM + 1),)), 4),
        (replace(case, claim_fen=399), 5),
    ):
        with pytest.raises(InvariantBroken) as caught:
            check(spoilt)
        assert caught.value.values["number"] == number


def test_steps_that_no_entry_may_take_are_noticed() -> None:
    before = accepted()
    made, _ = before.entry(A.CANCEL, OFFICE)
    cancelled = replace(before.now, orders=tuple(replace(o, ended=True) for o in before.now.orders), open_order=ZERO32)
    with pytest.raises(InvariantBroken) as caught:
        check_step(before.now, made, cancelled)
    assert caught.value.values["number"] == 7
    with pytest.raises(InvariantBroken) as caught:
        check_step(consented().now, made, replace(consented().now, claim_fen=CLAIM + 1))
    assert caught.value.values["number"] == 5
    closed = debited().say(A.SETTLE, OFFICE).say(A.CLOSE, OFFICE).now
    with pytest.raises(InvariantBroken) as caught:
        check_step(closed, made, closed)
    assert caught.value.values["number"] == 11


@pytest.mark.parametrize("tale", [requested, consented, ordered, accepted, debited])
def test_the_stored_form_gives_the_case_back(tale: Callable[[], Any]) -> None:
    case = tale().say(A.CLOSE, OFFICE).now if tale is requested else tale().now
    assert case_from_json(case_to_json(case)) == case
    assert case_to_json(case).isascii()
