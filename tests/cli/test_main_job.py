# SPDX-License-Identifier: Apache-2.0
"""The main job by commands alone: one governor, one office, one bank, one auditor, a chain in a process of its own."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from node.sheets.samples import sample_path
from tests.cli.founding import BANK, found_alliance
from tests.cli.houses import House, Runner, in_process, in_subprocess

RUNNERS = [
    pytest.param(in_process, id="in process"),
    pytest.param(in_subprocess, id="subprocesses", marks=pytest.mark.long),
]


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_main_job_by_commands(
    runner: Runner, new_house: Callable[..., House], chain_url: str, tmp_path: Path
) -> None:
    at = ("--chain-url", chain_url, "--set", "poll_s=0.1")
    governor = new_house("样例治理单位", *at)
    office = new_house("样例经办机构", *at)
    bank = new_house(BANK, *at, "--set", "corebank=simulated")
    auditor = new_house("样例审计机构", *at)
    found_alliance(governor, office, bank, auditor)
    office, bank, auditor = (replace(house, runner=runner) for house in (office, bank, auditor))
    case = ask_and_answer(office, bank, tmp_path)
    recover(office, bank, case, tmp_path)
    audit(auditor, bank, tmp_path)


def one_inquiry(tmp_path: Path) -> Path:
    """The first row of the sample that the bank can debit in full."""
    with sample_path("inquiries-20.csv").open(encoding="gb18030", newline="") as file:
        rows = list(csv.reader(file))
    target = tmp_path / "one.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[:2])
    return target


def ask_and_answer(office: House, bank: House, tmp_path: Path) -> str:
    """Import, submit, approve; inbox, acknowledge, verify, reply."""
    file = str(one_inquiry(tmp_path))
    assert office.do("inquiry", "import", file, "--dry-run")["accepted"] == 1
    assert len(office.do("inquiry", "import", file)["inquiries"]) == 1
    assert office.do("inquiry", "import", file, "--dry-run")["skipped"] == 1
    signed = office.file("submission.json")
    made = office.do("inquiry", "submit", "--maker", "jingban", "--submission-file", str(signed))
    root, code = made["submission"]["root"], made["submission"]["check_code"]
    inspected = in_process(["inspect", str(signed), "--json"], {}).json
    assert (inspected["check_code"], inspected["entries_checked"]) == (code, 1)
    seen = office.do("approve", root)
    assert (seen["check_code"], seen["refusals"], seen["state"]) == (code, [], "signed")
    assert [row["root"] for row in office.do("approve")] == [root]
    office.ask("approve", root, "--checker", "jingban", code=1)
    office.do("approve", root, "--checker", "fuhe")
    assert office.settle()["sent"] == 1
    bank.do("corebank", "load", str(sample_path("accounts-1.csv")))
    bank.settle()
    (letter,) = bank.do("inbox")
    assert "*" in letter["person_name"]
    assert letter["account"].startswith("000000*")
    bank.write("acknowledge", "--all")
    replied = bank.write("reply", letter["case"])
    assert replied["drafts"][0]["action"] == "REPLY"
    office.settle()
    assert (office.case()["phase"], office.case()["debitable"]) == ("REPLIED", True)
    return str(letter["case"])


def recover(office: House, bank: House, case: str, tmp_path: Path) -> None:
    """Consent with its scan, order, acceptance, debit, settlement, the end."""
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF synthetic")
    digest = office.do("evidence", "add", str(scan), "--case", case[:8])["digest"]
    until = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    terms = ("--number", "同意1号", "--valid-until", until, "--signed-at", "2026-01-05T09:00+08:00")
    office.write("consent", "record", case[:8], *terms, "--evidence", digest)
    office.write("order", "place", "--all")
    bank.settle()
    bank.ask("order", "accept", case, "--maker", "jingban", code=1)  # no copy of the consent yet
    handed = str(office.file("scan.sealed"))
    office.do("evidence", "export", digest[:12], "--to", "3", "--out", handed)
    assert bank.do("evidence", "import", handed)["digest"] == digest
    bank.write("order", "accept", "--all")
    bank_debits(bank, case)
    office.settle()
    stands: Any = office.do("case", "show", case[:8])
    assert [debit["state"] for debit in stands["debits"]] == ["UNSETTLED"]
    office.write("settle", case, "--statement", "对账单 1")
    office.write("case", "close", case, "--outcome", "recovered")
    assert (office.case()["phase"], office.case()["net_fen"]) == ("CLOSED", 600_714)


def bank_debits(bank: House, case: str) -> None:
    """``run`` has debited the acceptance once it was final, and drafted the result: two people report it."""
    (draft,) = bank.do("drafts", "list")
    assert (draft["action"], draft["case"]) == ("DEBIT", case)
    (signed,) = bank.do("drafts", "sign", "--maker", "jingban")["submissions"]
    bank.do("approve", signed["root"], "--checker", "fuhe")
    bank.settle()
    assert [p["posted_fen"] for p in bank.do("corebank", "show")["postings"]] == [600_714]


def audit(auditor: House, bank: House, tmp_path: Path) -> None:
    """The chain alone agrees with the bank; one fen more in a copy of its database is named."""
    replayed = auditor.do("audit", "replay")
    assert (replayed["ok"], replayed["entries"], replayed["cases"]) == (True, 9, 1)
    assert replayed["totals"][BANK]["settled_fen"] == 600_714
    agreed = auditor.do("audit", "verify", "--database", f"sqlite:///{bank.home / 'node.db'}")
    assert agreed["differences"] == []
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(bank.home / "node.db")) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("UPDATE projection_entry SET amount_fen = amount_fen + 1 WHERE action = 8")
        target.commit()
    differing = auditor.ask("audit", "verify", "--database", f"sqlite:///{copy}", code=3).json
    assert [(d["table"], d["field"]) for d in differing["differences"]] == [("projection_entry", "amount_fen")]
