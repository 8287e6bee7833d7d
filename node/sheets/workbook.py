# SPDX-License-Identifier: Apache-2.0
"""Files in: .xlsx by calamine behind our own guards, anything else as CSV."""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from node.sheets.delimited import read_csv
from node.sheets.package import (
    check_extent,
    check_strings,
    formula_cells,
    hidden_rows,
    repack,
    sheet_parts,
    unpack,
)
from node.sheets.table import (
    Book,
    Cell,
    Limits,
    NotASheet,
    Row,
    SheetDamaged,
    SheetEmpty,
    SheetTooLarge,
    Table,
    by_row,
    is_blank,
)

Area = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, (row, column) from 0
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx under a password


def read_book(data: bytes, limits: Limits | None = None) -> Book:
    """The visible worksheets of a file, told by its content and not by its name.

    Errors: NotASheet, SheetDamaged, SheetEncoding, SheetTooLarge, SheetEmpty; never another one, whatever the bytes.
    """
    limits = limits or Limits()
    if len(data) > limits.file_bytes:
        raise SheetTooLarge(what="file_bytes", limit=limits.file_bytes)
    if data.startswith(_OLD_OFFICE):
        raise NotASheet
    return _read_xlsx(data, limits) if data.startswith(_ZIP) else read_csv(data, limits)


def _read_xlsx(data: bytes, limits: Limits) -> Book:
    parts = unpack(data, limits)
    names = sheet_parts(parts)
    strings = parts.get("xl/sharedStrings.xml", b"")
    for part in set(names.values()):
        check_extent(parts[part], limits)
        check_strings(parts[part], strings, limits)
    tables: list[Table] = []
    hidden = 0
    with _open(repack(parts)) as workbook:
        for meta in workbook.sheets_metadata:
            if meta.typ is not SheetTypeEnum.WorkSheet or meta.name not in names:
                continue
            if meta.visible is not SheetVisibleEnum.Visible:
                hidden += 1
                continue
            table = _table(workbook, meta.name, parts[names[meta.name]], limits)
            if table:
                tables.append(table)
    if not tables:
        raise SheetEmpty
    return Book(tuple(tables), hidden)


@contextmanager
def _damage(where: str) -> Generator[None]:
    """What calamine cannot read is a damaged file, also where its Rust code panics (which is no Exception)."""
    try:
        yield
    except CalamineError:
        raise SheetDamaged(where=where) from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise SheetDamaged(where=where) from None
        raise


def _open(packed: io.BytesIO) -> CalamineWorkbook:
    with _damage("workbook"):
        return CalamineWorkbook.from_filelike(packed)


def _table(workbook: CalamineWorkbook, name: str, part: bytes, limits: Limits) -> Table | None:
    with _damage("worksheet"):
        sheet = workbook.get_sheet_by_name(name)
        cells: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
    formulas = formula_cells(part)
    if not cells and not formulas:
        return None
    rows = {number: Row(number, tuple(line)) for number, line in enumerate(cells, start=1)}
    shown = set(rows) - {1}
    written = {number for number in shown if not all(map(is_blank, rows[number].cells))}
    # a formula without a stored result reads as an empty cell; its row is there all the same
    written |= {number for number, _ in formulas if number > 1}
    last = max(rows, default=1)
    return Table(
        header=rows[1].cells if 1 in rows else (),
        rows=tuple(rows.get(number, Row(number, ())) for number in sorted(written)),
        formulas=by_row(formulas),
        covered=by_row(_covered(sheet.merged_cell_ranges or [], last, limits)),
        hidden_rows=tuple(number for number in hidden_rows(part) if number in written),
    )


def _covered(areas: list[Area], last_row: int, limits: Limits) -> set[tuple[int, int]]:
    """The cells that merged areas hide under their first one, within the rows that hold something."""
    covered: set[tuple[int, int]] = set()
    left = (limits.rows + 1) * 16
    for (top, first), (bottom, last) in areas:
        bottom, last = min(bottom, last_row - 1), min(last, limits.columns - 1)
        left -= max(bottom - top + 1, 1) * max(last - first + 1, 1)
        if left < 0:
            raise SheetTooLarge(what="merged", limit=(limits.rows + 1) * 16)
        cells = ((row, column) for row in range(top, bottom + 1) for column in range(first, last + 1))
        covered.update((row + 1, column) for row, column in cells if (row, column) != (top, first))
    return covered
