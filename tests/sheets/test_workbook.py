# SPDX-License-Identifier: Apache-2.0
"""Hostile and broken files are refused by name, before they cost memory."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from node.sheets.table import Limits, NotASheet, SheetDamaged, SheetEmpty, SheetEncoding, SheetTooLarge, column_letter
from node.sheets.workbook import read_book

from .conftest import Formula, xlsx

PLAIN = xlsx([["a", "b"], ["1", "2"]])
SHEET = "xl/worksheets/sheet1.xml"


def rewritten(change: Callable[[str, bytes], bytes], data: bytes = PLAIN) -> bytes:
    """The archive with its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def sheet_with(old: bytes, new: bytes, data: bytes = PLAIN) -> bytes:
    return rewritten(lambda name, content: content.replace(old, new) if name == SHEET else content, data)


def test_a_sheet_reads_as_cells() -> None:
    [table] = read_book(PLAIN).tables
    assert (table.header, [(row.number, row.cells) for row in table.rows]) == (("a", "b"), [(2, ("1", "2"))])


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", SheetEmpty),
        (b"\r\n\r\n", SheetEmpty),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), NotASheet),
        (b"PK\x03\x04", SheetDamaged),
        (PLAIN[:200], SheetDamaged),
        (xlsx([]), SheetEmpty),
        (xlsx([["a"]], hidden=[]), None),
        ("a,b".encode("utf-16"), SheetEncoding),
        (b"a,\x00b", SheetEncoding),
        (b"a,\xff\xff\xff", SheetEncoding),
        (b'a,"b', SheetDamaged),
        (b'a,"b"c', SheetDamaged),
    ],
)
def test_what_is_no_sheet_is_said_to_be_none(data: bytes, error: type[Exception] | None) -> None:
    if error is None:
        read_book(data)
        return
    with pytest.raises(error):
        read_book(data)


def test_an_archive_of_something_else_is_no_sheet() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(NotASheet):
        read_book(out.getvalue())


def test_bounds_on_bytes_rows_and_columns() -> None:
    with pytest.raises(SheetTooLarge, match="file_bytes"):
        read_book(PLAIN, Limits(file_bytes=100))
    for data in (xlsx([["a"]] * 5), b"a\r\n" * 5):
        assert read_book(data, Limits(rows=4))
        with pytest.raises(SheetTooLarge, match="rows"):
            read_book(data, Limits(rows=3))
    for data in (xlsx([["a"] * 5]), b"a,a,a,a,a"):
        assert read_book(data, Limits(columns=5))
        with pytest.raises(SheetTooLarge, match="columns"):
            read_book(data, Limits(columns=4))


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = rewritten(lambda name, content: content + b" " * 40_000_000 if name == SHEET else content)
    assert len(bomb) < 100_000
    with pytest.raises(SheetTooLarge, match="unpacked_bytes"):
        read_book(bomb, Limits(unpacked_bytes=20_000_000))


@pytest.mark.parametrize("reference", [b"XFD1048576", b"A1048576", b"XFD1", b"A99999999999", b"ZZZZZZ1"])
def test_a_cell_far_out_is_refused_before_anything_is_allocated_for_it(reference: bytes) -> None:
    with pytest.raises((SheetTooLarge, SheetDamaged)):
        read_book(sheet_with(b'r="B2"', b'r="' + reference + b'"'))
    with pytest.raises((SheetTooLarge, SheetDamaged)):
        read_book(sheet_with(b'r="B2"', b"r = '" + reference + b"'"))


def test_one_long_string_behind_many_cells_is_refused() -> None:
    data = xlsx([["x" * 30_000] * 50 for _ in range(200)])
    assert len(data) < 100_000
    with pytest.raises(SheetTooLarge, match="unpacked_bytes"):
        read_book(data, Limits(unpacked_bytes=100_000_000))
    few = xlsx([["x" * 30_000, "y"], *[["y"] * 50 for _ in range(200)]])
    assert read_book(few, Limits(unpacked_bytes=100_000_000))


def test_many_overlapping_merged_areas_are_refused() -> None:
    area = b'<mergeCell ref="A1:B2"/>'
    data = sheet_with(b"</sheetData>", b"</sheetData><mergeCells>" + area * 100 + b"</mergeCells>")
    with pytest.raises(SheetTooLarge, match="merged"):
        read_book(data, Limits(rows=10))


def test_entities_are_refused() -> None:
    head = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    with pytest.raises(SheetDamaged):
        read_book(sheet_with(b"<worksheet", head))


def test_an_encoding_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SheetDamaged):
        read_book(rewritten(lambda _, content: content.replace(b'encoding="UTF-8"', b'encoding="UTF-99"')))


def test_a_part_in_another_encoding_is_refused() -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.decode().replace("UTF-8", "UTF-16").encode("utf-16") if name == SHEET else content

    with pytest.raises(SheetDamaged):
        read_book(rewritten(change))


def test_two_parts_of_one_name_are_refused() -> None:
    out = io.BytesIO(PLAIN)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(SHEET.upper().replace("XL/", "xl/"), b"<worksheet/>")
    with pytest.raises(SheetDamaged):
        read_book(out.getvalue())


def test_a_size_that_the_archive_lies_about_is_not_believed() -> None:
    big = rewritten(lambda name, content: content + b" " * 3_000_000 if name == SHEET else content)
    with zipfile.ZipFile(io.BytesIO(big)) as archive:
        size = archive.getinfo(SHEET).file_size.to_bytes(4, "little")
    lie = big.replace(size, (10).to_bytes(4, "little"))
    assert lie != big
    with pytest.raises(SheetDamaged):
        read_book(lie)


@pytest.mark.parametrize(
    "markup",
    [
        b'<c r="B2"><f>1+1</f><v>2</v></c>',
        b'<c r="B2"><f t="shared" si="0"/><v>2</v></c>',
        b"<c r='B2'><f>1+1</f><v>2</v></c>",
        b'<c r="B2"><f\n>1+1</f><v>2</v></c>',
        b'<c r="B2"><x:f xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">1</x:f></c>',
    ],
)
def test_every_writing_of_a_formula_is_found(markup: bytes) -> None:
    data = rewritten(lambda name, content: re.sub(rb'<c r="B2".*?</c>', markup, content) if name == SHEET else content)
    [table] = read_book(data).tables
    assert table.formulas == {2: {1}}


def test_text_that_looks_like_markup_is_no_formula() -> None:
    [table] = read_book(xlsx([["a"], ["<f>1</f>"], ["=1+1"]])).tables
    assert not table.formulas


def test_formulas_without_cell_references_are_counted_through() -> None:
    def change(name: str, content: bytes) -> bytes:
        return re.sub(rb' r="[A-Z]*\d+"', b"", content) if name == SHEET else content

    [table] = read_book(rewritten(change, xlsx([["a", "b"], ["1", Formula("=1", 1)]]))).tables
    assert table.formulas == {2: {1}}


@pytest.mark.parametrize(
    ("column", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_lettered_as_a_spreadsheet_does(column: int, letter: str) -> None:
    assert column_letter(column) == letter
