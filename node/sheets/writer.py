# SPDX-License-Identifier: Apache-2.0
"""Files out: .xlsx and CSV whose cells are text and never formulas, whatever the text begins with."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from xlsxwriter import Workbook  # pyright: ignore[reportMissingTypeStubs]

_CELL_LENGTH = 32_767  # Excel's own bound
_RUNS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula when it opens a CSV
_RISK = frozenset("=+-@")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # a file says nothing of when it was made, and equal content is equal bytes


@dataclass(frozen=True, slots=True)
class SheetOut:
    """A worksheet to write: text cells, and date cells for a ``date``. ``marked``: (row, column) from 0, header 0."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | date]]
    marked: Collection[tuple[int, int]] = ()


def write_xlsx(*sheets: SheetOut) -> bytes:
    """The worksheets as a .xlsx; the same content gives the same bytes."""
    out = io.BytesIO()
    book: Any = Workbook(out, {"in_memory": True})
    book.set_properties({"created": _EPOCH})
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.close()
    return out.getvalue()


def write_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """CSV in UTF-8 with its mark, so that Excel opens it right; text that would run as a formula is ``quoted``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([quoted(cell) for cell in header])
    writer.writerows([[quoted(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def quoted(text: str) -> str:
    """Text that a spreadsheet shows and does not run; ``unquoted`` gives it back."""
    return f"'{text}" if text.startswith((*_RUNS, "'")) else text


def unquoted(text: str) -> str:
    """What ``quoted`` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith((*_RUNS, "'")) else text


def _write_sheet(book: Any, sheet: SheetOut) -> None:
    page = book.add_worksheet(sheet.title)
    faces = {(day, bad): _face(book, day=day, bad=bad) for day in (False, True) for bad in (False, True)}
    risky = {bad: _face(book, day=False, bad=bad, quote=True) for bad in (False, True)}
    page.set_column(0, max(len(sheet.header) - 1, 0), 16)
    page.freeze_panes(1, 0)
    for number, cells in enumerate((sheet.header, *sheet.rows)):
        for column, cell in enumerate(cells):
            bad = (number, column) in sheet.marked
            if isinstance(cell, str):
                face = risky[bad] if cell[:1] in _RISK else faces[False, bad]
                if cell or bad:
                    _write_text(page, number, column, cell, face)
            else:
                page.write_datetime(number, column, datetime(cell.year, cell.month, cell.day), faces[True, bad])  # noqa: DTZ001


def _write_text(page: Any, row: int, column: int, text: str, face: Any) -> None:
    if text:
        page.write_string(row, column, text[:_CELL_LENGTH], face)  # write() would make formulas and links of some
    else:
        page.write_blank(row, column, None, face)


def _face(book: Any, *, day: bool, bad: bool, quote: bool = False) -> Any:
    face = book.add_format({"num_format": "yyyy-mm-dd" if day else "@"})
    if bad:
        face.set_bg_color("#F8CBAD")
    if quote:
        face.set_quote_prefix()  # stays text when a person edits the cell
    return face
