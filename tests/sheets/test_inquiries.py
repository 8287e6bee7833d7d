# SPDX-License-Identifier: Apache-2.0
"""An import finds every fault at its cell, one mistake one fault, and the same in .xlsx and CSV."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.domain.errors import Refused
from node.domain.identifiers import identity_check_digit
from node.domain.messages import catalogue
from node.sheets.fields import FIELDS, Terms
from node.sheets.inquiries import read_inquiries
from node.sheets.layout import SheetsAmbiguous
from node.sheets.rows import Import, InquiryRow, Seen
from node.sheets.samples import HEADER

from .conftest import TERMS, TODAY, Formula, as_csv, grid, xlsx

ID_15 = "369999450101001"


def judged(changes: dict[tuple[int, str], Any], count: int = 3, **how: Any) -> Import:
    return read_inquiries(xlsx(grid(count, changes), **how), TERMS)


def places(found: Import) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.rule) for fault in found.faults]


FAULTY: list[tuple[str, Any, str]] = [
    ("姓名", "", "cell_empty"),
    ("姓名", "　\t ", "cell_empty"),
    ("姓名", 5.0, "cell_not_text"),
    ("姓名", "测" * 81, "cell_too_long"),
    ("公民身份号码", "", "cell_empty"),
    ("公民身份号码", 369999194501010000.0, "cell_not_text"),
    ("公民身份号码", True, "cell_not_text"),
    ("公民身份号码", "36999919450101001", "identity_number_length"),
    ("公民身份号码", "369999194501010011", "identity_number_check_digit"),
    ("公民身份号码", "36999919450101001A", "identity_number_form"),
    ("公民身份号码", "３69999194501010012", "identity_number_form"),
    ("公民身份号码", "369999194513010012", "identity_number_date"),
    ("公民身份号码", "36999920991301001X", "identity_number_date"),
    ("公民身份号码", "369999209901010010", "identity_number_future"),
    ("险种", "", "cell_empty"),
    ("险种", "养老", "insurance_unknown"),
    ("违规情形", "", "cell_empty"),
    ("违规情形", "pen-02", "category_unknown"),
    ("违规情形", "INJ-04", "category_of_other"),
    ("待遇起算日", "", "cell_empty"),
    ("待遇起算日", "2023-2-3", "date_form"),
    ("待遇起算日", "20230203", "date_form"),
    ("待遇起算日", "2023-02-29", "date_form"),
    ("待遇起算日", "２023-02-03", "date_form"),
    ("待遇起算日", datetime(2023, 2, 3, 12), "date_form"),  # noqa: DTZ001
    ("待遇起算日", 44960.0, "date_form"),
    ("待遇停发日", "", "cell_empty"),
    ("待遇停发日", date(2020, 1, 1), "period_reversed"),
    ("待遇停发日", date(2026, 11, 25), "date_future"),
    ("违规金额(元)", "", "cell_empty"),
    ("违规金额(元)", "12.345", "amount_fraction_of_fen"),
    ("违规金额(元)", 12.345, "amount_fraction_of_fen"),
    ("违规金额(元)", 0.001, "amount_fraction_of_fen"),
    ("违规金额(元)", "-5.00", "amount_negative"),
    ("违规金额(元)", -5.0, "amount_negative"),
    ("违规金额(元)", "0", "amount_zero"),
    ("违规金额(元)", 0.0, "amount_zero"),
    ("违规金额(元)", "1e3", "amount_not_plain_decimal"),
    ("违规金额(元)", "1,000.00", "amount_not_plain_decimal"),
    ("违规金额(元)", "1，000", "amount_not_plain_decimal"),
    ("违规金额(元)", "￥5", "amount_not_plain_decimal"),
    ("违规金额(元)", "5元", "amount_not_plain_decimal"),
    ("违规金额(元)", "+5", "amount_not_plain_decimal"),
    ("违规金额(元)", ".5", "amount_not_plain_decimal"),
    ("违规金额(元)", "5.", "amount_not_plain_decimal"),
    ("违规金额(元)", "５", "amount_not_plain_decimal"),
    ("违规金额(元)", "٥", "amount_not_plain_decimal"),
    ("违规金额(元)", True, "amount_not_plain_decimal"),
    ("违规金额(元)", date(2023, 1, 1), "amount_not_plain_decimal"),
    ("违规金额(元)", "90071992547409.92", "amount_too_large"),
    ("违规金额(元)", "9" * 400, "amount_too_large"),
    ("违规金额(元)", 1e300, "amount_too_large"),
    ("代发银行", "", "cell_empty"),
    ("代发银行", "样例银行四", "bank_unknown"),
    ("银行账号", "", "cell_empty"),
    ("银行账号", 6222021234567890.0, "cell_not_text"),
    ("银行账号", "0000000000000019", "card_luhn"),
    ("银行账号", "000000000018", "card_length"),
    ("银行账号", "0" * 20, "card_length"),
    ("银行账号", "0000 0000 0000 0018", "card_form"),
    ("统筹区", "", "cell_empty"),
    ("统筹区", "999999", "region_unknown"),
    ("反馈期限", "下周", "date_form"),
    ("备注", "长" * 401, "cell_too_long"),
    *((field.title, Formula("=1+1", 5), "cell_formula") for field in FIELDS),
    *((field.title, Formula('=T("x")', ""), "cell_formula") for field in FIELDS),
    ("序号", Formula("=ROW()"), "cell_formula"),
]


@pytest.mark.parametrize(("column", "cell", "rule"), FAULTY)
def test_one_mistake_is_one_fault_at_its_cell(column: str, cell: Any, rule: str) -> None:
    found = judged({(3, column): cell})
    assert places(found) == [(3, column, rule)]
    assert (found.count, found.accepted, len(found.rows)) == (3, 2, 2)


SOUND: list[tuple[str, Any, str, Any]] = [
    ("姓名", " 测试甲一 ", "name", "测试甲一"),
    ("姓名", "=测试", "name", "=测试"),
    ("公民身份号码", ID_15, "id_number", "36999919450101001" + "2"),
    ("公民身份号码", "36999919450101008x", "id_number", "36999919450101008X"),
    ("待遇起算日", "2021-02-03", "starts_on", date(2021, 2, 3)),
    ("待遇停发日", TODAY, "ends_on", TODAY),
    ("违规金额(元)", "0.01", "amount_fen", 1),
    ("违规金额(元)", "12.3", "amount_fen", 1230),
    ("违规金额(元)", "007", "amount_fen", 700),
    ("违规金额(元)", 12.3, "amount_fen", 1230),
    ("违规金额(元)", 0.07, "amount_fen", 7),
    ("违规金额(元)", 1.1 + 2.2 - 0.0000000000000005, "amount_fen", 330),
    ("违规金额(元)", 107000.53, "amount_fen", 10_700_053),
    ("违规金额(元)", 1e6, "amount_fen", 100_000_000),
    ("违规金额(元)", "90071992547409.91", "amount_fen", 2**53 - 1),
    ("代发银行", "样例银行二", "bank_org", 12),
    ("银行账号", "0000000000000018", "account", "0000000000000018"),
    ("银行账号", "0000000000000000018", "account", "0000000000000000018"),
    ("统筹区", 360100.0, "region", "360100"),
    ("反馈期限", date(2026, 12, 31), "due_on", date(2026, 12, 31)),
    ("反馈期限", "2026-12-31", "due_on", date(2026, 12, 31)),
    ("备注", "-=+@", "note", "-=+@"),
    ("备注", 5.0, "note", "5"),
]


@pytest.mark.parametrize(("column", "cell", "key", "value"), SOUND)
def test_what_the_rules_allow_is_taken(column: str, cell: Any, key: str, value: Any) -> None:
    found = judged({(3, column): cell})
    assert places(found) == []
    assert getattr(found.rows[1], key) == value


def test_all_faults_come_at_once_in_the_order_of_the_sheet() -> None:
    changes = {(4, "姓名"): "", (2, "银行账号"): "1", (2, "姓名"): "", (3, "违规金额(元)"): "0"}
    assert [place[:2] for place in places(judged(changes))] == [
        (2, "姓名"), (2, "银行账号"), (3, "违规金额(元)"), (4, "姓名"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"险种": "x", "违规情形": "INJ-04"}, ["insurance_unknown"]),
        ({"待遇起算日": "x", "待遇停发日": date(1999, 1, 1)}, ["date_form"]),
        ({"待遇起算日": date(2030, 1, 1), "待遇停发日": date(2029, 1, 1)}, ["date_future"]),
    ],
)
def test_a_rule_that_rests_on_a_faulty_cell_is_not_applied(changes: dict[str, Any], rules: list[str]) -> None:
    found = judged({(3, column): cell for column, cell in changes.items()})
    assert [rule for _, _, rule in places(found)] == rules


def repeated(changes: dict[str, Any]) -> Import:
    """Row 4 repeats row 2, but for the changes."""
    cells = grid(3)
    cells[3] = list(cells[1])
    for column, value in changes.items():
        cells[3][HEADER.index(column)] = value
    return read_inquiries(xlsx(cells), TERMS)


@pytest.mark.parametrize(
    "changes", [{}, {"姓名": "测试癸十"}, {"统筹区": "361100"}, {"违规金额(元)": "5"}, {"备注": "x"}]
)
def test_a_repeated_inquiry_is_a_fault_of_the_later_row(changes: dict[str, Any]) -> None:
    found = repeated(changes)
    assert places(found) == [(4, "*", "row_repeated")]
    assert "2" in str(found.faults[0].as_json("zh")["message"])


@pytest.mark.parametrize(
    "changes",
    [
        {"公民身份号码": "369999194501010012"},
        {"代发银行": "样例银行二"},
        {"银行账号": "0000000000000018"},
        {"待遇停发日": TODAY},
    ],
)
def test_another_person_bank_account_or_period_is_another_inquiry(changes: dict[str, Any]) -> None:
    cells = grid(2)
    bank = cells[1][HEADER.index("代发银行")]
    if changes.get("代发银行") == bank:
        changes = {"代发银行": "样例银行三"}
    assert places(repeated(changes)) == []


def test_a_repeat_is_seen_beside_another_fault_and_not_through_a_faulty_key() -> None:
    assert [rule for *_, rule in places(repeated({"违规金额(元)": "0"}))] == ["amount_zero", "row_repeated"]
    assert [rule for *_, rule in places(repeated({"银行账号": "1"}))] == ["card_length"]


def test_15_and_18_characters_are_one_person() -> None:
    cells = grid(2, {(2, "公民身份号码"): ID_15})
    cells[2] = list(cells[1])
    cells[2][2] = "369999194501010012"
    assert places(read_inquiries(xlsx(cells), TERMS)) == [(3, "*", "row_repeated")]


def test_warnings_do_not_cost_the_row() -> None:
    elsewhere = "99999919450101001" + identity_check_digit("99999919450101001")
    found = judged(
        {
            (2, "公民身份号码"): elsewhere,
            (3, "反馈期限"): date(2026, 11, 23),
            (4, "姓名"): "测试\ue863",
        }
    )
    assert [(w.row, w.column, w.rule) for w in found.warnings] == [
        (2, "公民身份号码", "id_area_unknown"),
        (3, "反馈期限", "due_past"),
        (4, "姓名", "name_incomplete"),
    ]
    assert (found.accepted, found.faults) == (3, ())


def test_synthetic_persons_and_cards_are_for_tests_and_demos_only() -> None:
    found = read_inquiries(xlsx(grid(1)), Terms(TERMS.banks, TODAY))
    assert [rule for *_, rule in places(found)] == ["identity_number_synthetic", "card_synthetic"]


def test_earlier_imports_are_asked_for_sound_rows_only() -> None:
    asked: list[int] = []

    def earlier(rows: Sequence[InquiryRow]) -> list[Seen]:
        asked.extend(row.row for row in rows)
        return [{2: Seen.SAME, 4: Seen.OTHER}.get(row.row, Seen.NEW) for row in rows]

    data = xlsx(grid(5, {(3, "姓名"): ""}))
    found = read_inquiries(data, TERMS, earlier=earlier)
    assert asked == [2, 4, 5, 6]
    assert places(found) == [(3, "姓名", "cell_empty"), (4, "*", "row_imported_otherwise")]
    assert ([row.row for row in found.rows], found.count, found.accepted, found.skipped) == ([5, 6], 5, 3, 1)


def test_identity_and_content_tell_a_repeat_from_a_change() -> None:
    [one] = judged({}, 1).rows
    [renamed] = judged({(2, "姓名"): "测试癸十", (2, "序号"): "9"}, 1).rows
    [other] = judged({(2, "待遇停发日"): TODAY}, 1).rows
    assert one.identity() == renamed.identity() != other.identity()
    assert one.content() != renamed.content()
    assert judged({(2, "序号"): "77"}, 1).rows[0].content() == one.content()


class TestHeader:
    def test_a_missing_column_is_a_fault_and_the_others_are_still_judged(self) -> None:
        cells = [[cell for column, cell in zip(HEADER, line, strict=True) if column != "姓名"] for line in grid(2)]
        cells[2][list(HEADER).index("违规金额(元)") - 1] = "0"
        found = read_inquiries(xlsx(cells), TERMS)
        assert places(found) == [(1, "姓名", "column_missing"), (3, "违规金额(元)", "amount_zero")]
        assert (found.count, found.accepted, found.rows) == (2, 0, ())

    @pytest.mark.parametrize("column", ["序号", "反馈期限", "备注"])
    def test_a_column_that_nothing_rests_on_may_be_missing(self, column: str) -> None:
        cells = [[cell for title, cell in zip(HEADER, line, strict=True) if title != column] for line in grid(2)]
        assert read_inquiries(xlsx(cells), TERMS).accepted == 2

    def test_a_double_column_takes_nothing(self) -> None:
        cells = [[*line, "姓名" if not number else "测试甲一"] for number, line in enumerate(grid(2))]
        found = read_inquiries(xlsx(cells), TERMS)
        assert places(found) == [(1, "姓名", "column_twice")]
        assert found.rows == ()

    def test_the_header_is_named_as_it_stands(self) -> None:
        cells = grid(1, {(2, "违规金额(元)"): "0", (2, "姓名"): ""})
        cells[0][HEADER.index("违规金额(元)")] = "违规金额（元）"
        cells[0][HEADER.index("姓名")] = " 姓 名"
        assert [column for _, column, _ in places(read_inquiries(xlsx(cells), TERMS))] == [" 姓 名", "违规金额（元）"]

    def test_an_unknown_column_is_passed_over_with_a_warning_but_not_its_formulas(self) -> None:
        cells = [[*line, value] for line, value in zip(grid(2), ["合计", "1", Formula("=H2")], strict=True)]
        found = read_inquiries(xlsx(cells), TERMS)
        assert [(w.row, w.column, w.rule) for w in found.warnings] == [(1, "合计", "column_unknown")]
        assert places(found) == [(3, "合计", "cell_formula")]

    def test_a_file_without_header_repeats_nothing_of_its_first_row(self) -> None:
        found = read_inquiries(xlsx(grid(3)[1:]), TERMS)
        assert places(found) == [(1, "*", "header_missing")]
        assert found.warnings == ()
        half = grid(2)
        half[0] = [*half[1][:5], *HEADER[5:]]
        told = repr(read_inquiries(xlsx(half), TERMS))
        assert half[1][1] not in told
        assert half[1][2] not in told

    def test_a_formula_in_the_header_is_a_fault(self) -> None:
        cells = [[*line, value] for line, value in zip(grid(1), [Formula("=1"), ""], strict=True)]
        assert places(read_inquiries(xlsx(cells), TERMS)) == [(1, "N", "cell_formula")]


class TestWorkbook:
    def test_the_sheet_with_our_header_is_read_beside_a_sheet_of_notes(self) -> None:
        assert read_inquiries(xlsx([["填表说明"]], grid(2)), TERMS).accepted == 2

    def test_two_sheets_that_could_be_meant_are_refused(self) -> None:
        with pytest.raises(SheetsAmbiguous):
            read_inquiries(xlsx(grid(1), grid(2)), TERMS)

    def test_a_hidden_sheet_is_not_read_and_said_so(self) -> None:
        found = read_inquiries(xlsx(grid(2), grid(3), hidden=[1]), TERMS)
        assert found.count == 2
        assert [w.rule for w in found.warnings] == ["sheet_hidden"]

    def test_a_hidden_row_is_read_and_said_so(self) -> None:
        found = judged({}, rows_hidden=[3])
        assert found.accepted == 3
        assert [(w.row, w.column, w.rule) for w in found.warnings] == [(3, "*", "row_hidden")]

    def test_a_cell_under_a_merged_area_is_a_fault(self) -> None:
        found = judged({(3, "统筹区"): None}, merged="K2:K3")
        assert places(found) == [(3, "统筹区", "cell_merged")]

    def test_blank_rows_are_no_rows_and_numbers_stay_the_sheets(self) -> None:
        cells = grid(2, {(3, "姓名"): ""})
        cells.insert(2, [None] * 13)
        cells.insert(2, ["  ", ""])
        found = read_inquiries(xlsx(cells), TERMS)
        assert (found.count, places(found)) == (2, [(5, "姓名", "cell_empty")])

    def test_a_row_that_is_only_a_formula_is_a_row(self) -> None:
        cells = [*grid(1), [None, Formula("=A1", "")]]
        found = read_inquiries(xlsx(cells), TERMS)
        assert found.count == 2
        assert (3, "姓名", "cell_formula") in places(found)


class TestCsv:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_encodings(self, encoding: str) -> None:
        found = read_inquiries(as_csv(grid(3), encoding), TERMS)
        assert (found.accepted, found.faults) == (3, ())

    def test_a_cell_that_excel_would_run_is_a_formula(self) -> None:
        found = read_inquiries(
            as_csv(grid(2, {(2, "备注"): "=1+1", (3, "公民身份号码"): '="369999194501010012"'})), TERMS
        )
        assert places(found) == [(2, "备注", "cell_formula"), (3, "公民身份号码", "cell_formula")]

    def test_a_row_whose_columns_shifted_is_one_fault(self) -> None:
        cells = grid(2)
        cells[1].insert(8, "000.00")
        assert places(read_inquiries(as_csv(cells), TERMS)) == [(2, "*", "row_too_long")]

    def test_rows_count_as_a_spreadsheet_shows_them(self) -> None:
        lines = as_csv(grid(2, {(2, "备注"): "两\n行", (3, "姓名"): ""})).split(b"\r\n")
        data = b"\r\n".join([lines[0], b"", *lines[1:]])
        found = read_inquiries(data, TERMS)
        assert places(found) == [(4, "姓名", "cell_empty")]


def test_no_personal_value_is_repeated() -> None:
    person = ("测试甲一", "369999194501010011", "0000000000000019")
    changes = {(2, "姓名"): 7.0, (2, "公民身份号码"): person[1], (2, "银行账号"): person[2]}
    # a row that slipped by a column: personal values stand where others belong
    slipped = {
        (3, "险种"): person[1],
        (3, "违规情形"): person[0],
        (3, "违规金额(元)"): person[1],
        (3, "统筹区"): person[1],
    }
    found = judged(changes | slipped)
    told = repr(found) + str(found.as_json("zh")) + str(found.as_json("en"))
    assert len(found.faults) == 7
    assert not [value for value in person if value in told]
    assert "3699**********0011" in told
    assert "000000******0019" in told


def test_rows_do_not_show_persons() -> None:
    found = judged({}, 1)
    row = found.rows[0]
    assert not [value for value in (row.name, row.id_number, row.account) if value in repr(found)]


def test_every_rule_has_its_sentence_in_both_languages() -> None:
    for _, _, rule in FAULTY:
        assert set(catalogue()[rule]) == {"zh", "en"}
    [fault] = judged({(3, "代发银行"): "样例银行四"}).faults
    assert fault.as_json("zh") == {
        "row": 3, "column": "代发银行", "value": "样例银行四", "rule": "bank_unknown",
        "message": "“样例银行四”不是联盟的银行；请按成员名单填写。",
    }  # fmt: skip
    assert str(fault.as_json("en")["message"]).startswith("样例银行四 is no bank of the alliance")


def test_the_shape_of_a_dry_run() -> None:
    told = judged({(3, "姓名"): "", (2, "反馈期限"): "2020-01-01"}).as_json("en")
    assert {key: told[key] for key in ("rows", "accepted", "skipped")} == {"rows": 3, "accepted": 2, "skipped": 0}
    assert [set(item) for item in (*told["faults"], *told["warnings"])] == [
        {"row", "column", "value", "rule", "message"}
    ] * 2


TEXTS = [(column, cell) for column, cell, _ in FAULTY if isinstance(cell, str)]
TEXTS += [(column, cell) for column, cell, _, _ in SOUND if isinstance(cell, str) and not cell.startswith("=")]
CHANGES = st.dictionaries(st.integers(2, 6), st.sampled_from(TEXTS), max_size=5)


@settings(max_examples=40, deadline=None)
@given(changes=CHANGES, order=st.permutations(range(len(HEADER))), encoding=st.sampled_from(["utf-8", "gb18030"]))
def test_xlsx_and_csv_agree_in_any_column_order(
    changes: dict[int, tuple[str, str]], order: list[int], encoding: str
) -> None:
    cells = grid(5, {(row, column): cell for row, (column, cell) in changes.items()})
    straight = read_inquiries(xlsx(cells), TERMS)
    shuffled = [[line[column] for column in order] for line in cells]
    for other in (read_inquiries(xlsx(shuffled), TERMS), read_inquiries(as_csv(shuffled, encoding), TERMS)):
        assert sorted(places(other)) == sorted(places(straight))
        assert other.rows == straight.rows


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
def test_random_bytes_give_a_typed_error_or_faults(data: bytes) -> None:
    with contextlib.suppress(Refused):
        read_inquiries(data, TERMS)


SMALL = xlsx(grid(2, {(2, "备注"): Formula("=1")}), [["x"]], hidden=[1], merged="K2:K3")


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32), flips=st.integers(1, 8), cut=st.booleans())
def test_a_damaged_xlsx_gives_a_typed_error_or_faults(seed: int, flips: int, cut: bool) -> None:
    chance = random.Random(seed)
    data = bytearray(SMALL)
    for _ in range(flips):
        data[chance.randrange(4, len(data))] = chance.randrange(256)
    with contextlib.suppress(Refused):
        read_inquiries(bytes(data[: chance.randrange(4, len(data))] if cut else data), TERMS)
