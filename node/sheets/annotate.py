# SPDX-License-Identifier: Apache-2.0
"""The imported file back, with what is wrong written beside each row (批注表)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from node.domain.errors import Refused
from node.domain.messages import Lang, say
from node.sheets.faults import WHOLE_ROW, Fault, plain
from node.sheets.fields import REQUIRED, TITLES
from node.sheets.layout import choose, lay_out
from node.sheets.table import Cell, Limits
from node.sheets.workbook import read_book
from node.sheets.writer import SheetOut, write_xlsx


class FaultsElsewhere(Refused):
    """The faults do not belong to this file."""

    code = "faults_elsewhere"


def annotate(data: bytes, faults: Sequence[Fault], lang: Lang, *, limits: Limits | None = None) -> bytes:
    """A .xlsx with the rows of an inquiries file where they stood, faulty cells marked, and a last column of sentences.

    Formulas come back as empty cells. Errors: those of ``read_book``; FaultsElsewhere.
    """
    table = choose(read_book(data, limits), TITLES)
    titles = list(lay_out(table, TITLES, REQUIRED).titles)
    rows = {1: table.header} | {row.number: row.cells for row in table.rows}
    width = max(len(cells) for cells in rows.values())
    grid: list[list[str | date]] = [[""] * (width + 1) for _ in range(max(rows))]
    for number, cells in rows.items():
        grid[number - 1][: len(cells)] = [_kept(cell) for cell in cells]
    grid[0][width] = say("annotation_title", lang)
    marked: set[tuple[int, int]] = set()
    for fault in faults:
        if fault.row not in rows:
            raise FaultsElsewhere(row=fault.row)
        grid[fault.row - 1][width] = "；".join(filter(None, (str(grid[fault.row - 1][width]), _sentence(fault, lang))))
        columns = [titles.index(fault.column)] if fault.column in titles else range(width)
        marked.update((fault.row - 1, column) for column in columns)
    header = [plain(cell) for cell in grid[0]]
    return write_xlsx(SheetOut(say("annotation_sheet", lang), header, grid[1:], marked))


def _sentence(fault: Fault, lang: Lang) -> str:
    message = str(fault.as_json(lang)["message"])
    return message if fault.column == WHOLE_ROW else f"{fault.column}: {message}"


def _kept(cell: Cell) -> str | date:
    return cell if isinstance(cell, date) and not isinstance(cell, datetime) else plain(cell)
