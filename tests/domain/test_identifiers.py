# SPDX-License-Identifier: Apache-2.0
"""Identifiers: the vectors of the domain page, and one fault for one mistake."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.identifiers import (
    Account,
    AccountKind,
    IdentifierInvalid,
    area_known,
    identity_check_digit,
    parse_bank_code,
    parse_card,
    parse_credit_code,
    parse_identity_number,
    parse_institution_code,
    parse_letter_number,
    parse_passbook,
)

TODAY = date(2026, 11, 24)


def rule_of(call: object, *args: object, **named: object) -> str:
    with pytest.raises(IdentifierInvalid) as caught:
        call(*args, **named)  # type: ignore[operator]
    return caught.value.rule


@pytest.mark.parametrize(
    ("number", "birth", "male"),
    [
        ("11010519491231002X", date(1949, 12, 31), False),
        ("11010519491231002x", date(1949, 12, 31), False),
        ("440524188001010014", date(1880, 1, 1), True),
        (" 440524188001010014 ", date(1880, 1, 1), True),
    ],
)
def test_identity_numbers_of_the_standard(number: str, birth: date, male: bool) -> None:
    found = parse_identity_number(number, TODAY)
    assert (found.number, found.birth, found.male, found.area_known) == (number.strip().upper(), birth, male, True)


@pytest.mark.parametrize("number", ["369999194501010012", "369999194501010020", "36999919450101008X"])
def test_synthetic_persons_exist_in_test_and_demo_mode_only(number: str) -> None:
    assert parse_identity_number(number, TODAY, synthetic=True).area_known
    assert rule_of(parse_identity_number, number, TODAY) == "synthetic"


def test_fifteen_digits_are_converted() -> None:
    assert parse_identity_number("110105491231002", TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("", "form"),
        ("1101051949123100２X", "form"),
        ("11010519491231X02X", "form"),
        ("1101051949123100", "length"),
        ("11010519491231002XX", "form"),
        ("11010549123100X", "length"),
        ("110105194902290021", "date"),
        ("110105194913310022", "date"),
        ("110105203001010021", "future"),
        ("110105194912310021", "check_digit"),
        ("369999194501010011", "check_digit"),
    ],
)
def test_one_mistake_is_one_rule(number: str, rule: str) -> None:
    assert rule_of(parse_identity_number, number, TODAY) == rule


def test_retired_areas_are_known_and_unassigned_ones_warn() -> None:
    assert area_known("362301")
    assert area_known("512301")
    assert not area_known("999999")
    unknown = "999999" + "19800101" + "001"
    assert not parse_identity_number(unknown + identity_check_digit(unknown), TODAY).area_known


@given(st.integers(0, 999), st.dates(date(1900, 1, 1), TODAY), st.integers(0, 17), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(sequence: int, birth: date, place: int, shift: int) -> None:
    digits = f"360102{birth:%Y%m%d}{sequence:03d}"
    number = digits + identity_check_digit(digits)
    assert parse_identity_number(number, TODAY).birth == birth
    if place == 17 and number[17] == "X":
        return
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert rule_of(parse_identity_number, wrong, TODAY) in ("date", "future", "check_digit")


@pytest.mark.parametrize("code", ["12369999MB00000006", "91369999MA0000007L", "91369999ma0000007l"])
def test_credit_codes(code: str) -> None:
    assert parse_credit_code(code) == code.upper()


@pytest.mark.parametrize(
    ("code", "rule"),
    [("1236999MB00000006", "length"), ("12369999IB00000006", "form"), ("12369999MB00000007", "check_digit")],
)
def test_wrong_credit_codes(code: str, rule: str) -> None:
    assert rule_of(parse_credit_code, code) == rule


@pytest.mark.parametrize("number", ["0000000000000000018", "0000000000000018"])
def test_synthetic_cards_exist_in_test_and_demo_mode_only(number: str) -> None:
    assert parse_card(number, synthetic=True) == Account(AccountKind.CARD, number)
    assert rule_of(parse_card, number) == "synthetic"


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("", "form"),
        ("4111 1111 1111 1111", "form"),
        ("4111111111111１11", "form"),
        ("411111111111", "length"),
        ("41111111111111111111", "length"),
        ("4111111111111112", "luhn"),
    ],
)
def test_wrong_cards(number: str, rule: str) -> None:
    assert rule_of(parse_card, number, synthetic=True) == rule


def test_a_card_number_of_the_networks_is_fine_and_a_passbook_needs_no_luhn() -> None:
    assert parse_card("4111111111111111").kind is AccountKind.CARD
    assert parse_passbook("12345678").kind is AccountKind.PASSBOOK
    assert rule_of(parse_passbook, "1234567") == "length"
    assert rule_of(parse_passbook, "1234567a") == "form"


def test_bank_codes_warn_on_their_check_digit() -> None:
    assert parse_bank_code("999421000010").check_fits
    assert parse_bank_code("999428000014").check_fits
    assert not parse_bank_code("999421000011").check_fits
    assert rule_of(parse_bank_code, "99942100001") == "form"


def test_institution_codes() -> None:
    assert parse_institution_code("C1234567890123") == "C1234567890123"
    assert rule_of(parse_institution_code, "c1234567890123") == "form"
    assert rule_of(parse_institution_code, "C123456789012") == "form"


def test_letter_numbers() -> None:
    found = parse_letter_number("赣社险协〔2026〕17号")
    assert (found.agency, found.year, found.number, str(found)) == ("赣社险协", 2026, 17, "赣社险协〔2026〕17号")
    for wrong in (
        "赣社险协[2026]17号",
        "赣社险协〔2026〕017号",
        "赣A〔2026〕1号",
        "〔2026〕1号",
        "赣〔1826〕1号",
        "赣〔2026〕1",
    ):
        assert rule_of(parse_letter_number, wrong) == "form"


def test_errors_say_the_rule_and_never_the_number() -> None:
    with pytest.raises(IdentifierInvalid) as caught:
        parse_identity_number("110105194912310021", TODAY)
    assert "110105" not in repr(caught.value) + str(caught.value)
