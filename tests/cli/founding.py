# SPDX-License-Identifier: Apache-2.0
"""An alliance founded by commands, and inquiries about people who are nobody."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from node.domain.identifiers import identity_check_digit
from node.sheets.samples import sample_path
from tests.cli.houses import House

BANK = "样例银行一"


def found_alliance(governor: House, office: House, bank: House, auditor: House) -> None:
    """Keys, contracts, members, limits, officers, senders, encryption keys, a fund account."""
    for house in (governor, office, bank):
        house.do("keys", "new", "admin-1", "admin-2", "sender", "stop-sender")
        house.do("network", "fund")
    for house in (office, bank):
        house.do("keys", "new", "jingban", "fuhe", "--encryption")
    governor.do("keys", "export-public", "--out", str(governor.file("public.json")))
    governor.do("network", "deploy", "--governors", str(governor.file("public.json")), "--threshold", "1")
    for house in (office, bank, auditor):
        shutil.copy(governor.home / "deployment.json", house.home)
    governor.settle()
    for role, house in (("office", office), ("bank", bank)):
        file = house.file("public.json")
        house.do("keys", "export-public", "--out", str(file))
        admitted = governor.do(
            "member",
            "admit",
            "--role",
            role,
            "--from",
            str(file),
            "--sign",
            "admin-1",
            "--send",
            "--out",
            f"{file}.act",
        )
        assert admitted["kind"] == "ADMIT"
        governor.settle()
        limits = ("--order", "200000", "--day", "2000000", "--sign", "admin-1", "--send", "--out", f"{file}.limit")
        governor.do("member", "limit", str(admitted["org"]), *limits)
        governor.settle()
    for house in (office, bank):
        house.settle()
        house.act("officer", "add", "jingban", "--may", "maker")
        house.act("officer", "add", "fuhe", "--may", "checker")
        house.act("member", "sender", "sender")
        house.act("member", "sender", "stop-sender")
        house.act("keys", "register")
    hand_over(governor, office)
    for house in (governor, office, bank):
        house.settle()
    shown = governor.do("network", "show")
    assert [(m["role"], m["key_version"]) for m in shown["members"]] == [("GOVERNOR", 0), ("OFFICE", 1), ("BANK", 1)]
    assert list(shown["members"][1]["fund_accounts"]) == ["1"]


def hand_over(governor: House, office: House) -> None:
    """The fund account takes both: the office's two ADMINs sign the file, then the governor, who sends it."""
    file = str(office.file("fund.json"))
    office.do("member", "fund-account", "--text", "样例财政专户 0000", "--sign", "admin-1", "--out", file)
    office.do("act", "sign", file, "--key", "admin-2")
    governor.settle()
    refused = governor.ask("act", "send", file, code=1).json
    assert refused["error"] == "too_few_signatures"
    shown = governor.do("act", "sign", file, "--key", "admin-1", "--send")
    assert len(shown["signed_by"]) == 3
    assert "样例财政专户 0000" in " ".join(shown["words"])
    governor.settle()


def person_id(number: int) -> str:
    """A number of nobody: the area code is assigned to no place."""
    digits = f"36999919500101{number:03d}"
    return digits + identity_check_digit(digits)


def row_of(account: str, name: str, number: str, tmp_path: Path) -> str:
    """A file with one inquiry, about that person and account."""
    with sample_path("inquiries-20.csv").open(encoding="gb18030", newline="") as file:
        header, row = list(csv.reader(file))[:2]
    values = dict(zip(header, row, strict=True))
    values |= {"姓名": name, "公民身份号码": number, "银行账号": account}
    target = tmp_path / "one.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(values), list(values.values())])
    return str(target)
