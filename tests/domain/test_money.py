# SPDX-License-Identifier: Apache-2.0
"""Money: the import rules, the vectors of 大写, and no float that changes an amount."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.entries import MAX_FEN
from node.domain.money import AmountInvalid, capital, fen_of_number, format_yuan, parse_yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0.01", 1), ("325.04", 32_504), ("10000", 1_000_000), ("10000.0", 1_000_000), ("1.5", 150), (" 2.50 ", 250)],
)
def test_plain_decimals(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "not_plain_decimal"),
        ("1,000.00", "not_plain_decimal"),
        ("5000元", "not_plain_decimal"),
        ("¥5000", "not_plain_decimal"),
        ("+5", "not_plain_decimal"),
        ("1e3", "not_plain_decimal"),
        ("１２", "not_plain_decimal"),
        ("1.", "not_plain_decimal"),
        (".5", "not_plain_decimal"),
        ("1.2.3", "not_plain_decimal"),
        ("1.500", "not_plain_decimal"),
        ("1 0", "not_plain_decimal"),
        ("12.345", "fraction_of_fen"),
        ("0.001", "fraction_of_fen"),
        ("-5.00", "negative"),
        ("0", "zero"),
        ("0.00", "zero"),
        ("90071992547409.92", "too_large"),
        ("1" * 40, "too_large"),
    ],
)
def test_one_mistake_is_one_rule(text: str, rule: str) -> None:
    with pytest.raises(AmountInvalid) as caught:
        parse_yuan(text)
    assert caught.value.rule == rule


def test_the_largest_amount_is_taken() -> None:
    assert parse_yuan("90071992547409.91") == MAX_FEN


@given(st.integers(1, MAX_FEN))
def test_yuan_there_and_back(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen


@given(st.integers(1, 10**13))
def test_a_numeric_cell_counts_by_its_shortest_form(fen: int) -> None:
    assert fen_of_number(fen / 100) == fen


def test_numeric_cells_that_are_no_amount() -> None:
    for value, rule in [
        (12.345, "fraction_of_fen"),
        (-5.0, "negative"),
        (0.0, "zero"),
        (float("nan"), "not_plain_decimal"),
    ]:
        with pytest.raises(AmountInvalid) as caught:
            fen_of_number(value)
        assert caught.value.rule == rule
    assert fen_of_number(0.1) == 10
    assert fen_of_number(1e13) == 10**15


def test_grouped_for_people() -> None:
    assert format_yuan(10_700_053, grouped=True) == "107,000.53"
    assert format_yuan(-5) == "-0.05"


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("0.01", "壹分"),
        ("0.10", "壹角"),
        ("1", "壹元整"),
        ("10000", "壹万元整"),
        ("100010", "壹拾万零壹拾元整"),
        ("1000100", "壹佰万零壹佰元整"),
        ("100000001", "壹亿零壹元整"),
        ("10000000000000", "壹拾万亿元整"),
        ("90071992547409.91", "玖拾万零柒佰壹拾玖亿玖仟贰佰伍拾肆万柒仟肆佰零玖元玖角壹分"),
    ],
)
def test_capital_figures(yuan: str, words: str) -> None:
    assert capital(parse_yuan(yuan)) == "人民币" + words


def read_back(words: str) -> int:
    """Fen of capital figures, written only for this test."""
    places = {"拾": 10, "佰": 100, "仟": 1000}
    total = section = digit = 0
    for sign in words.removeprefix("人民币"):
        if sign in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(sign)
        elif sign in places:
            section, digit = section + digit * places[sign], 0
        elif sign == "万":
            total, section, digit = (section + digit) * 10**4, 0, 0
        elif sign == "元":
            total, section, digit = (total + section + digit) * 100, 0, 0
        elif sign == "角":
            total, digit = total + digit * 10, 0
        elif sign == "分":
            total, digit = total + digit, 0
    return total


@given(st.integers(1, 10**12 - 1))
def test_capital_figures_are_well_formed(fen: int) -> None:
    words = capital(fen)
    assert "零零" not in words
    assert not re.search("零[元万亿整]", words)
    assert words.endswith(("整", "角", "分"))


@given(st.integers(1, 10**9 - 1))
def test_capital_figures_say_the_amount(fen: int) -> None:
    assert read_back(capital(fen)) == fen


def test_no_capital_figures_for_nothing() -> None:
    for fen in (0, -1, MAX_FEN + 1):
        with pytest.raises(AmountInvalid):
            capital(fen)
