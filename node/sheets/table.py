# SPDX-License-Identifier: Apache-2.0
"""A sheet as plain cells, whatever file it came from: what the rules of an import look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from node.domain.errors import Refused

Cell = str | float | bool | date | datetime | time | timedelta
"""An empty cell is ``""``; a CSV holds text only; a number is the double that Excel keeps."""


class SheetTooLarge(Refused):
    """The file passes a bound (bytes, rows or columns); ``what`` names it."""

    code = "sheet_too_large"


class NotASheet(Refused):
    """Neither .xlsx nor CSV: an old .xls, a file with a password, something else."""

    code = "not_a_sheet"


class SheetDamaged(Refused):
    """The file says that it is a sheet and cannot be read as one."""

    code = "sheet_damaged"


class SheetEncoding(Refused):
    """A CSV that is neither UTF-8 nor GB18030."""

    code = "sheet_encoding"


class SheetEmpty(Refused):
    """No visible worksheet holds anything."""

    code = "sheet_empty"


class SheetsAmbiguous(Refused):
    """More than one visible worksheet could be meant; nothing is left out silently."""

    code = "sheets_ambiguous"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a file may hold; beyond them it is refused before it is read further."""

    file_bytes: int = 32 * 2**20
    unpacked_bytes: int = 256 * 2**20
    rows: int = 100_000  # below the header
    columns: int = 64


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank; ``number`` as the spreadsheet shows it, the header being 1."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """The cell of a column counted from 0; empty where the row ends before it."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """One worksheet, or one CSV file."""

    header: tuple[Cell, ...]
    rows: tuple[Row, ...]
    formulas: Mapping[int, frozenset[int]] = field(
        default_factory=dict[int, frozenset[int]]
    )  # columns by row, header too
    covered: Mapping[int, frozenset[int]] = field(
        default_factory=dict[int, frozenset[int]]
    )  # under a merged area's first
    hidden_rows: tuple[int, ...] = ()
    ragged: bool = False  # CSV: a row longer than its header has lost its columns


@dataclass(frozen=True, slots=True)
class Book:
    """The visible worksheets that hold something, and how many were passed over because they are hidden."""

    tables: tuple[Table, ...]
    hidden_sheets: int = 0


def by_row(cells: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """(row, column) pairs as columns by row."""
    found: dict[int, set[int]] = {}
    for row, column in cells:
        found.setdefault(row, set()).add(column)
    return {row: frozenset(columns) for row, columns in found.items()}


def column_letter(column: int) -> str:
    """The spreadsheet's name of a column counted from 0: A, B, …, Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def is_blank(cell: Cell) -> bool:
    """Nothing, or white space only (the ideographic space too)."""
    return isinstance(cell, str) and not cell.strip()
