# SPDX-License-Identifier: Apache-2.0
"""CSV in: UTF-8 with or without its mark, or GB18030 (what Chinese Excel writes); comma, quotes after RFC 4180."""

from __future__ import annotations

import csv
import io
import sys

from node.domain.names import from_gb18030
from node.sheets.table import Book, Limits, Row, SheetDamaged, SheetEmpty, SheetEncoding, SheetTooLarge, Table, by_row


def read_csv(data: bytes, limits: Limits) -> Book:
    """The file as one table of text cells. A cell that begins with ``=`` counts as a formula: Excel would run it.

    Errors: SheetEncoding, SheetDamaged, SheetTooLarge, SheetEmpty.
    """
    rows: list[Row] = []
    header: tuple[str, ...] = ()
    formulas: set[tuple[int, int]] = set()
    for number, cells in _records(_decode(data), limits):
        if number == 1:
            header = cells
        elif any(cell.strip() for cell in cells):
            rows.append(Row(number, cells))
        formulas.update((number, column) for column, cell in enumerate(cells) if cell.startswith("="))
    if not rows and not any(header):
        raise SheetEmpty
    return Book((Table(header, tuple(rows), by_row(formulas), ragged=True),))


def _records(text: str, limits: Limits) -> list[tuple[int, tuple[str, ...]]]:
    records: list[tuple[int, tuple[str, ...]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if number > limits.rows + 1:
                raise SheetTooLarge(what="rows", limit=limits.rows)
            if len(cells) > limits.columns:
                raise SheetTooLarge(what="columns", limit=limits.columns)
            records.append((number, tuple(map(sys.intern, cells))))
    except csv.Error:
        raise SheetDamaged(where=f"line {reader.line_num}") from None
    return records


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data:
        raise SheetEncoding
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return from_gb18030(text) if encoding == "gb18030" else text
    raise SheetEncoding
