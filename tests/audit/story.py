# SPDX-License-Identifier: Apache-2.0
"""One office and two banks live through every action once; two entries are refused."""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.entries import Action, CaseKey, OrgRole
from node.domain.transitions import ActKind, Rule
from tests.audit.builder import DAY, LogBuilder, Org

CLAIM = 107_000_53


@dataclass
class Story:
    log: LogBuilder
    office: Org
    bank: Org
    other: Org
    cases: list[CaseKey]
    hashes: dict[str, bytes]


def tell(log: LogBuilder | None = None) -> Story:
    """Case 0: paid in parts, one debit reversed by the bank, one given back by the office, closed. Case 1: disputed, an
    order cancelled, its consent revoked, withdrawn. Case 2: declined by the other bank. A fourth letter is refused."""
    log = log or LogBuilder()
    office, bank, other = (
        log.admit(OrgRole.OFFICE, "样例经办机构"),
        log.admit(OrgRole.BANK, "样例银行甲"),
        log.admit(OrgRole.BANK, "样例银行乙"),
    )
    cases = [CaseKey(office.id, log.bytes(32)) for _ in range(4)]
    a, b, c, d = cases
    letters = [
        log.entry(Action.REQUEST, office, key, recipient=to, due_at=log.now + 5 * DAY)
        for key, to in ((a, bank.id), (b, bank.id), (c, other.id), (d, 3))
    ]
    log.write(office, letters, sizes=[2, 1, 1], refused={3: Rule.RECIPIENT})
    log.empty()
    log.write(bank, [log.entry(Action.ACKNOWLEDGE, bank, k, head=log.heads[k]) for k in (a, b)], service=True)
    log.write(other, [log.entry(Action.DECLINE, other, c, head=log.heads[c])])
    log.write(bank, [log.entry(Action.REPLY, bank, k, head=log.heads[k], debitable=1) for k in (a, b)], sizes=[1, 1])
    until = log.now + 30 * DAY

    def consent(key: CaseKey, amount: int, parts: int):
        fields = {"amount_fen": amount, "claim_fen": CLAIM, "not_before": log.now - DAY, "expires_at": until}
        return log.entry(Action.CONSENT, office, key, head=log.heads[key], in_parts=parts, **fields)

    agreed = log.write(office, [consent(a, 100_000, 1), consent(b, 325_04, 0)])

    def order(key: CaseKey, under: bytes, amount: int):
        fields = {"consent": under, "amount_fen": amount, "fund_account": 1}
        return log.entry(Action.ORDER, office, key, head=log.heads[key], **fields)

    def accept(key: CaseKey, what: bytes, under: bytes, amount: int):
        fields = {"target": what, "consent": under, "amount_fen": amount}
        return log.entry(Action.ACCEPT, bank, key, head=log.heads[key], **fields)

    def debit(key: CaseKey, what: bytes, under: bytes, amount: int):
        return log.entry(Action.DEBIT, bank, key, target=what, consent=under, amount_fen=amount)

    first = log.write(office, [order(a, agreed[0], 60_000), order(b, agreed[1], 325_04)])
    stale = log.entry(Action.ACCEPT, bank, b, head=log.bytes(32), target=first[1], consent=agreed[1], amount_fen=325_04)
    log.write(bank, [accept(a, first[0], agreed[0], 60_000), stale], refused={1: Rule.HEAD})
    paid = log.write(bank, [debit(a, first[0], agreed[0], 50_000)])
    objection = log.write(office, [log.entry(Action.DISPUTE, office, b)])
    log.write(office, [log.entry(Action.CANCEL, office, b, target=first[1])])
    log.write(office, [log.entry(Action.RESOLVE, office, b, target=objection[0])])
    log.write(office, [log.entry(Action.REVOKE, office, b, target=agreed[1])])
    log.write(office, [log.entry(Action.CLOSE, office, b)])
    log.write(office, [log.entry(Action.SETTLE, office, a, target=paid[0], amount_fen=50_000)])
    second = log.write(office, [order(a, agreed[0], 10_000)])
    log.write(bank, [accept(a, second[0], agreed[0], 10_000)])
    more = log.write(bank, [debit(a, second[0], agreed[0], 10_000)])
    log.write(bank, [log.entry(Action.REVERSE, bank, a, target=more[0], amount_fen=10_000)])
    log.act(ActKind.PAUSE, bank.id)
    log.write(office, [log.entry(Action.CLOSE, office, a)])
    log.write(office, [log.entry(Action.REVERSE, office, a, target=paid[0], amount_fen=50_000)])
    log.empty()
    hashes = {"consent a": agreed[0], "order a": first[0], "debit a": paid[0], "debit a2": more[0]}
    return Story(log, office, bank, other, cases, hashes)
