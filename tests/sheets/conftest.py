# SPDX-License-Identifier: Apache-2.0
"""Sheets as a test needs them: a few sound rows, written as .xlsx by hand so that any cell can be anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from xlsxwriter import Workbook

from node.sheets.fields import Terms
from node.sheets.samples import BANKS, HEADER, make_samples

TODAY = date(2026, 11, 24)
TERMS = Terms({name: number for number, name in enumerate(BANKS, start=11)}, TODAY, synthetic=True)


@dataclass(frozen=True)
class Formula:
    text: str
    stored: object = ""


def grid(count: int = 3, changes: Mapping[tuple[int, str], Any] | None = None) -> list[list[Any]]:
    """Header and ``count`` sound rows; ``changes``: (sheet row, column) → cell."""
    cells: list[list[Any]] = [list(HEADER)]
    cells += [list(sample.cells(number)) for number, sample in enumerate(make_samples(count), start=1)]
    for (row, column), value in (changes or {}).items():
        cells[row - 1][HEADER.index(column)] = value
    return cells


def xlsx(
    *sheets: Sequence[Sequence[Any]], hidden: Sequence[int] = (), rows_hidden: Sequence[int] = (), merged: str = ""
) -> bytes:
    """Each cell as what it is: text, number, truth value, date, Formula, None for no cell."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, cells in enumerate(sheets):
        page = book.add_worksheet()
        if merged:
            page.merge_range(merged, "")
        for row, line in enumerate(cells):
            for column, cell in enumerate(line):
                if isinstance(cell, Formula):
                    page.write_formula(row, column, cell.text, None, cell.stored)
                elif isinstance(cell, bool):
                    page.write_boolean(row, column, cell)
                elif isinstance(cell, int | float):
                    page.write_number(row, column, cell)
                elif isinstance(cell, date):
                    moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
                    page.write_datetime(row, column, moment, day)
                elif cell:
                    page.write_string(row, column, cell)
        for row in rows_hidden:
            page.set_row(row - 1, None, None, {"hidden": True})
        if number in hidden:
            page.hide()
    book.close()
    return out.getvalue()


def as_csv(cells: Sequence[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["" if cell is None else str(cell) for cell in line] for line in cells])
    return out.getvalue().encode(encoding)
