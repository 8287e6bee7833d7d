# SPDX-License-Identifier: Apache-2.0
"""The catalogues: coded words with both languages and, where one exists, the ISO 20022 external code beside them.

The data is ``node/domain/data/catalogues.json``, and ``codes.json`` for the closed lists of ``node.domain.codes``.
Sources: the notice (categories, measures), DOMAIN sections 1 to 3, ISO 20022 external code sets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from node.domain.errors import Refused
from node.domain.messages import Lang

Catalogue = Literal[
    "insurances",
    "categories",
    "measures",
    "regions",
    "purposes",
    "legal_bases",
    "account_statuses",
    "account_classes",
    "sufficiencies",
    "relations",
    "evidence_kinds",
]


class UnknownTerm(Refused):
    """A code or word that the catalogue does not have."""

    code = "unknown_term"


@dataclass(frozen=True, slots=True)
class Term:
    """A coded word. ``iso``: ISO 20022 external status reason code, where one says the same."""

    code: str
    zh: str
    en: str
    iso: str | None = None
    insurances: frozenset[str] = frozenset()  # of a category: the codes of the insurances that it belongs to

    def say(self, lang: Lang = "zh") -> str:
        return self.zh if lang == "zh" else self.en


@cache
def terms(catalogue: Catalogue) -> dict[str, Term]:
    """All terms of a catalogue by code, in the order of the file."""
    return {row["code"]: _term(row) for row in _data("catalogues")[catalogue]}


def term(catalogue: Catalogue, code: str) -> Term:
    """One term; raises UnknownTerm."""
    found = terms(catalogue).get(code)
    if found is None:
        raise UnknownTerm(catalogue=catalogue, term=code)
    return found


@cache
def code_terms(codes: type[StrEnum]) -> dict[str, Term]:
    """The names of a closed list of ``node.domain.codes``, in its order."""
    return {row["code"]: _term(row) for row in _data("codes")[codes.__name__]}


def code_term(code: StrEnum) -> Term:
    """The names of one code, e.g. ReplyOutcome.MISMATCH: 户名或证件号码不一致, BE01."""
    return code_terms(type(code))[code.value]


def insurance_by_name(name: str) -> Term | None:
    """The insurance that a sheet names in Chinese, e.g. 职工基本养老保险."""
    return next((t for t in terms("insurances").values() if t.zh == name.strip()), None)


def category_fits(category: str, insurance: str) -> bool:
    """Whether a category (PEN-01a) belongs to an insurance (EMPLOYEE_PENSION); both codes, of the catalogues."""
    return insurance in term("categories", category).insurances


@cache
def _data(name: str) -> dict[str, list[dict[str, Any]]]:
    return json.loads(files("node.domain").joinpath(f"data/{name}.json").read_text(encoding="utf-8"))


def _term(row: dict[str, Any]) -> Term:
    return Term(row["code"], row["zh"], row["en"], row.get("iso"), frozenset(row.get("insurances", ())))
