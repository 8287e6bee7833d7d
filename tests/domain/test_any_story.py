# SPDX-License-Identifier: Apache-2.0
"""Whatever is presented in whatever order: what the rules take keeps the money right (PROPERTIES 1 to 7, 11, 13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from node.domain.case import Case, DebitState, apply, first_head, next_head
from node.domain.case_json import case_from_json, case_to_json
from node.domain.entries import Action, Phase
from node.domain.invariants import check_step
from node.domain.rules import judge
from tests.domain.cases import BANK, KEY, LEDGER, NOW, OFFICE, Tale, facts

FEN = st.sampled_from([0, 1, 2, 3, 5, 400, 999, 1000, 2**53 - 1, 2**53])


class Story(RuleBasedStateMachine):
    """One case; entries that fit it or are spoilt in a field; time passes; limits and fund accounts come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.tale = Tale()
        self.time = NOW
        self.world: dict[str, Any] = {}
        self.taken: list[bytes] = []
        self.ever_debited = 0

    @initialize()
    def request(self) -> None:
        self.present(Action.REQUEST, OFFICE, {})

    @rule(action=st.sampled_from(Action), org=st.sampled_from([OFFICE, BANK]))
    def fitting(self, action: Action, org: int) -> None:
        self.present(action, org, {})

    @rule(parts=st.sampled_from([0, 1]), fen=FEN, claim=FEN, life_s=st.integers(0, 5_000))
    def consent(self, parts: int, fen: int, claim: int, life_s: int) -> None:
        ends = {"not_before": self.time, "expires_at": self.time + life_s, "in_parts": parts}
        self.present(Action.CONSENT, OFFICE, ends | {"amount_fen": fen, "claim_fen": claim})

    @rule(action=st.sampled_from([Action.ORDER, Action.DEBIT, Action.ACCEPT]), fen=FEN)
    def money(self, action: Action, fen: int) -> None:
        self.present(action, OFFICE if action is Action.ORDER else BANK, {"amount_fen": fen})

    @rule(action=st.sampled_from(Action), org=st.sampled_from([OFFICE, BANK]), back=st.integers(1, 6))
    def aimed_at_something_else(self, action: Action, org: int, back: int) -> None:
        if len(self.taken) >= back:
            self.present(action, org, {"target": self.taken[-back]})

    @rule(seconds=st.sampled_from([1, 1_000, 100_000]))
    def wait(self, seconds: int) -> None:
        self.time += seconds

    @rule(limit=st.sampled_from([0, 3, 10**16]), accounts=st.sampled_from([frozenset({(OFFICE, 1)}), frozenset()]))
    def registry(self, limit: int, accounts: frozenset[tuple[int, int]]) -> None:
        self.world = {"order_limit_fen": limit, "day_limit_fen": 10**17, "fund_accounts": accounts}

    def present(self, action: Action, org: int, changed: dict[str, Any]) -> None:
        made, entry_hash = self.tale.entry(action, org, **changed)
        seen = replace(facts(org), block_time=self.time, **self.world)
        before = self.tale.case
        if judge(before, made, entry_hash, seen) is not None:
            return
        after = apply(before, made, entry_hash, seen)
        check_step(before, made, after)
        self.taken.append(entry_hash)
        self.ever_debited += made.amount_fen if action is Action.DEBIT else 0
        if before is not None and before.accepted:
            assert after.open_order == before.open_order or action is Action.DEBIT
        if action is Action.ACCEPT:
            consent = after.consent(after.standing)
            assert consent is not None
            assert consent.live(self.time)
            assert not any(d.open for d in after.disputes)
        self.tale.case = after

    @property
    def case(self) -> Case:
        return self.tale.now

    @invariant()
    def head_and_number_follow_from_the_entries(self) -> None:
        head = first_head(LEDGER, KEY)
        for entry_hash in self.taken:
            head = next_head(head, entry_hash)
        if self.taken:
            assert (self.case.head, self.case.seq) == (head, len(self.taken))

    @invariant()
    def money_adds_up(self) -> None:
        if not self.taken:
            return
        by_state = {s: sum(d.amount_fen for d in self.case.debits if d.state is s) for s in DebitState}
        assert sum(by_state.values()) == self.ever_debited == sum(c.debited_fen for c in self.case.consents)
        assert self.case.net_fen == by_state[DebitState.SETTLED] + by_state[DebitState.UNSETTLED]
        assert 0 <= self.case.net_fen <= self.case.claim_fen
        assert all(c.debited_fen <= c.amount_fen for c in self.case.consents)

    @invariant()
    def an_end_is_quiet(self) -> None:
        if self.taken and self.case.phase in (Phase.CLOSED, Phase.DECLINED):
            assert self.case.opened is None
            assert self.case.unsettled == 0

    @invariant()
    def it_comes_back_from_its_stored_form(self) -> None:
        if self.taken:
            assert case_from_json(case_to_json(self.case)) == self.case


TestAnyStory = Story.TestCase
TestAnyStory.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
