# SPDX-License-Identifier: Apache-2.0
"""The office's desk: due dates that nobody can vouch for, who is looked for and how, a projection made anew."""

from __future__ import annotations

import getpass
import io
import json
import sqlite3
import sys
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


# ---------------------------------------------------------------------------------------------------------- submissions


def test_it_is_said_in_how_many_submissions_drafts_are_signed(office: House, tmp_path: Path) -> None:
    inquiry = import_one(office, 3, tmp_path)
    case = office.case()["case"]
    office.do("inquiry", "submit", inquiry)
    office.do("case", "close", case, "--outcome", "rerouted")
    assert "2 submissions" in plainly(office, "drafts", "sign", "--maker", "jingban").err
    assert sorted(row["action"] for row in office.do("approve")) == ["CLOSE", "REQUEST"]
    for row in office.do("approve"):
        office.do("drafts", "take-back", row["root"])
    for row in office.do("drafts", "list"):
        office.do("drafts", "drop", row["id"])


# ---------------------------------------------------------------------------------------------------- who is looked for


def test_a_person_or_an_account_is_looked_for_by_a_number_that_is_no_argument(
    office: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inquiry = import_one(office, 2, tmp_path)
    case = office.write("inquiry", "submit", inquiry)["drafts"][0]["case"]
    file, before = tmp_path / "number", accesses(office)
    on_that_card = len(office.do("inquiry", "list"))
    for number, how_many in ((person_id(2), 1), (CARD, on_that_card)):
        file.write_text(f" {number}\n", encoding="utf-8")
        found = office.do("inquiry", "find", "--from", str(file), "--reason", "来电核实")
        assert len(found) == how_many
        assert {"inquiry": inquiry, "cases": [case]} in found
    monkeypatch.setattr(sys, "stdin", io.StringIO(person_id(2) + "\n"))
    answer = office.ask("case", "find", "--reason", "来电核实")
    assert answer.json == [{"case": case, "inquiry": inquiry}]
    assert person_id(2) not in answer.out + answer.err
    new = accesses(office)[len(before) :]
    assert [what for what, _ in new] == ["inquiry.find"] * (1 + on_that_card) + ["case.find"]
    assert new[0] == ("inquiry.find", inquiry)
    assert new[-1] == ("case.find", case)


def test_who_looks_in_vain_is_written_down_too(office: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: person_id(777))
    assert office.do("case", "find", "--reason", "来电核实") == []
    assert accesses(office)[-1] == ("case.find", "-")


def test_what_is_no_number_is_refused_and_not_repeated(office: House, tmp_path: Path) -> None:
    file = tmp_path / "number"
    for said, error in ((b"36999919500101", "number_wrong"), (b"", "number_wrong"), (b"\xff", "file_unreadable")):
        file.write_bytes(said)
        answer = office.ask("inquiry", "find", "--from", str(file), "--reason", "x", code=1)
        assert answer.json["error"] == error
        assert "36999919500101" not in answer.out + answer.err
    assert office.ask("inquiry", "find", "--from", str(file), code=2).json["error"] == "usage"


# -------------------------------------------------------------------------------------------------------------- rebuild


def test_a_rebuild_gives_what_stood_and_says_what_had_been_altered(office: House) -> None:
    office.settle()
    before = office.do("case", "list")
    rebuilt = office.do("rebuild")
    assert (rebuilt["differing"], rebuilt["block"]) == ([], rebuilt["head"])
    assert office.do("case", "list") == before
    with closing(sqlite3.connect(office.home / "node.db")) as database:
        database.execute("UPDATE projection_case SET due_at = due_at + 86400")
        database.commit()
    assert office.do("case", "list") != before
    assert office.ask("rebuild", code=3).json["differing"] == ["projection_case"]
    assert office.do("case", "list") == before


def test_nothing_is_rebuilt_beside_a_worker_or_without_a_chain(office: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = office.do("case", "list")
    until = datetime.now(UTC) + timedelta(seconds=60)
    with closing(sqlite3.connect(office.home / "node.db")) as database:
        (kept,) = database.execute("SELECT value FROM own_setting WHERE key = 'worker'").fetchone()
        held = json.dumps({"fence": 7, "until": until.isoformat()})
        database.execute("UPDATE own_setting SET value = ? WHERE key = 'worker'", (held,))
        database.commit()
    assert office.ask("rebuild", code=1).json["error"] == "worker_elsewhere"
    with closing(sqlite3.connect(office.home / "node.db")) as database:
        database.execute("UPDATE own_setting SET value = ? WHERE key = 'worker'", (kept,))
        database.commit()
    monkeypatch.setenv("ALLIANCE_CHAIN_URL", "http://127.0.0.1:9")
    office.ask("rebuild", code=4)
    assert office.do("case", "list") == before
