# SPDX-License-Identifier: Apache-2.0
"""The sample with faults: sound rows into which one mistake after the other is put, and what must be found."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]

from node.sheets.samples import BANKS, HEADER, accounts_csv, accounts_of, cast_samples, make_samples, to_csv, to_xlsx

_SEED = 7


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that is a formula."""

    text: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is put into a cell of ``row`` (header 1). ``why`` is empty where no fault must come of it."""

    row: int
    column: str
    value: str | float | Formula
    why: str


MISTAKES: tuple[Mistake, ...] = (
    Mistake(3, "姓名", "", "no name"),
    Mistake(4, "姓名", "　 ", "blanks for a name"),
    Mistake(6, "公民身份号码", "369999196503150013", "check digit"),
    Mistake(7, "公民身份号码", "36999919650315001", "17 characters"),
    Mistake(8, "公民身份号码", 369999196503150000.0, "a number, not text"),
    Mistake(9, "公民身份号码", "369999196502300017", "a birth date that does not exist"),
    Mistake(10, "公民身份号码", "369999209903150014", "a birth date to come"),
    Mistake(11, "公民身份号码", Formula("=1+1"), "formula"),
    Mistake(12, "公民身份号码", "369999650315001", ""),
    Mistake(14, "险种", "医疗保险", "unknown insurance"),
    Mistake(16, "违规情形", "PEN-09", "unknown category"),
    Mistake(17, "违规情形", "PEN-02", "category of another insurance"),
    Mistake(19, "待遇起算日", "2023/1/2", "not YYYY-MM-DD"),
    Mistake(20, "待遇起算日", "2023-02-30", "a date that does not exist"),
    Mistake(21, "待遇停发日", "2020-12-31", "ends before it starts"),
    Mistake(22, "待遇停发日", "2099-01-01", "ends after today"),
    Mistake(23, "待遇起算日", 44927.0, "a number, not a date"),
    Mistake(24, "待遇停发日", "", "no date"),
    Mistake(26, "违规金额(元)", "12.345", "fraction of a fen"),
    Mistake(27, "违规金额(元)", "-5.00", "negative"),
    Mistake(28, "违规金额(元)", "0", "zero"),
    Mistake(29, "违规金额(元)", "1e3", "exponent"),
    Mistake(30, "违规金额(元)", "1,000.00", "separator"),
    Mistake(31, "违规金额(元)", "１００", "full-width digits"),
    Mistake(32, "违规金额(元)", "100元", "unit"),
    Mistake(33, "违规金额(元)", 12.345, "fraction of a fen, as a number"),
    Mistake(34, "违规金额(元)", "+5", "sign"),
    Mistake(35, "违规金额(元)", "90071992547409.92", "more than 2^53 - 1 fen"),
    Mistake(36, "违规金额(元)", "", "no amount"),
    Mistake(37, "违规金额(元)", 12.3, ""),
    Mistake(39, "代发银行", "不存在的银行", "unknown bank"),
    Mistake(41, "银行账号", "0000000000000000019", "Luhn"),
    Mistake(42, "银行账号", 6222021234567890.0, "a number, not text"),
    Mistake(43, "银行账号", "000000000018", "12 digits"),
    Mistake(44, "银行账号", "000000 0000 0000 018", "blanks"),
    Mistake(46, "统筹区", "999999", "unknown region"),
    Mistake(47, "统筹区", 360100.0, ""),
    Mistake(49, "反馈期限", "尽快", "not a date"),
    Mistake(50, "反馈期限", "2020-01-02", ""),
    Mistake(52, "备注", Formula('=HYPERLINK("x")'), "formula"),
    Mistake(53, "序号", Formula("=ROW()-1"), "formula"),
    Mistake(56, "姓名", "", "no name"),
    Mistake(56, "违规金额(元)", "0.00", "zero"),
    Mistake(58, "备注", "-见附件=1+1", ""),
)
_REPEATED = {60: 59}  # row → the row that it repeats


def bad_xlsx(rows: int = 60) -> bytes:
    """The file: 60 rows."""
    samples = make_samples(rows, _SEED)
    grid: list[list[Any]] = [list(sample.cells(number)) for number, sample in enumerate(samples, start=1)]
    for number, before in _REPEATED.items():
        grid[number - 2][1:] = grid[before - 2][1:]
    for mistake in MISTAKES:
        grid[mistake.row - 2][HEADER.index(mistake.column)] = mistake.value
    out = io.BytesIO()
    book: Any = Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
    page, day = book.add_worksheet("协查清单"), book.add_format({"num_format": "yyyy-mm-dd"})
    for row, cells in enumerate([HEADER, *grid]):
        for column, cell in enumerate(cells):
            if isinstance(cell, Formula):
                page.write_formula(row, column, cell.text)
            elif isinstance(cell, date):
                page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
            elif isinstance(cell, float):
                page.write_number(row, column, cell)
            else:
                page.write_string(row, column, cell)
    book.close()
    return out.getvalue()


def expected_csv() -> bytes:
    """``row,column,why``: every fault that an import must find, in order."""
    found = [(mistake.row, mistake.column, mistake.why) for mistake in MISTAKES if mistake.why]
    found += [
        (row, "*", f"the same person, bank, account, category and period as row {before}")
        for row, before in _REPEATED.items()
    ]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("row", "column", "why"))
    writer.writerows(sorted(found, key=_row))
    return out.getvalue().encode()


def _row(line: tuple[int, str, str]) -> int:
    return line[0]


def sample_files() -> dict[str, bytes]:
    """Every sample file of the package by name, as it must stand there."""
    twenty = [sample for _, sample in cast_samples()]
    return {
        "inquiries-20.xlsx": to_xlsx(twenty),
        "inquiries-20.csv": to_csv(twenty, "gb18030"),
        "inquiries-bad.xlsx": bad_xlsx(),
        "inquiries-bad.expected.csv": expected_csv(),
    } | {f"accounts-{bank}.csv": accounts_csv(accounts_of(bank)) for bank in range(1, len(BANKS) + 1)}
