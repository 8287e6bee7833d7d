# SPDX-License-Identifier: Apache-2.0
"""A payload's fields as people read them: labels, and codes, money, dates and flags in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args

from node.domain.bodies import BODIES
from node.domain.catalogues import Catalogue, code_term, terms
from node.domain.entries import Action
from node.domain.messages import Lang, say
from node.domain.money import format_yuan
from node.domain.workdays import BEIJING

_CATALOGUES: Mapping[str, Catalogue] = {
    "insurance": "insurances",
    "category": "categories",
    "region": "regions",
    "status": "account_statuses",
    "account_class": "account_classes",
    "sufficiency": "sufficiencies",
}


def in_words(action: Action, body: Mapping[str, Any], lang: Lang) -> Iterator[tuple[str, str]]:
    """(label, text) of each field of a body that says something, in the schema's order; masks stay as they are."""
    for name, field in BODIES[action].model_fields.items():
        value = body.get(name)
        if value not in (None, "", [], ()):
            yield say(f"field.{name}", lang), _text(name, value, _codes(field.annotation), lang)


def _text(name: str, value: Any, codes: type[StrEnum] | None, lang: Lang) -> str:
    if isinstance(value, (list, tuple)):
        separator = "、" if lang == "zh" else ", "
        return separator.join(_text(name, item, codes, lang) for item in value)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, bool):
        return say("word.yes" if value else "word.no", lang)
    if name.endswith("_fen") and isinstance(value, int):
        return format_yuan(value, grouped=True)
    text = str(value)
    if codes is not None and text in {code.value for code in codes}:
        return _named(code_term(codes(text)), lang)
    if name in _CATALOGUES and text in terms(_CATALOGUES[name]):
        return _named(terms(_CATALOGUES[name])[text], lang)
    if name.endswith("_at"):
        return datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return text


def _named(term: Any, lang: Lang) -> str:
    return term.zh if lang == "zh" else term.en


def _codes(annotation: Any) -> type[StrEnum] | None:
    """The closed list that a field is of, itself or as the members of a tuple."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return annotation
    return next((found for part in get_args(annotation) if (found := _codes(part)) is not None), None)
