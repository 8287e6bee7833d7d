# SPDX-License-Identifier: Apache-2.0
"""Inquiries from a file: every fault of it at once, each at its cell, one mistake one fault.

A rule that rests on a faulty cell is not applied. The rules stand in ``fields`` (one cell, one row) and here (rows
among each other, rows against earlier imports).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is the same for every row of a table."""

    table: Table
    layout: Layout
    terms: Terms
    read: tuple[tuple[Field, int], ...]  # the columns that are there
    absent: Mapping[str, Any]  # values of the optional ones that are not
    checks: tuple[tuple[Callable[[Mapping[str, Any]], None], Field, int], ...]  # each at the column that it blames

    @classmethod
    def of(cls, table: Table, layout: Layout, terms: Terms) -> _Plan:
        there = tuple((field, layout.columns[field.key]) for field in FIELDS if field.key in layout.columns)
        blamed = {"category": check_category, "ends_on": check_period}
        return cls(
            table,
            layout,
            terms,
            read=there,
            absent={f.key: f.absent for f in FIELDS if not f.required and f.key not in layout.columns},
            checks=tuple((blamed[field.key], field, column) for field, column in there if field.key in blamed),
        )


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
    plan = _Plan.of(table, layout, terms)
    for judged in (_judge(plan, row) for row in table.rows):
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


def _judge(plan: _Plan, row: Row) -> _Judged:
    table, title = plan.table, plan.layout.title
    judged = _Judged(row, dict(plan.absent), [], [])
    if table.ragged and len(row.cells) > len(table.header):
        error = RowTooLong(cells=len(row.cells), columns=len(table.header))
        judged.faults.append(Fault.of(row.number, WHOLE_ROW, "", error))
        return judged
    found = _formulas(table, plan.layout, row.number)
    formulas, covered = table.formulas.get(row.number, ()), table.covered.get(row.number, ())
    for field, column in plan.read:
        if column in formulas:
            continue
        cell = row.cell(column)
        try:
            if column in covered:
                raise CellMerged
            judged.values[field.key] = value = field.read(cell, plan.terms)
        except Refused as error:
            found.append((column, Fault.of(row.number, title(column), field.shown(cell), error)))
            continue
        if field.warn and (warning := field.warn(value, plan.terms)):
            judged.warnings.append(Fault.of(row.number, title(column), field.shown(cell), warning))
    for check, field, column in plan.checks:
        try:
            check(judged.values)
        except Refused as error:
            found.append((column, Fault.of(row.number, title(column), field.shown(row.cell(column)), error)))
    judged.faults += [fault for _, fault in sorted(found, key=lambda item: item[0])]
    return judged


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
