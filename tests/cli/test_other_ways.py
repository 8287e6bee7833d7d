# SPDX-License-Identifier: Apache-2.0
"""The commands that the straight way does not take: back, stop, object, refuse, withdraw, suspend, pause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.founding import person_id, row_of
from tests.cli.houses import House

AMOUNT = 600_714
FULL, SHORT = "0000009900000010", "0000009900000028"


@pytest.fixture(scope="module")
def numbers() -> Callable[[], int]:
    count = iter(range(100, 999))
    return lambda: next(count)


@pytest.fixture
def asked(houses: dict[str, House], numbers: Callable[[], int], tmp_path: Path) -> str:
    """A new case, acknowledged by the bank's service officer."""
    office, bank = houses["office"], houses["bank"]
    office.do("inquiry", "import", row_of(FULL, "测试另路", person_id(numbers()), tmp_path))
    case = str(office.write("inquiry", "submit")["drafts"][0]["case"])
    bank.settle()
    return case


@pytest.fixture
def ordered(houses: dict[str, House], asked: str, tmp_path: Path) -> str:
    """One that is replied to, consented to and ordered, its scan handed over."""
    office, bank = houses["office"], houses["bank"]
    bank.write("reply", asked, "--outcome", "matched")
    office.settle()
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(asked.encode())
    until = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    dates = ("--valid-until", until, "--signed-at", "2026-01-05T09:00+08:00")
    office.write("consent", "record", asked, "--number", asked[:8], *dates, "--evidence", str(scan))
    office.write("order", "place", asked)
    digest = office.do("case", "show", asked)["entries"][-2]["says"]["evidence"][0]
    sealed = str(tmp_path / "scan.sealed")
    office.do("evidence", "export", digest, "--to", "3", "--out", sealed)
    bank.do("evidence", "import", sealed)
    bank.settle()
    return asked


def stands(house: House, case: str) -> Any:
    house.settle()
    return house.do("case", "show", case)


def test_a_letter_is_sent_back(houses: dict[str, House], asked: str) -> None:
    houses["bank"].write("decline", asked, "--reason", "incomplete")
    assert stands(houses["office"], asked)["phase"] == "DECLINED"


def test_a_letter_is_withdrawn_and_its_inquiry_goes_out_again(houses: dict[str, House], asked: str) -> None:
    office = houses["office"]
    (inquiry,) = [row["id"] for row in office.do("inquiry", "list") if row["case"] == asked]
    assert office.ask("inquiry", "submit", inquiry, code=1).json["error"] == "inquiry_live"
    office.write("inquiry", "withdraw", asked)
    assert stands(office, asked)["phase"] == "CLOSED"
    again = office.write("inquiry", "submit", inquiry, "--bank", "3")
    assert again["drafts"][0]["case"] != asked
    assert office.do("inquiry", "show", inquiry)["name"] == "测***"


def test_an_order_is_cancelled_refused_and_stopped_by_an_objection(houses: dict[str, House], ordered: str) -> None:
    office, bank = houses["office"], houses["bank"]
    office.write("order", "cancel", ordered, "--reason", "wrong_amount")
    office.write("order", "place", ordered, "--amount", "6007.14", "--fund-account", "1")
    bank.settle()
    bank.write("order", "refuse", ordered, "--reason", "evidence")
    office.settle()
    office.write("order", "place", ordered)
    office.write("dispute", "raise", ordered, "--reason", "person_alive")
    bank.settle()
    root = bank.do("order", "accept", ordered, "--maker", "jingban")["submission"]["root"]
    refused = bank.ask("approve", root, "--checker", "fuhe", code=1).json
    assert refused["error"] == "would_be_refused"
    assert [r["rule"] for r in bank.do("approve", root)["refusals"]] == ["DISPUTED"]
    bank.do("drafts", "take-back", root)
    (draft,) = [row["id"] for row in bank.do("drafts", "list") if row["case"] == ordered]
    bank.do("drafts", "drop", draft)
    office.write("dispute", "resolve", ordered, "--outcome", "rejected")
    office.write("consent", "revoke", ordered, "--reason", "withdrawn")
    assert stands(office, ordered)["phase"] == "REPLIED"


def test_a_debit_is_reversed_by_the_bank_and_a_settled_one_given_back(houses: dict[str, House], ordered: str) -> None:
    office, bank = houses["office"], houses["bank"]
    bank.write("order", "accept", ordered)
    bank.settle()  # the service officer reports the debit
    assert stands(office, ordered)["debits"][0]["amount_fen"] == AMOUNT
    bank.write("debit", "reverse", ordered, "--reason", "posted_wrong")
    kept = [p["kept_fen"] for p in bank.do("corebank", "show")["postings"] if p["posted_fen"] == AMOUNT]
    assert kept[-1] == 0
    assert stands(office, ordered)["net_fen"] == 0


def test_a_bank_without_a_core_system_reports_what_a_person_posted(
    houses: dict[str, House], ordered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, bank = houses["office"], houses["bank"]
    monkeypatch.setenv("ALLIANCE_COREBANK", "none")
    bank.write("order", "accept", ordered)
    too_much = bank.ask("debit", "report", ordered, "--posted", "6007.15", code=1).json
    assert too_much["error"] == "posted_too_much"
    bank.write("debit", "report", ordered, "--posted", "6007.14", "--reference", "人工 1")
    stood = stands(office, ordered)
    assert stood["entries"][-1]["says"]["posting"] == "人工 1"
    office.write("settle", ordered, "--statement", "对账单 9")
    office.write("debit", "reverse", ordered, "--reason", "consent_void", "--reference", "退还 1")
    assert stands(office, ordered)["debits"][0]["state"] == "REVERSED"


def test_an_alliance_is_paused_an_officer_suspended_an_organisation_too(houses: dict[str, House]) -> None:
    governor, office = houses["governor"], houses["office"]
    governor.settle()
    one = ("--sign", "admin-1", "--send", "--out", str(governor.file("act.json")))
    both = (*one, "--sign", "admin-2")  # a stop is one house's: two of its ADMINs; all else is M governors'
    office.settle()
    office.act("member", "pause")
    for act in (("resume", "2"), ("pause", "0"), ("resume", "0"), ("suspend", "2"), ("reinstate", "2")):
        governor.settle()
        assert governor.do("member", *act, *(both if act[0] == "pause" else one))["queued"]
    governor.settle()
    office.settle()
    office.act("officer", "suspend", "fuhe")
    office.act("officer", "add", "fuhe", "--may", "checker")
    office.act("member", "limit", "2", "--order", "100000", "--day", "1000000", "--lower")
    (shown,) = [m for m in office.do("network", "show")["members"] if m["org"] == 2]
    assert (shown["active"], shown["paused"], shown["order_limit_fen"]) == (True, False, 10_000_000)


def test_what_nobody_may_do_is_refused_by_name(houses: dict[str, House], asked: str) -> None:
    office = houses["office"]
    assert office.ask("case", "close", asked, "--outcome", "rerouted", "--maker", "fuhe", code=1).json["error"] == (
        "key_not_ours"
    )
    assert office.do("drafts", "list") == []  # what could not be signed was not drafted either
    assert office.ask("case", "show", "ffffffff", code=1).json["error"] == "case_unknown"
    assert office.ask("corebank", "show", code=1).json["error"] == "no_core_bank"
    assert office.ask("acknowledge", code=1).json["error"] == "nothing_named"
    assert office.ask("settle", asked, "--statement", "x", code=1).json["error"] == "no_such_debit"
    assert office.ask("member", "fund-account", code=2).json["error"] == "usage"
