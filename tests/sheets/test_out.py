# SPDX-License-Identifier: Apache-2.0
"""What is written reads back, and nothing of it runs."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.sheets.annotate import FaultsElsewhere, annotate
from node.sheets.faults import Fault
from node.sheets.inquiries import RowHidden, read_inquiries
from node.sheets.records import read_records
from node.sheets.samples import HEADER
from node.sheets.workbook import read_book
from node.sheets.writer import SheetOut, quoted, unquoted, write_csv, write_xlsx

from .conftest import TERMS, Formula, as_csv, grid, xlsx

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=T("x")', "http://x", "'=1", "0012", "1E5", "{=1}"]


def parts(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if "worksheet" in name)


def test_dangerous_text_is_written_as_text() -> None:
    data = write_xlsx(SheetOut("x", ["h"], [[text] for text in DANGEROUS]))
    assert not re.search(r"<f[ >/]|hyperlink", parts(data))
    [table] = read_book(data).tables
    assert [row.cells[0] for row in table.rows] == DANGEROUS


def test_a_csv_runs_nothing_and_reads_back() -> None:
    data = write_csv(["h"], [[text] for text in DANGEROUS])
    lines = data.decode("utf-8-sig").splitlines()[1:]
    assert not [line for line in lines if line.strip('"').startswith(("=", "+", "-", "@", "\t"))]
    assert [record.values["h"] for record in read_records(data, ["h"]).records] == [text.strip() for text in DANGEROUS]


@given(text=st.text(max_size=20))
def test_quoting_is_undone(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert not quoted(text).startswith(("=", "+", "-", "@", "\t", "\r"))


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1, max_size=4))
def test_records_written_are_the_records_read(rows: list[list[str]]) -> None:
    for data in (write_xlsx(SheetOut("x", ["案件", "答复"], rows)), write_csv(["案件", "答复"], rows)):
        found = read_records(data, ["案件", "答复"])
        assert [list(record.values.values()) for record in found.records] == rows
        assert not found.faults


def test_equal_content_is_equal_bytes() -> None:
    sheet = SheetOut("x", ["h"], [["1", date(2026, 1, 2)]])
    assert write_xlsx(sheet) == write_xlsx(sheet)


def test_dates_are_date_cells() -> None:
    [table] = read_book(write_xlsx(SheetOut("x", ["h"], [[date(2026, 1, 2)]]))).tables
    assert table.rows[0].cells == (date(2026, 1, 2),)


class TestRecords:
    def test_numbers_and_dates_become_text_and_other_columns_are_passed_over(self) -> None:
        data = xlsx([["a", "x", "b"], [12.5, "?", date(2026, 1, 2)], [3.0, "?", None]])
        found = read_records(data, ["b", "a"], ["c"])
        assert [(r.row, r.values) for r in found.records] == [
            (2, {"b": "2026-01-02", "a": "12.5", "c": ""}),
            (3, {"b": "", "a": "3", "c": ""}),
        ]

    def test_a_missing_column_leaves_no_records(self) -> None:
        found = read_records(as_csv([["a"], ["1"]]), ["a", "b"])
        assert [(f.row, f.column, f.rule) for f in found.faults] == [(1, "b", "column_missing")]
        assert found.records == ()

    def test_a_formula_is_a_fault_of_its_row_alone(self) -> None:
        found = read_records(xlsx([["a"], [Formula("=1", 1)], ["2"]]), ["a"])
        assert [(f.row, f.column, f.rule) for f in found.faults] == [(2, "a", "cell_formula")]
        assert [record.row for record in found.records] == [3]

    def test_a_record_does_not_show_what_it_holds(self) -> None:
        [record] = read_records(as_csv([["姓名"], ["测试甲一"]]), ["姓名"]).records
        assert "测试" not in repr(record)


class TestAnnotate:
    DATA = xlsx(grid(4, {(3, "姓名"): "", (3, "违规金额(元)"): "=0", (5, "公民身份号码"): Formula("=1", 1)}))

    def test_each_faulty_row_says_what_is_wrong_and_rows_stay(self) -> None:
        faults = read_inquiries(self.DATA, TERMS).faults
        back = annotate(self.DATA, faults, "zh")
        [table] = read_book(back).tables
        assert table.header == (*HEADER, "问题")
        last = {row.number: row.cell(len(HEADER)) for row in table.rows}
        assert [number for number, text in last.items() if text] == [3, 5]
        assert str(last[3]).startswith("姓名: 此格为空；请填写。；违规金额(元): 金额")
        assert not table.formulas
        again = read_inquiries(back, TERMS)
        assert [(f.row, f.column) for f in again.faults] == [(f.row, f.column) for f in faults]

    def test_a_csv_comes_back_as_a_sheet(self) -> None:
        data = as_csv(grid(2, {(2, "统筹区"): "1"}), "gb18030")
        back = annotate(data, read_inquiries(data, TERMS).faults, "en")
        [table] = read_book(back).tables
        assert "统筹区" in str(table.rows[0].cell(len(HEADER)))

    def test_faults_of_another_file_are_refused(self) -> None:
        with pytest.raises(FaultsElsewhere):
            annotate(self.DATA, [Fault.of(77, "*", "", RowHidden())], "zh")
