# SPDX-License-Identifier: Apache-2.0
"""A small alliance for the tests of rules and reducer, and a case told step by step: office 2, bank 3, authority 4."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from node.domain.case import Case, Facts, apply
from node.domain.digest import keccak
from node.domain.entries import ZERO32, Action, CaseKey, Entry, OrgRole
from node.domain.invariants import check_step
from node.domain.rules import judge
from node.domain.transitions import Rule, table

OFFICE, BANK, AUTHORITY, OTHER_BANK, OTHER_OFFICE = 2, 3, 4, 5, 6
ROLES = {
    OFFICE: OrgRole.OFFICE,
    BANK: OrgRole.BANK,
    AUTHORITY: OrgRole.AUTHORITY,
    OTHER_BANK: OrgRole.BANK,
    OTHER_OFFICE: OrgRole.OFFICE,
}
KEY = CaseKey(OFFICE, b"\x0c" * 32)
LEDGER = b"\x1d" * 32
NOW = 1_800_000_000
CLAIM = 1_000


def facts(org: int, **changed: Any) -> Facts:
    """What the rules see when ``org`` writes: all registered, limits wide."""
    plain = Facts(
        ledger=LEDGER,
        block_time=NOW,
        org=org,
        role=ROLES[org],
        speaks_for=frozenset({org}),
        ledger_succeeded=False,
        may_receive=frozenset({BANK, AUTHORITY, OTHER_BANK}),
        fund_accounts=frozenset({(OFFICE, 1)}),
        order_limit_fen=10**9,
        day_limit_fen=10**9,
        charged_fen=0,
    )
    return replace(plain, **changed)


class Tale:
    """A case as its entries make it. ``say`` writes a fitting entry, changed where the test wants it changed."""

    def __init__(self) -> None:
        self.case: Case | None = None
        self.count = 0
        self.named: dict[Action, bytes] = {}

    def entry(self, action: Action, org: int, **changed: Any) -> tuple[Entry, bytes]:
        self.count += 1
        fields = self._fitting(action) | changed
        made = Entry(action, org, KEY.office, KEY.case_id, keccak(b"%d" % self.count), bytes(316), **fields)
        return made, keccak(b"entry %d" % self.count)

    def judge(self, action: Action, org: int, with_facts: dict[str, Any] | None = None, **changed: Any) -> Rule | None:
        """What the ledger would say, without taking it."""
        sealed = changed.pop("sealed", None)
        made, entry_hash = self.entry(action, org, **changed)
        made = made if sealed is None else replace(made, sealed=sealed)
        return judge(self.case, made, entry_hash, facts(org, **(with_facts or {})))

    def say(self, action: Action, org: int, with_facts: dict[str, Any] | None = None, **changed: Any) -> Tale:
        made, entry_hash = self.entry(action, org, **changed)
        seen = facts(org, **(with_facts or {}))
        refusal = judge(self.case, made, entry_hash, seen)
        assert refusal is None, refusal
        before = self.case
        self.case = apply(before, made, entry_hash, seen)
        check_step(before, made, self.case)
        self.named[action] = entry_hash
        return self

    @property
    def now(self) -> Case:
        assert self.case is not None
        return self.case

    def _fitting(self, action: Action) -> dict[str, Any]:
        row = table().actions[action]
        case = self.case
        fields: dict[str, Any] = {"head": case.head} if row.head and case else {}
        if action is Action.REQUEST:
            return {"recipient": BANK, "due_at": NOW}
        if action is Action.REPLY:
            return fields | {"debitable": 1}
        if action is Action.CONSENT:
            standing = case.standing if case else ZERO32
            ends = {"expires_at": NOW + 1000, "in_parts": 1}
            return fields | {"amount_fen": CLAIM, "claim_fen": CLAIM, "consent": standing, "not_before": NOW} | ends
        if action is Action.ORDER:
            return fields | {"consent": case.standing if case else ZERO32, "amount_fen": 400, "fund_account": 1}
        order = case.opened if case else None
        if row.target == "order" and order:
            fields |= {"target": order.hash}
            if action is not Action.CANCEL:
                fields |= {"consent": order.consent, "amount_fen": order.amount_fen}
        if row.target == "consent" and case:
            fields |= {"target": case.standing}
        if row.target == "debit" and case and case.debits:
            fields |= {"target": case.debits[-1].hash, "amount_fen": case.debits[-1].amount_fen}
        if row.target == "dispute" and case and case.disputes:
            fields |= {"target": case.disputes[-1].hash}
        return fields


def requested() -> Tale:
    return Tale().say(Action.REQUEST, OFFICE)


def replied() -> Tale:
    return requested().say(Action.REPLY, BANK)


def consented(**changed: Any) -> Tale:
    return replied().say(Action.CONSENT, OFFICE, **changed)


def ordered(**changed: Any) -> Tale:
    return consented().say(Action.ORDER, OFFICE, **changed)


def accepted() -> Tale:
    return ordered().say(Action.ACCEPT, BANK)


def debited(amount_fen: int = 400) -> Tale:
    return accepted().say(Action.DEBIT, BANK, amount_fen=amount_fen)
