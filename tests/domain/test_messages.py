# SPDX-License-Identifier: Apache-2.0
"""Every error has a code of its own and a sentence in both languages; so has every rule of the ledger."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import string
from importlib.resources import files
from pathlib import Path

import pytest

import node.domain
from node.domain.errors import AllianceError, Broken, Conflict, Refused, Unavailable
from node.domain.messages import catalogue, say, sentence
from node.domain.organisations import UnknownOrg
from node.domain.transitions import Rule, table

KINDS = (Refused, Conflict, Unavailable, Broken)
FULL_WIDTH_ONLY = re.compile("[\u4e00-\u9fff][,;:!?]|[,;:!?][\u4e00-\u9fff]")


def error_classes(package: str = "node.domain") -> list[type[AllianceError]]:
    """All error classes of this floor; every module is imported first."""
    for module in pkgutil.walk_packages(node.domain.__path__, f"{package}."):
        importlib.import_module(module.name)
    found: list[type[AllianceError]] = []
    waiting: list[type[AllianceError]] = [AllianceError]
    while waiting:
        for child in waiting.pop().__subclasses__():
            found.append(child)
            waiting.append(child)
    return [e for e in found if e.__module__.startswith(package)]


@pytest.mark.parametrize("error", error_classes(), ids=lambda e: e.__name__)
def test_every_error_has_a_code_and_its_sentence(error: type[AllianceError]) -> None:
    assert issubclass(error, KINDS)
    assert error in KINDS or "code" in vars(error), f"{error.__name__} declares no code of its own"
    for lang in ("zh", "en"):
        assert catalogue()[error.code][lang]


def test_codes_are_unique() -> None:
    codes = [error.code for error in error_classes()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_name_the_same_values_and_each_keeps_its_punctuation(key: str) -> None:
    zh, en = catalogue()[key]["zh"], catalogue()[key]["en"]
    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
    assert names[0] == names[1]
    assert not FULL_WIDTH_ONLY.search(zh)
    assert not re.search("[\u3000-\u303f\uff00-\uffef]", en)


def test_a_sentence_is_filled_in_and_a_missing_value_shows_as_a_dash() -> None:
    assert "7" in sentence(UnknownOrg(org=7), "zh")
    assert "—" in say("unknown_org", "en")


@pytest.mark.parametrize("rule", list(Rule))
def test_every_rule_has_its_sentence(rule: Rule) -> None:
    label = table().rules[rule]
    assert re.search("[\u4e00-\u9fff]", label.zh)
    assert not FULL_WIDTH_ONLY.search(label.zh)
    assert label.en.isascii()


def test_no_two_files_have_the_same_key() -> None:
    keys = [
        key
        for file in files("node.domain").joinpath("data/messages").iterdir()
        if file.name.endswith(".json")
        for key in json.loads(file.read_text(encoding="utf-8"))
    ]
    assert len(keys) == len(set(keys))


def declared() -> dict[str, list[tuple[str, str]]]:
    """Error classes of the whole house by code, as the source has them: (file, class); "" where none declares one."""
    found: dict[str, list[tuple[str, str]]] = {}
    kinds = {"Refused", "Conflict", "Unavailable", "Broken"}
    root = Path(node.domain.__path__[0]).parent
    for file in sorted(root.rglob("*.py")):
        for part in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(part, ast.ClassDef) and kinds & {b.id for b in part.bases if isinstance(b, ast.Name)}:
                codes = [
                    str(item.value.value)
                    for item in part.body
                    if isinstance(item, ast.Assign)
                    and isinstance(item.value, ast.Constant)
                    and [t.id for t in item.targets if isinstance(t, ast.Name)] == ["code"]
                ]
                found.setdefault(codes[0] if codes else "", []).append((str(file.relative_to(root)), part.name))
    return found


def test_every_error_of_the_house_has_a_code_of_its_own_and_its_sentence() -> None:
    """Read from the source, so that no floor need be imported."""
    classes = declared()
    assert classes.pop("", []) == []
    assert {code: where for code, where in classes.items() if len(where) > 1} == {}
    assert {code: where for code, where in classes.items() if code not in catalogue()} == {}


def test_a_value_that_somebody_chose_cannot_redraw_a_screen() -> None:
    told = say("case_unknown", "en", case="\x1b[31m\n\u202eknab 样例　银行")
    assert told.isprintable() or "\u3000" in told
    assert not {"\x1b", "\n", "\u202e"} & set(told)
    assert "knab 样例　银行" in told
