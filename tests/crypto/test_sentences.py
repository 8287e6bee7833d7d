# SPDX-License-Identifier: Apache-2.0
"""Every error of this floor has its sentence in both languages, with the values that its class names."""

import importlib
import pkgutil
import string

import pytest

import node.crypto
from node.domain.errors import AllianceError
from node.domain.messages import catalogue


def errors() -> list[type[AllianceError]]:
    found: set[type[AllianceError]] = set()
    for module in pkgutil.iter_modules(node.crypto.__path__, "node.crypto."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, AllianceError) and value.__module__ == module.name:
                found.add(value)
    return sorted(found, key=lambda error: error.code)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("error", errors(), ids=lambda error: error.code)
def test_a_code_has_its_sentence_and_its_values_are_named_by_the_class(error: type[AllianceError]) -> None:
    sentence = catalogue()[error.code]
    assert placeholders(sentence["zh"]) == placeholders(sentence["en"])
    for name in placeholders(sentence["zh"]):
        assert f"``{name}``" in (error.__doc__ or "")


def test_codes_are_unique() -> None:
    codes = [error.code for error in errors()]
    assert len(codes) == len(set(codes))
