# SPDX-License-Identifier: Apache-2.0
"""Inquiries from a file: every fault of it at once, each at its cell, one mistake one fault.

A rule that rests on a faulty cell is not applied. The rules stand in ``fields`` (one cell, one row) and here (rows
among each other, rows against earlier imports).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.domain.errors import Refused
from node.sheets.faults import WHOLE_ROW, Fault
from node.sheets.fields import FIELDS, REQUIRED, TITLES, Field, Terms, check_category, check_period
from node.sheets.layout import Layout, choose, lay_out
from node.sheets.rows import Earlier, Import, InquiryRow, Seen, identity
from node.sheets.table import Limits, Row, Table
from node.sheets.workbook import read_book

_ASKED_AT_ONCE = 1_000
_IDENTITY = ("id_number", "bank_org", "account", "category", "starts_on", "ends_on")


class CellFormula(Refused):
    """A formula where a value belongs; its result would depend on who opens the file."""

    code = "cell_formula"


class CellMerged(Refused):
    """The cell lies under a merged area; which row its value is for cannot be told."""

    code = "cell_merged"


class RowTooLong(Refused):
    """A CSV row with more cells than the header: its columns have shifted."""

    code = "row_too_long"


class RowRepeated(Refused):
    """The same person, bank, account, category and period as an earlier row of the file."""

    code = "row_repeated"


class RowImportedOtherwise(Refused):
    """The same inquiry was imported before with other content."""

    code = "row_imported_otherwise"


class RowHidden(Refused):
    """The spreadsheet does not show this row; it was read all the same."""

    code = "row_hidden"


class SheetHidden(Refused):
    """Hidden worksheets were not read."""

    code = "sheet_hidden"


@dataclass(slots=True)
class _Judged:
    """One row on its way: values of the cells that are right, and what is wrong."""

    row: Row
    values: dict[str, Any]
    faults: list[Fault]
    warnings: list[Fault]


def read_inquiries(
    data: bytes, terms: Terms, *, earlier: Earlier | None = None, limits: Limits | None = None
) -> Import:
    """Read and judge a .xlsx or CSV file. Faults come back as data; an unreadable file is an error of ``read_book``.

    Errors: NotASheet, SheetDamaged, SheetEncoding, SheetTooLarge, SheetEmpty, SheetsAmbiguous.
    """
    book = read_book(data, limits)
    table = choose(book, TITLES)
    layout = lay_out(table, TITLES, REQUIRED)
    faults = [*layout.faults, *(fault for _, fault in _formulas(table, layout, 1))]
    warnings = list(layout.warnings)
    if book.hidden_sheets:
        warnings.append(Fault.of(1, WHOLE_ROW, "", SheetHidden(sheets=book.hidden_sheets)))
    warnings += [Fault.of(number, WHOLE_ROW, "", RowHidden()) for number in table.hidden_rows]
    if not layout.columns:
        return Import((), len(table.rows), 0, 0, tuple(faults), tuple(warnings))
    header_holds = not faults
    first: dict[bytes, int] = {}
    sound: list[InquiryRow] = []
    for judged in (_judge(table, layout, row, terms) for row in table.rows):
        _check_repeated(judged, first)
        faults += judged.faults
        warnings += judged.warnings
        if not judged.faults and header_holds:
            sound.append(InquiryRow(row=judged.row.number, **judged.values))
    fresh, changed = _compare(sound, earlier)
    faults += [Fault.of(row.row, WHOLE_ROW, "", RowImportedOtherwise()) for row in changed]
    faults.sort(key=lambda fault: fault.row)  # stable: within a row the file's order of columns, the whole row last
    warnings.sort(key=lambda warning: warning.row)
    accepted = len(sound) - len(changed)
    return Import(
        rows=tuple(fresh),
        count=len(table.rows),
        accepted=accepted,
        skipped=accepted - len(fresh),
        faults=tuple(faults),
        warnings=tuple(warnings),
    )


def _judge(table: Table, layout: Layout, row: Row, terms: Terms) -> _Judged:
    judged = _Judged(row, {}, [], [])
    if table.ragged and len(row.cells) > len(table.header):
        error = RowTooLong(cells=len(row.cells), columns=len(table.header))
        judged.faults.append(Fault.of(row.number, WHOLE_ROW, "", error))
        return judged
    formulas = table.formulas.get(row.number, frozenset())
    found = _formulas(table, layout, row.number)
    for field in FIELDS:
        column = layout.columns.get(field.key)
        if column is None:
            if not field.required:
                judged.values[field.key] = field.absent
        elif column not in formulas and (fault := _read(table, layout, judged, field, terms)):
            found.append((column, fault))
    for key, check in (("category", check_category), ("ends_on", check_period)):
        if key not in layout.columns:
            continue
        column = layout.columns[key]
        field = next(field for field in FIELDS if field.key == key)
        try:
            check(judged.values)
        except Refused as error:
            value = field.shown(row.cell(column))
            found.append((column, Fault.of(row.number, layout.title(column), value, error)))
    judged.faults += [fault for _, fault in sorted(found, key=lambda item: item[0])]
    return judged


def _read(table: Table, layout: Layout, judged: _Judged, field: Field, terms: Terms) -> Fault | None:
    """Put the value of one cell into ``judged``, or give its fault."""
    row, column = judged.row, layout.columns[field.key]
    cell = row.cell(column)
    try:
        if column in table.covered.get(row.number, ()):
            raise CellMerged
        judged.values[field.key] = value = field.read(cell, terms)
    except Refused as error:
        return Fault.of(row.number, layout.title(column), field.shown(cell), error)
    if warning := field.warn(value, terms):
        judged.warnings.append(Fault.of(row.number, layout.title(column), field.shown(cell), warning))
    return None


def _formulas(table: Table, layout: Layout, number: int) -> list[tuple[int, Fault]]:
    columns = sorted(table.formulas.get(number, ()))
    return [(column, Fault.of(number, layout.title(column), "=…", CellFormula())) for column in columns]


def _check_repeated(judged: _Judged, first: dict[bytes, int]) -> None:
    """Applied where the six cells that make an inquiry are right, whatever is wrong with the others."""
    if not all(key in judged.values for key in _IDENTITY):
        return
    number = judged.row.number
    before = first.setdefault(identity(**{key: judged.values[key] for key in _IDENTITY}), number)
    if before != number:
        judged.faults.append(Fault.of(number, WHOLE_ROW, "", RowRepeated(row=before)))


def _compare(rows: list[InquiryRow], earlier: Earlier | None) -> tuple[list[InquiryRow], list[InquiryRow]]:
    """(never imported, imported with other content); the rest was imported with the same content."""
    if earlier is None:
        return rows, []
    fresh: list[InquiryRow] = []
    changed: list[InquiryRow] = []
    for start in range(0, len(rows), _ASKED_AT_ONCE):
        part = rows[start : start + _ASKED_AT_ONCE]
        for row, seen in zip(part, earlier(part), strict=True):
            if seen is Seen.NEW:
                fresh.append(row)
            elif seen is Seen.OTHER:
                changed.append(row)
    return fresh, changed
