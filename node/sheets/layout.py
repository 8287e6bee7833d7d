# SPDX-License-Identifier: Apache-2.0
"""Which column of a file is which: the titles of the first row, in any order."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from node.domain.errors import Refused
from node.sheets.faults import WHOLE_ROW, Fault
from node.sheets.table import Book, SheetsAmbiguous, Table, column_letter, is_blank


class ColumnMissing(Refused):
    """The header lacks a column that every inquiry needs."""

    code = "column_missing"


class HeaderMissing(Refused):
    """The first row names none of the columns."""

    code = "header_missing"


class ColumnTwice(Refused):
    """Two columns of one name."""

    code = "column_twice"


class ColumnUnknown(Refused):
    """A column that an import does not read."""

    code = "column_unknown"


@dataclass(frozen=True, slots=True)
class Layout:
    """``columns``: field key → column from 0; ``titles``: what each column is called in a fault."""

    columns: dict[str, int]
    titles: tuple[str, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    def title(self, column: int) -> str:
        """The header as it stands, or the spreadsheet's letter where there is none to trust."""
        return self.titles[column] if column < len(self.titles) else column_letter(column)


def choose(book: Book, known: Mapping[str, str]) -> Table:
    """The one worksheet that is meant: the only one, or the only one whose first row names a known column.

    Errors: SheetsAmbiguous.
    """
    if len(book.tables) == 1:
        return book.tables[0]
    meant = [table for table in book.tables if any(_key(cell, known) for cell in table.header)]
    if len(meant) != 1:
        raise SheetsAmbiguous(sheets=len(book.tables))
    return meant[0]


def lay_out(table: Table, known: Mapping[str, str], required: Collection[str]) -> Layout:
    """Find the columns. ``known``: title → key. What is missing or double is a fault of row 1."""
    columns: dict[str, int] = {}
    twice: list[int] = []
    unknown: list[int] = []
    for column, cell in enumerate(table.header):
        if (key := _key(cell, known)) is None:
            unknown.append(column)
        elif key in columns:
            twice.append(column)
        else:
            columns[key] = column
    missing = [title for title, key in known.items() if key in required and key not in columns]
    titles = tuple(
        cell
        # a first row without our columns may be data: then no title but ours is repeated, which could name a person
        if isinstance(cell, str) and cell.strip() and (not missing or _key(cell, known))
        else column_letter(column)
        for column, cell in enumerate(table.header)
    )
    if not columns:
        return Layout(columns, titles, (Fault.of(1, WHOLE_ROW, "", HeaderMissing(column=missing[0])),), ())
    faults = [Fault.of(1, title, "", ColumnMissing(column=title)) for title in missing]
    faults += [Fault.of(1, titles[column], "", ColumnTwice(column=titles[column])) for column in twice]
    warnings = [
        Fault.of(1, titles[column], "", ColumnUnknown(column=titles[column]))
        for column in unknown
        if not is_blank(table.header[column]) or any(not is_blank(row.cell(column)) for row in table.rows)
    ]
    return Layout(columns, titles, tuple(faults), tuple(warnings))


def _key(cell: object, known: Mapping[str, str]) -> str | None:
    return known.get("".join(unicodedata.normalize("NFKC", cell).split())) if isinstance(cell, str) else None
