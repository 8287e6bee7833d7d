# SPDX-License-Identifier: Apache-2.0
"""Members folded from acts, and which acts the registry would carry out: a table of refusals by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.domain import acts
from node.domain.case import LedgerIdentity
from node.domain.entries import Act, Block, Founded, Founding, OrgRole, Permission, Position
from node.domain.errors import AllianceError
from node.domain.members import ActOutOfLine, Members
from node.domain.organisations import HANDOVER_S, UnknownOrg, checksum
from node.domain.transitions import ActKind

K = ActKind
T = 1_800_000_000
G1, G2, G3, OFFICE, BANK, BANK2 = range(1, 7)
KEY = bytes(1216)


def a(org: int, which: int = 0) -> str:
    return checksum(f"0x{org * 256 + which:040x}")


def founded(threshold: int = 2) -> Members:
    governors = tuple(Founding(f"治理{g}", a(g, 0), a(g, 1)) for g in (G1, G2, G3))
    return Members.found(Founded(Position(0, 0, 0), Block(0, b"", b"", T), b"", b"\7" * 32, threshold, governors))


GOVERNORS = [a(G1), a(G2)]


def own(org: int) -> list[str]:
    return [a(org, 0), a(org, 1)]


def carry(members: Members, kind: ActKind, org: int, signers: list[str], now: int = T, **fields: Any) -> Members:
    number = fields.pop("number", None) or members.next_number(org)
    act = Act(kind, org, number, valid_until=now, **fields)
    acts.check_act(members, act, signers, now)
    return members.apply(act, now)


def alliance() -> Members:
    members = founded()
    for org, role in ((OFFICE, OrgRole.OFFICE), (BANK, OrgRole.BANK), (BANK2, OrgRole.BANK)):
        fields = {"code": role, "first": a(org, 0), "second": a(org, 1), "data": "样例".encode()}
        members = carry(members, K.ADMIT, org, GOVERNORS, **fields)
    members = carry(members, K.SET_LIMITS, OFFICE, GOVERNORS, order_limit_fen=100, day_limit_fen=1000)
    members = carry(members, K.ADD_OFFICER, OFFICE, own(OFFICE), first=a(OFFICE, 2), code=3)
    members = carry(members, K.ADD_SENDER, OFFICE, own(OFFICE), first=a(OFFICE, 9))
    members = carry(members, K.ADD_FUND_ACCOUNT, OFFICE, [*own(OFFICE), *GOVERNORS], code=1, data=b"1234")
    members = carry(members, K.ADD_OFFICER, BANK, own(BANK), first=a(BANK, 3), code=8)
    return carry(members, K.REGISTER_KEY, BANK, own(BANK), code=1, data=KEY)


def test_addresses_have_one_spelling() -> None:
    assert checksum("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed") == "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert checksum("0xFB6916095CA1DF60BB79CE92CE3EA74C37C5D359") == "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"


def test_what_is_known_after_the_setting_up() -> None:
    members = alliance()
    office = members.org(OFFICE)
    assert (office.name, office.role, office.active) == ("样例", OrgRole.OFFICE, True)
    assert (office.order_limit_fen, office.day_limit_fen) == (100, 1000)
    assert office.admins(T) == tuple(own(OFFICE))
    assert members.officer(a(OFFICE, 2).lower(), T) == (OFFICE, Permission.MAKER | Permission.CHECKER)
    assert members.officer(a(99), T) == (0, 0)
    assert members.is_sender(a(OFFICE, 9), OFFICE, T)
    assert not members.is_sender(a(OFFICE, 9), BANK, T)
    assert members.fund_account(OFFICE, 1) == "1234"
    assert members.fund_account(OFFICE, 2) is None
    assert (members.org(BANK).key_version, members.org(BANK).public_key) == (1, KEY)
    assert members.governors_active() == 3
    assert [o.id for o in members.orgs()] == [1, 2, 3, 4, 5, 6]
    assert (members.next_number(OFFICE), members.next_number(G1), members.next_number(0)) == (6, 2, 1)


def test_facts_for_the_rules() -> None:
    ledger = LedgerIdentity(b"\1" * 32, a(77))
    facts = alliance().facts(OFFICE, T, 7, ledger)
    assert (facts.org, facts.role, facts.ledger, facts.block_time) == (OFFICE, OrgRole.OFFICE, ledger.id, T)
    assert facts.may_receive == {BANK}  # the other bank has no key
    assert facts.fund_accounts == {(OFFICE, 1)}
    assert (facts.order_limit_fen, facts.day_limit_fen, facts.charged_fen) == (100, 1000, 7)
    assert not facts.ledger_succeeded
    followed = carry(alliance(), K.NAME_LEDGER, 0, GOVERNORS, first=a(77), second=a(78))
    assert followed.successor_ledger(a(77).lower()) == a(78)
    assert followed.facts(OFFICE, T, 0, ledger).ledger_succeeded


def test_a_suspended_member_has_no_say_and_its_successor_speaks_for_it() -> None:
    members = carry(alliance(), K.SUSPEND, BANK, GOVERNORS)
    assert members.officer(a(BANK, 3), T) == (BANK, 0)
    assert BANK not in members.facts(OFFICE, T, 0, LedgerIdentity(b"", a(77))).may_receive
    members = carry(members, K.NAME_SUCCESSOR, BANK, GOVERNORS, code=BANK2)
    assert members.facts(BANK2, T, 0, LedgerIdentity(b"", a(77))).speaks_for == {BANK, BANK2}
    members = carry(members, K.REINSTATE, BANK, GOVERNORS)
    assert members.officer(a(BANK, 3), T) == (BANK, Permission.SERVICE)
    assert members.facts(BANK2, T, 0, LedgerIdentity(b"", a(77))).speaks_for == {BANK2}


def test_pauses_of_one_and_of_all() -> None:
    own_pause = carry(alliance(), K.PAUSE, BANK, own(BANK))
    assert (own_pause.paused(BANK), own_pause.paused(BANK2)) == (True, False)
    by_governor = carry(alliance(), K.PAUSE, BANK, own(G1))
    assert by_governor.paused(BANK)
    all_paused = carry(own_pause, K.PAUSE, 0, own(G1))
    assert all_paused.paused(BANK2)
    resumed = carry(all_paused, K.RESUME, 0, GOVERNORS)
    assert (resumed.paused(BANK), resumed.paused(BANK2)) == (True, False)


def test_new_admins_take_over_a_day_later_and_the_old_lose_everything() -> None:
    members = carry(alliance(), K.ADD_OFFICER, OFFICE, own(OFFICE), first=a(OFFICE, 1), code=7)
    members = carry(members, K.ADD_SENDER, OFFICE, own(OFFICE), first=a(OFFICE, 1))
    members = carry(members, K.REPLACE_ADMINS, OFFICE, GOVERNORS, first=a(OFFICE, 0), second=a(OFFICE, 5))
    before, after = T + HANDOVER_S - 1, T + HANDOVER_S
    assert members.officer(a(OFFICE, 1), before) == (OFFICE, 7)
    assert members.officer(a(OFFICE, 5), before) == (OFFICE, 0)
    assert members.officer(a(OFFICE, 1), after) == (OFFICE, 0)
    assert members.officer(a(OFFICE, 5), after) == (OFFICE, Permission.ADMIN)
    assert members.officer(a(OFFICE, 2), after) == (OFFICE, 3)  # no ADMIN: untouched
    assert members.is_sender(a(OFFICE, 1), OFFICE, before)
    assert not members.is_sender(a(OFFICE, 1), OFFICE, after)
    assert set(members.org(OFFICE).admins(after)) == {a(OFFICE, 0), a(OFFICE, 5)}
    new = [a(OFFICE, 0), a(OFFICE, 5)]
    members = carry(members, K.SUSPEND_OFFICER, OFFICE, new, after, first=a(OFFICE, 2))
    assert members.org(OFFICE).handover is None
    with pytest.raises(acts.NotEntitled):
        carry(members, K.ADD_SENDER, OFFICE, own(OFFICE), after, first=a(OFFICE, 8))


def test_a_handover_can_be_named_anew_before_it_is_due() -> None:
    members = carry(alliance(), K.REPLACE_ADMINS, OFFICE, GOVERNORS, first=a(OFFICE, 5), second=a(OFFICE, 6))
    members = carry(members, K.REPLACE_ADMINS, OFFICE, GOVERNORS, T + 9, first=a(OFFICE, 0), second=a(OFFICE, 1))
    assert set(members.org(OFFICE).admins(T + 9 + HANDOVER_S)) == set(own(OFFICE))


Refusal = tuple[ActKind | int, int, list[str], dict[str, Any], type[AllianceError]]
AG = [*own(OFFICE), *GOVERNORS]
REFUSALS: list[Refusal] = [
    (99, OFFICE, GOVERNORS, {}, acts.UnknownKind),
    (K.SUSPEND, 7, GOVERNORS, {"number": 1}, UnknownOrg),
    (K.SUSPEND, 0, GOVERNORS, {}, UnknownOrg),
    (K.NAME_LEDGER, OFFICE, GOVERNORS, {"first": a(8), "second": a(9)}, UnknownOrg),
    (K.ADMIT, 9, GOVERNORS, {"number": 1, "code": 1, "first": a(9), "second": a(9, 1), "data": b"x"}, UnknownOrg),
    (K.SUSPEND, OFFICE, GOVERNORS, {"number": 1}, acts.ActNumber),
    (K.SUSPEND, OFFICE, GOVERNORS, {"valid_until": T - 1}, acts.ActExpired),
    (K.SUSPEND, OFFICE, GOVERNORS, {"code": 1}, acts.ActFields),
    (K.ADMIT, 7, GOVERNORS, {"code": 6, "first": a(7), "second": a(7, 1), "data": b"x"}, acts.ActFields),
    (K.ADMIT, 7, GOVERNORS, {"code": 1, "first": a(7), "second": a(7), "data": b"x"}, acts.ActFields),
    (K.ADMIT, 7, GOVERNORS, {"code": 1, "first": a(7), "second": a(7, 1)}, acts.ActFields),
    (K.ADMIT, 7, GOVERNORS, {"code": 1, "first": a(7), "second": a(BANK), "data": b"x"}, acts.AddressTaken),
    (K.ADD_OFFICER, OFFICE, own(OFFICE), {"first": a(OFFICE, 4), "code": 9}, acts.ActFields),
    (K.ADD_OFFICER, OFFICE, own(OFFICE), {"first": a(BANK), "code": 1}, acts.AddressTaken),
    (K.ADD_OFFICER, OFFICE, own(OFFICE), {"first": a(OFFICE, 2), "code": 3}, acts.ActState),
    (K.ADD_OFFICER, OFFICE, own(OFFICE), {"first": a(OFFICE, 2), "code": 8}, acts.ActState),
    (K.ADD_OFFICER, BANK, own(BANK), {"first": a(BANK, 3), "code": 1}, acts.ActState),
    (K.ADD_OFFICER, OFFICE, own(OFFICE), {"first": a(OFFICE, 1), "code": 3}, acts.TooFewAdmins),
    (K.SUSPEND_OFFICER, OFFICE, own(OFFICE), {"first": a(OFFICE, 1)}, acts.TooFewAdmins),
    (K.SUSPEND_OFFICER, OFFICE, own(OFFICE), {"first": a(BANK)}, acts.ActState),
    (K.ADD_SENDER, OFFICE, own(OFFICE), {"first": a(OFFICE, 9)}, acts.ActState),
    (K.REMOVE_SENDER, OFFICE, own(OFFICE), {"first": a(OFFICE, 8)}, acts.ActState),
    (K.REGISTER_KEY, BANK, own(BANK), {"code": 3, "data": b"\1" * 1216}, acts.ActState),
    (K.REGISTER_KEY, BANK, own(BANK), {"code": 2, "data": KEY}, acts.ActState),
    (K.REGISTER_KEY, BANK, own(BANK), {"code": 2, "data": b"\1" * 1215}, acts.ActFields),
    (K.ADD_FUND_ACCOUNT, OFFICE, AG, {"code": 3, "data": b"x"}, acts.ActState),
    (K.ADD_FUND_ACCOUNT, BANK, [*own(BANK), *GOVERNORS], {"code": 1, "data": b"x"}, acts.ActState),
    (K.ADD_FUND_ACCOUNT, OFFICE, own(OFFICE), {"code": 2, "data": b"x"}, acts.TooFewSignatures),
    (K.ADD_FUND_ACCOUNT, OFFICE, [*own(OFFICE), a(G1)], {"code": 2, "data": b"x"}, acts.TooFewSignatures),
    (K.ADD_FUND_ACCOUNT, OFFICE, [*own(OFFICE), *own(G1)], {"code": 2, "data": b"x"}, acts.NotEntitled),
    (K.REMOVE_FUND_ACCOUNT, OFFICE, own(OFFICE), {"code": 2}, acts.ActState),
    (K.LOWER_LIMITS, OFFICE, own(OFFICE), {"order_limit_fen": 101, "day_limit_fen": 1}, acts.LimitRaised),
    (K.LOWER_LIMITS, OFFICE, own(OFFICE), {"order_limit_fen": 100, "day_limit_fen": 1000}, acts.ActState),
    (K.SET_LIMITS, OFFICE, GOVERNORS, {"order_limit_fen": 100, "day_limit_fen": 1000}, acts.ActState),
    (K.SET_LIMITS, OFFICE, [a(G1)], {"order_limit_fen": 1}, acts.TooFewSignatures),
    (K.SET_LIMITS, OFFICE, [a(G1), a(G1, 1)], {"order_limit_fen": 1}, acts.NotEntitled),
    (K.SET_LIMITS, OFFICE, [a(G1), a(G1)], {"order_limit_fen": 1}, acts.SignedTwice),
    (K.SET_LIMITS, OFFICE, [a(G1), a(OFFICE)], {"order_limit_fen": 1}, acts.NotEntitled),
    (K.SET_LIMITS, OFFICE, [*GOVERNORS, a(BANK)], {"order_limit_fen": 1}, acts.NotEntitled),
    (K.REPLACE_ADMINS, OFFICE, GOVERNORS, {"first": a(OFFICE), "second": a(OFFICE)}, acts.ActFields),
    (K.REPLACE_ADMINS, OFFICE, GOVERNORS, {"first": a(OFFICE), "second": a(OFFICE, 1)}, acts.ActState),
    (K.REPLACE_ADMINS, BANK, GOVERNORS, {"first": a(BANK), "second": a(BANK, 3)}, acts.ActState),
    (K.REPLACE_ADMINS, BANK, GOVERNORS, {"first": a(BANK), "second": a(OFFICE)}, acts.AddressTaken),
    (K.NAME_SUCCESSOR, BANK, GOVERNORS, {"code": BANK2}, acts.ActState),
    (K.REINSTATE, BANK, GOVERNORS, {}, acts.ActState),
    (K.PAUSE, BANK, [a(BANK), a(G1)], {}, acts.NotEntitled),
    (K.PAUSE, BANK, [a(BANK)], {}, acts.TooFewSignatures),
    (K.PAUSE, BANK, own(OFFICE), {}, acts.NotEntitled),
    (K.PAUSE, 0, own(BANK), {}, acts.NotEntitled),
    (K.RESUME, BANK, GOVERNORS, {}, acts.ActState),
    (K.RESUME, 0, GOVERNORS, {}, acts.ActState),
    (K.NAME_LEDGER, 0, GOVERNORS, {"first": a(8), "second": a(8)}, acts.ActFields),
]


@pytest.mark.parametrize(("kind", "org", "signers", "fields", "error"), REFUSALS)
def test_an_act_is_refused_by_name(
    kind: int, org: int, signers: list[str], fields: dict[str, Any], error: type[AllianceError]
) -> None:
    members = alliance()
    number = fields.get("number") or members.next_number(org)
    act = replace(Act(kind, org, number, valid_until=T), **(fields | {"number": number}))
    with pytest.raises(error) as caught:
        acts.check_act(members, act, signers, T)
    assert type(caught.value) is error


def test_no_act_makes_the_threshold_unreachable() -> None:
    members = carry(alliance(), K.SUSPEND, G3, GOVERNORS)
    with pytest.raises(acts.TooFewGovernors) as caught:
        carry(members, K.SUSPEND, G2, GOVERNORS)
    assert caught.value.values == {"left": 1, "needed": 2}
    with pytest.raises(acts.NotEntitled):
        carry(members, K.REINSTATE, G3, [a(G1), a(G3)])
    assert carry(members, K.REINSTATE, G3, GOVERNORS).governors_active() == 3


def test_there_are_32_seats_for_governors() -> None:
    members = founded()
    for org in range(4, 33):
        members = carry(members, K.ADMIT, org, GOVERNORS, code=5, first=a(org), second=a(org, 1), data=b"g")
    with pytest.raises(acts.TooManyGovernors):
        carry(members, K.ADMIT, 33, GOVERNORS, code=5, first=a(33), second=a(33, 1), data=b"g")


def test_names_and_texts_that_are_not_utf_8_do_not_stop_the_fold() -> None:
    act = Act(K.ADMIT, 4, 1, a(4), a(4, 1), 1, data=b"\xff\xfe", valid_until=T)
    assert founded().apply(act, T).org(4).name == "\ufffd\ufffd"


@pytest.mark.parametrize(
    "act",
    [
        Act(K.SUSPEND, OFFICE, 7),  # a number is missing
        Act(K.SUSPEND, OFFICE, 5),  # carried out already
        Act(99, OFFICE, 6),
        Act(K.SUSPEND, 0, 1),
        Act(K.NAME_LEDGER, OFFICE, 6),
    ],
)
def test_a_log_with_a_gap_is_noticed(act: Act) -> None:
    with pytest.raises(ActOutOfLine):
        alliance().apply(act, T)


def test_what_was_folded_before_stays_as_it_was() -> None:
    before = alliance()
    officers = dict(before.org(OFFICE).officers)
    carry(before, K.ADD_OFFICER, OFFICE, own(OFFICE), first=a(OFFICE, 7), code=1)
    assert before.org(OFFICE).officers == officers
    assert before == alliance()
