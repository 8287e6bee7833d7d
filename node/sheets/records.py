# SPDX-License-Identifier: Apache-2.0
"""Any sheet of named columns as text records: what a bank's clerk sends back, a core bank's list of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.sheets.faults import Fault, plain
from node.sheets.inquiries import CellFormula, CellMerged
from node.sheets.layout import choose, lay_out
from node.sheets.table import Limits, is_blank
from node.sheets.workbook import read_book
from node.sheets.writer import unquoted


@dataclass(frozen=True, slots=True)
class Record:
    """A row's text by column title; an absent column is empty text. ``repr`` would show persons: it shows the row."""

    row: int
    values: dict[str, str]

    def __repr__(self) -> str:
        return f"Record(row={self.row})"


@dataclass(frozen=True, slots=True)
class Records:
    """What a file holds, and what is wrong with it. A row with a fault is no record."""

    records: tuple[Record, ...]
    faults: tuple[Fault, ...]


def read_records(
    data: bytes, required: Sequence[str], optional: Sequence[str] = (), *, limits: Limits | None = None
) -> Records:
    """Records of a .xlsx or CSV file; other columns are passed over. Numbers and dates become text.

    Faults: missing and double columns (no records then), formulas and merged cells. Errors: those of ``read_book``.
    """
    known = {title: title for title in (*required, *optional)}
    table = choose(read_book(data, limits), known)
    layout = lay_out(table, known, required)
    faults = list(layout.faults)
    records: list[Record] = []
    for row in table.rows if not faults else ():
        found: list[Fault] = []
        values = dict.fromkeys(known, "")
        for title, column in layout.columns.items():
            if column in table.formulas.get(row.number, ()):
                found.append(Fault.of(row.number, layout.title(column), "=…", CellFormula()))
            elif column in table.covered.get(row.number, ()):
                found.append(Fault.of(row.number, layout.title(column), "", CellMerged()))
            else:
                cell = row.cell(column)
                values[title] = "" if is_blank(cell) else unquoted(plain(cell)).strip()
        faults += found
        if not found:
            records.append(Record(row.number, values))
    return Records(tuple(records), tuple(faults))
