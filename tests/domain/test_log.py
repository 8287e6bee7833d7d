# SPDX-License-Identifier: Apache-2.0
"""One chunk of the log: neighbours, the day's charge, and outcomes that differ from what was recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.domain.case import Case, LedgerIdentity
from node.domain.digest import keccak
from node.domain.entries import (
    Act,
    Action,
    Block,
    CaseKey,
    Chunk,
    Entry,
    Founded,
    Founding,
    OrgRole,
    Position,
    Presented,
    Submission,
)
from node.domain.log import Charge, Folded, OutcomesDiffer, check_outcomes, fold_chunk
from node.domain.members import Members
from node.domain.transitions import Rule
from node.domain.workdays import beijing_day

OFFICE, BANK = 2, 3
LEDGER = LedgerIdentity(b"\x1d" * 32, "0x" + "aa" * 20)
MIDNIGHT = 1_800_000_000 // 86_400 * 86_400 - 8 * 3600 + 86_400  # in Beijing


def address(n: int) -> str:
    return f"0x{n:040x}"


def alliance(order_limit_fen: int = 10**6, day_limit_fen: int = 10**6) -> Members:
    at = Position(0, 0, 0)
    founder = (Founding("g", address(1), address(2)),)
    members = Members.found(Founded(at, block(1), b"", bytes(32), 1, founder))
    acts = [
        Act(1, OFFICE, 1, address(3), address(4), OrgRole.OFFICE, data=b"o"),
        Act(1, BANK, 1, address(5), address(6), OrgRole.BANK, data=b"b"),
        Act(4, OFFICE, 2, order_limit_fen=order_limit_fen, day_limit_fen=day_limit_fen),
        Act(14, BANK, 2, code=1, data=bytes(1216)),
        Act(15, OFFICE, 3, code=1, data=b"1234"),
    ]
    for act in acts:
        members = members.apply(act, 1)
    return members


def block(time: int) -> Block:
    return Block(1, bytes(32), bytes(32), time)


def event(action: Action, org: int, time: int, number: int = 1, outcomes: bytes = b"") -> Presented:
    submission = Submission(LEDGER.id, org, action, b"\1" * 32, number, 0, b"", 2**40)
    chunk = Chunk(0, number, b"", b"", (), b"", b"")
    return Presented(Position(1, 0, 0), block(time), b"", submission, chunk, 0, outcomes)


def entry(action: Action, org: int, case: int, **fields: object) -> tuple[Entry, bytes]:
    made = Entry(action, org, OFFICE, bytes([case]) * 32, keccak(repr((action, case, fields)).encode()), bytes(316))
    made = replace(made, **fields)  # type: ignore[arg-type]
    return made, keccak(repr(made).encode())


class Ledger:
    """Cases and charges as a follower keeps them."""

    def __init__(self, members: Members) -> None:
        self.members = members
        self.cases: dict[CaseKey, Case] = {}
        self.charges: dict[int, Charge] = {}

    def present(self, action: Action, org: int, time: int, *entries: tuple[Entry, bytes]) -> Folded:
        charge = self.charges.get(org, Charge())
        presented = event(action, org, time, len(entries))
        folded = fold_chunk(self.cases.get, self.members, LEDGER, presented, entries, charge)
        self.cases |= folded.cases
        self.charges[org] = folded.charge
        return folded

    def order(self, case: int, amount_fen: int) -> tuple[Entry, bytes]:
        at = self.cases[CaseKey(OFFICE, bytes([case]) * 32)]
        fields = {"head": at.head, "consent": at.standing, "amount_fen": amount_fen, "fund_account": 1}
        return entry(Action.ORDER, OFFICE, case, **fields)


def consented(members: Members, *cases: int, time: int = MIDNIGHT) -> Ledger:
    ledger = Ledger(members)
    ledger.present(Action.REQUEST, OFFICE, time, *(entry(Action.REQUEST, OFFICE, c, recipient=BANK) for c in cases))
    for case in cases:
        head = ledger.cases[CaseKey(OFFICE, bytes([case]) * 32)].head
        ledger.present(Action.REPLY, BANK, time, entry(Action.REPLY, BANK, case, head=head, debitable=1))
        head = ledger.cases[CaseKey(OFFICE, bytes([case]) * 32)].head
        money = {"amount_fen": 1000, "claim_fen": 1000, "expires_at": time + 10**6, "in_parts": 1}
        ledger.present(Action.CONSENT, OFFICE, time, entry(Action.CONSENT, OFFICE, case, head=head, **money))
    return ledger


def test_a_refused_entry_leaves_its_neighbours_standing() -> None:
    ledger = Ledger(alliance())
    good, wrong, other = (entry(Action.REQUEST, OFFICE, c, recipient=r) for c, r in ((1, BANK), (2, 9), (3, BANK)))
    folded = ledger.present(Action.REQUEST, OFFICE, MIDNIGHT, good, wrong, other)
    assert folded.outcomes == bytes([0, Rule.RECIPIENT, 0])
    assert set(folded.cases) == {good[0].key, other[0].key}
    assert [step is None for step in folded.steps] == [False, True, False]


def test_a_second_entry_of_a_chunk_sees_what_the_first_did() -> None:
    ledger = Ledger(alliance())
    request = entry(Action.REQUEST, OFFICE, 1, recipient=BANK)
    again = entry(Action.REQUEST, OFFICE, 1, recipient=BANK, due_at=5)
    assert ledger.present(Action.REQUEST, OFFICE, MIDNIGHT, request, again).outcomes == bytes([0, Rule.CASE])


def test_the_day_s_charge_adds_up_within_a_chunk_and_over_chunks() -> None:
    ledger = consented(alliance(day_limit_fen=1000), 1, 2, 3)
    folded = ledger.present(
        Action.ORDER, OFFICE, MIDNIGHT, ledger.order(1, 600), ledger.order(2, 401), ledger.order(3, 300)
    )
    assert folded.outcomes == bytes([0, Rule.DAY_LIMIT, 0])
    assert folded.charge == Charge(beijing_day(MIDNIGHT), 900)
    assert ledger.present(Action.ORDER, OFFICE, MIDNIGHT + 9, ledger.order(2, 101)).outcomes == bytes([Rule.DAY_LIMIT])
    assert ledger.present(Action.ORDER, OFFICE, MIDNIGHT + 9, ledger.order(2, 100)).outcomes == b"\0"


def test_the_charge_begins_anew_at_midnight_in_beijing() -> None:
    ledger = consented(alliance(day_limit_fen=1000), 1, 2, 3, time=MIDNIGHT - 100)
    ledger.present(Action.ORDER, OFFICE, MIDNIGHT - 1, ledger.order(1, 1000))
    assert ledger.present(Action.ORDER, OFFICE, MIDNIGHT - 1, ledger.order(2, 1)).outcomes == bytes([Rule.DAY_LIMIT])
    folded = ledger.present(Action.ORDER, OFFICE, MIDNIGHT, ledger.order(2, 1000))
    assert (folded.outcomes, folded.charge) == (b"\0", Charge(beijing_day(MIDNIGHT), 1000))


def test_recorded_outcomes_that_differ_are_named_by_their_place() -> None:
    folded = Folded(bytes([0, 4, 0]), {}, (None, None, None), Charge())
    check_outcomes(event(Action.REQUEST, OFFICE, 1, 3, bytes([0, 4, 0])), folded)
    for recorded, place in ((bytes([0, 0, 0]), 1), (bytes([0, 4]), 2), (bytes([0, 4, 0, 0]), 3)):
        with pytest.raises(OutcomesDiffer) as caught:
            check_outcomes(event(Action.REQUEST, OFFICE, 1, 3, recorded), folded)
        assert caught.value.values["place"] == place
