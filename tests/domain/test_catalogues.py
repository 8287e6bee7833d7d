# SPDX-License-Identifier: Apache-2.0
"""Catalogues: complete in both languages, and every closed list has its names."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from importlib.resources import files
from typing import Any, get_args

import pytest

from node.domain import codes
from node.domain.catalogues import (
    Catalogue,
    UnknownTerm,
    category_fits,
    code_term,
    code_terms,
    insurance_by_name,
    term,
    terms,
)

CATEGORIES = [
    *("PEN-01a", "PEN-01b", "PEN-01c", "PEN-02", "PEN-03"),
    *("UNE-01", "UNE-02a", "UNE-02b", "UNE-03", "UNE-04a", "UNE-04b", "UNE-05"),
    *("INJ-01a", "INJ-01b", "INJ-02a", "INJ-02b", "INJ-02c", "INJ-02d", "INJ-02e", "INJ-02f", "INJ-02z"),
    *("INJ-03", "INJ-04"),
]
LISTS = [e for e in vars(codes).values() if isinstance(e, type) and issubclass(e, StrEnum) and e is not StrEnum]


def rows(name: str) -> list[dict[str, Any]]:
    data = json.loads(files("node.domain").joinpath(f"data/{name}.json").read_text(encoding="utf-8"))
    return [row for catalogue in data.values() for row in catalogue]


@pytest.mark.parametrize("row", rows("catalogues") + rows("codes"), ids=lambda row: row["code"])
def test_every_term_speaks_both_languages(row: dict[str, Any]) -> None:
    assert re.search("[\u4e00-\u9fff]", row["zh"])
    assert row["en"].isascii()
    assert not re.search("[,;()]", row["zh"])  # half-width punctuation
    assert re.fullmatch("[A-Z]{2}[0-9]{2}|[A-Z]{4}", row.get("iso", "AC04"))


@pytest.mark.parametrize("name", get_args(Catalogue))
def test_every_catalogue_can_be_read(name: Catalogue) -> None:
    assert terms(name)
    for code, found in terms(name).items():
        assert found.code == code
        assert found.say("zh") != found.say("en")


@pytest.mark.parametrize("codes_of", LISTS)
def test_every_code_has_its_term_in_the_same_order(codes_of: type[StrEnum]) -> None:
    assert list(code_terms(codes_of)) == [code.value for code in codes_of]


def test_the_categories_are_those_of_the_notice() -> None:
    assert list(terms("categories")) == CATEGORIES


@pytest.mark.parametrize(
    ("category", "insurance", "fits"),
    [
        ("PEN-01a", "职工基本养老保险", True),
        ("PEN-01a", "机关事业单位养老保险", False),
        ("PEN-01b", "机关事业单位养老保险", True),
        ("PEN-01c", "城乡居民养老保险", True),
        ("PEN-02", "城乡居民养老保险", True),
        ("PEN-03", "机关事业单位养老保险", True),
        ("UNE-01", "城乡居民养老保险", False),
        ("UNE-04b", "失业保险", True),
        ("INJ-02z", "工伤保险", True),
        ("INJ-03", "失业保险", False),
    ],
)
def test_a_category_belongs_to_its_insurance(category: str, insurance: str, fits: bool) -> None:
    found = insurance_by_name(insurance)
    assert found is not None
    assert category_fits(category, found.code) is fits


def test_what_is_not_in_a_catalogue_is_refused() -> None:
    assert insurance_by_name("医疗保险") is None
    with pytest.raises(UnknownTerm):
        term("categories", "PEN-09")
    with pytest.raises(UnknownTerm):
        term("regions", "369999")


def test_iso_codes_stand_beside_ours() -> None:
    assert code_term(codes.DebitReason.BALANCE).iso == "AM04"
    assert code_term(codes.ReplyOutcome.CLOSED).iso == "AC04"
    assert code_term(codes.ReplyOutcome.MATCHED).iso is None
