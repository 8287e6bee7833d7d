# SPDX-License-Identifier: Apache-2.0
"""A bank's desk when something is in the way: with --all one case holds up no other, and an order can be given up."""

from __future__ import annotations

import inspect
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import node.jobs
from node.domain.entries import Action
from node.domain.messages import catalogue
from node.sheets.samples import sample_path
from tests.cli.founding import person_id, row_of
from tests.cli.houses import Answer, House

CARD = "0000009900000010"


def test_with_all_one_case_holds_up_no_other(
    houses: dict[str, House], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, bank = houses["office"], houses["bank"]
    closed, good, bare, torn = letters(houses, 4, tmp_path)
    damage(bank, closed, Action.REQUEST)
    answer = bank.ask("reply", "--all", "--outcome", "matched", "--maker", "jingban", code=1)
    assert reasons(answer) == {closed: "sealed_damaged"}
    approve(bank, answer)

    sealed = orders(office, [good, bare, torn], tmp_path)
    bank.settle()
    for case in (good, torn):
        bank.do("evidence", "import", sealed[case])
    damage(bank, torn, Action.CONSENT)
    monkeypatch.setenv("ALLIANCE_COREBANK", "none")  # or the worker would debit at once
    answer = bank.ask("order", "accept", "--all", "--maker", "jingban", code=1)
    assert reasons(answer) == {bare: "evidence_missing", torn: "sealed_damaged"}
    for row in answer.json["skipped"]:
        assert f"{row['short']}：{row['message']} [{row['error']}]" in answer.err
    assert [row["case"] for row in answer.json["drafts"]] == [good]
    assert bank.ask("order", "accept", bare, code=1).json["error"] == "evidence_missing"  # named, it is an error
    approve(bank, answer)
    bank.do("evidence", "import", sealed[bare])
    bank.write("order", "accept", bare)
    office.settle()
    office.write("dispute", "raise", good, "--reason", "person_alive")
    bank.settle()

    monkeypatch.delenv("ALLIANCE_COREBANK")
    answer = bank.ask("debit", "execute", "--despite-doubt", code=1)  # a doubt is passed over for a case that is named
    assert reasons(answer) == {good: "person_must_decide"}
    assert [row["case"] for row in answer.json["drafts"]] == [bare]
    give_up(houses, good)


def give_up(houses: dict[str, House], case: str) -> None:
    """Nothing was sent: the id is closed at the core bank, nothing posted is what the office reads, and it stays so."""
    office, bank = houses["office"], houses["bank"]
    bank.ask("debit", "report", case, "--give-up", "--posted", "1", code=2)
    bank.write("debit", "report", case, "--give-up")
    office.settle()
    shown = office.do("case", "show", case)
    said = shown["entries"][-1]["says"]
    assert (said["outcome"], said["id_closed"], shown["net_fen"]) == ("failed", True, 0)
    bank.settle()
    assert [p["posted_fen"] for p in bank.do("corebank", "show")["postings"] if p["posted_fen"]] == [600_714]  # bare's


def test_whatever_the_worker_tells_has_a_sentence() -> None:
    told = set(re.findall(r'"(worker\.\w+)"', inspect.getsource(node.jobs)))
    assert "worker.person" in told
    assert told <= catalogue().keys()


def letters(houses: dict[str, House], count: int, tmp_path: Path) -> list[str]:
    """Letters about as many people; the bank's service officer has acknowledged them."""
    office, bank = houses["office"], houses["bank"]
    for number in range(200, 200 + count):
        office.do("inquiry", "import", row_of(CARD, "测试受理", person_id(number), tmp_path))
    made = office.write("inquiry", "submit")
    bank.do("corebank", "load", str(sample_path("accounts-1.csv")))
    bank.settle()
    return [str(row["case"]) for row in made["drafts"]]


def orders(office: House, cases: list[str], tmp_path: Path) -> dict[str, str]:
    """Consents and orders; gives each case's scan as a file sealed for the bank."""
    office.settle()
    until = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    dates = ("--valid-until", until, "--signed-at", "2026-01-05T09:00+08:00")
    files: dict[str, str] = {}
    for case in cases:
        scan, files[case] = tmp_path / f"{case[:8]}.pdf", str(tmp_path / f"{case[:8]}.sealed")
        scan.write_bytes(case.encode())
        digest = office.do("evidence", "add", str(scan), "--case", case)["digest"]
        office.do("evidence", "export", digest, "--to", "3", "--out", files[case])
        office.do("consent", "record", case, "--number", case[:8], *dates, "--evidence", digest)
    (signed,) = office.do("drafts", "sign", "--maker", "jingban")["submissions"]
    office.do("approve", signed["root"], "--checker", "fuhe")
    office.settle()
    office.write("order", "place", "--all")
    return files


def approve(house: House, answer: Answer) -> None:
    house.do("approve", answer.json["submission"]["root"], "--checker", "fuhe")
    house.settle()


def reasons(answer: Answer) -> dict[str, Any]:
    return {row["case"]: row["error"] for row in answer.json["skipped"]}


def damage(house: House, case: str, action: Action) -> None:
    """The node's copy of what an entry says does not open any more."""
    with closing(sqlite3.connect(house.home / "node.db")) as database:
        of_it = "SELECT entry_hash FROM projection_entry WHERE case_id = ? AND action = ?"
        damaged = f"UPDATE projection_sealed SET sealed = zeroblob(length(sealed)) WHERE entry_hash IN ({of_it})"
        assert database.execute(damaged, (bytes.fromhex(case), int(action))).rowcount == 1
        database.commit()
