# SPDX-License-Identifier: Apache-2.0
"""Accounts for the simulated bank as the rows of a file give them; who reads the file hands the rows in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from node.corebank.port import AccountClass, AccountStatus
from node.domain.catalogues import Catalogue, terms
from node.domain.errors import Refused

HEADER = (
    "银行账号",
    "姓名",
    "公民身份号码",
    "账户类别",
    "账户状态",
    "余额(元)",
    "冻结金额(元)",
    "开户网点",
    "行号",
    "销户日期",
)
_FIELDS = ("account", "name", "id_number", "class", "status", "balance", "frozen", "branch", "branch_code", "closed_on")
_YUAN = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?", re.ASCII)


class AccountRow(Refused):
    """A row of an accounts file that cannot be taken; names the row and the column, never the value."""

    code = "core_account_row"


class AccountsFile(Refused):
    """The file is no list of accounts."""

    code = "core_accounts_file"


@dataclass(frozen=True, slots=True)
class Account:
    """One account with its holder. ``frozen_fen`` counts for a partial freeze. An empty name or ID matches anybody."""

    account: str = field(repr=False)
    name: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)
    account_class: AccountClass = AccountClass.I
    status: AccountStatus = AccountStatus.NORMAL
    balance_fen: int = 0
    frozen_fen: int = 0
    branch: str = ""
    branch_code: str = ""
    closed_on: date | None = None


def accounts_from_rows(rows: Iterable[Mapping[str, str]]) -> list[Account]:
    """Accounts of rows keyed by the Chinese header or the English field names. Errors: AccountRow (row from 2)."""
    return [_account(number, row) for number, row in enumerate(rows, start=2)]


def accounts_from_json(data: bytes) -> list[Account]:
    """Accounts of a JSON list of objects with the English field names. Errors: AccountsFile, AccountRow."""
    try:
        found: object = json.loads(data)
    except ValueError:
        raise AccountsFile from None
    if not isinstance(found, list):
        raise AccountsFile
    rows: list[Mapping[str, str]] = []
    for row in cast("list[object]", found):
        if not isinstance(row, dict):
            raise AccountsFile
        rows.append({str(key): str(value) for key, value in cast("dict[object, object]", row).items()})
    return accounts_from_rows(rows)


def _account(number: int, row: Mapping[str, str]) -> Account:
    values = {name: (row.get(name) or row.get(head) or "").strip() for name, head in zip(_FIELDS, HEADER, strict=True)}
    if not re.fullmatch(r"[0-9]{8,32}", values["account"]):
        raise AccountRow(row=number, column=HEADER[0])
    for name, column in zip(("name", "id_number"), HEADER[1:3], strict=True):
        if not values[name]:
            raise AccountRow(row=number, column=column)
    try:
        account_class = AccountClass(_code("account_classes", values["class"] or "I"))
    except ValueError:
        raise AccountRow(row=number, column=HEADER[3]) from None
    try:
        status = AccountStatus(_code("account_statuses", values["status"] or "NORMAL"))
    except ValueError:
        raise AccountRow(row=number, column=HEADER[4]) from None
    try:
        closed_on = date.fromisoformat(values["closed_on"]) if values["closed_on"] else None
    except ValueError:
        raise AccountRow(row=number, column=HEADER[9]) from None
    return Account(
        account=values["account"],
        name=values["name"],
        id_number=values["id_number"],
        account_class=account_class,
        status=status,
        balance_fen=_fen(number, HEADER[5], values["balance"]),
        frozen_fen=_fen(number, HEADER[6], values["frozen"]),
        branch=values["branch"],
        branch_code=values["branch_code"],
        closed_on=closed_on,
    )


def _code(catalogue: Catalogue, word: str) -> str:
    """The code of a word of the catalogue: the code itself, or its Chinese name."""
    return next((term.code for term in terms(catalogue).values() if word == term.zh), word)


def _fen(number: int, column: str, yuan: str) -> int:
    if not yuan:
        return 0
    if not _YUAN.fullmatch(yuan):
        raise AccountRow(row=number, column=column)
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))
