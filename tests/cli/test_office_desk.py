# SPDX-License-Identifier: Apache-2.0
"""The office's desk: due dates that nobody can vouch for, who is looked for and how, a projection made anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from node.domain.workdays import Holidays
from tests.cli.founding import person_id, row_of
from tests.cli.houses import Answer, House, in_process

CARD = "0000009900000010"


@pytest.fixture(scope="module")
def office(houses: dict[str, House]) -> House:
    return houses["office"]


@pytest.fixture
def no_holidays(monkeypatch: pytest.MonkeyPatch) -> None:
    none: frozenset[Any] = frozenset()
    monkeypatch.setattr("node.domain.workdays.seed", lambda: Holidays(none, none, none))


def import_one(office: House, number: int, folder: Path) -> str:
    (inquiry,) = office.do("inquiry", "import", row_of(CARD, "测试查找", person_id(number), folder))["inquiries"]
    return inquiry


def plainly(office: House, *arguments: str) -> Answer:
    """As a person at a terminal sees it."""
    where = ["--home", str(office.home), "--passphrase-file", str(office.secret), "--lang", "en"]
    answer = in_process([*where, *arguments], {})
    assert answer.code == 0, answer
    return answer


def accesses(office: House) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(office.home / "node.db")) as database:
        return database.execute("SELECT what, subject FROM own_access ORDER BY id").fetchall()


# ----------------------------------------------------------------------------------------------------------- due dates


def test_a_due_date_of_a_year_without_holidays_is_marked_wherever_it_is_shown(
    office: House, no_holidays: None, tmp_path: Path
) -> None:
    warned = "no holiday data"
    inquiry = import_one(office, 1, tmp_path)
    drafted = office.do("inquiry", "submit", inquiry)
    assert drafted["drafts"][0]["due_flagged"] is True
    signed = office.do("drafts", "sign", "--maker", "jingban")["submissions"][0]
    assert signed["due_flagged"] is True
    looked = plainly(office, "approve", signed["root"], "--checker", "fuhe")
    assert warned in looked.out
    office.settle()
    row = office.case()
    assert (row["due_flagged"], row["due_in_words"]) == (True, row["due"] + "*")
    listed, shown = plainly(office, "case", "list"), plainly(office, "case", "show", row["case"])
    assert row["due"] + "*" in listed.out
    assert warned in listed.err
    assert row["due"] + "*" in shown.out
    assert warned in shown.out


def test_a_due_date_of_a_known_year_is_not(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    known = frozenset({(datetime.now(UTC) + timedelta(days=n)).year for n in (-5, 30)})
    monkeypatch.setattr("node.domain.workdays.seed", lambda: Holidays(known, frozenset(), frozenset()))
    row = office.case()
    assert (row["due_flagged"], row["due_in_words"]) == (False, row["due"])
    answer = plainly(office, "case", "list")
    assert "*" not in answer.out
    assert "no holiday data" not in answer.err
