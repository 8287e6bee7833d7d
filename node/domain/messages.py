# SPDX-License-Identifier: Apache-2.0
"""Every sentence that a person reads, in zh-CN and English: one JSON file a floor, ``{key: {zh, en}}``.

Error codes are keys too. A test walks all error classes and all keys used and fails on a missing sentence.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Literal

from node.domain.errors import AllianceError, Value
from node.domain.masking import printable

Lang = Literal["zh", "en"]


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All sentences, by key. Two files with one key are our bug."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(files("node.domain").joinpath("data/messages").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".json"):
            continue
        for key, sentence in json.loads(file.read_text(encoding="utf-8")).items():
            assert key not in found, f"two sentences for {key}"
            found[key] = sentence
    return found


def say(sentence_key: str, lang: Lang = "zh", /, **values: Value) -> str:
    """The sentence of that key with its ``{names}`` filled in; a value that is missing shows as a dash."""
    return catalogue()[sentence_key][lang].format_map(_Dashes(values))


def sentence(error: AllianceError, lang: Lang = "zh") -> str:
    """What went wrong, with which value, and what to do next."""
    return say(error.code, lang, **error.values)


class _Dashes(dict[str, Value]):
    def __getitem__(self, key: str) -> Value:
        value = super().__getitem__(key)
        return printable(value) if isinstance(value, str) else value

    def __missing__(self, key: str) -> str:
        return "—"
