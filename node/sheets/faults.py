# SPDX-License-Identifier: Apache-2.0
"""What is wrong, or worth a look, in an imported file: where it stands, a masked value, the rule, a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from node.domain.errors import Refused, Value
from node.domain.masking import mask
from node.domain.messages import Lang, say
from node.sheets.table import Cell

WHOLE_ROW = "*"
_LONG_DIGITS = re.compile(r"\d{11,}[Xx]?")
_NAME_LIKE = re.compile(r"(?!.*[险行社局])[\u4e00-\u9fff·]{2,4}")  # a name that slipped into another column
_SHOWN = 40  # characters of a value that a message repeats


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake, or one warning. ``column`` is the header as it stands in the file, ``*`` the whole row."""

    row: int
    column: str
    value: str
    rule: str
    details: Mapping[str, Value]

    @classmethod
    def of(cls, row: int, column: str, value: str, error: Refused) -> Fault:
        """The fault that a broken rule makes at its place."""
        return cls(row, column, value, rule_of(error), error.values)

    def as_json(self, lang: Lang) -> dict[str, str | int]:
        """``{"row", "column", "value", "rule", "message"}``."""
        message = say(self.rule, lang, **self.details)
        return {"row": self.row, "column": self.column, "value": self.value, "rule": self.rule, "message": message}


def rule_of(error: Refused) -> str:
    """A name for each rule: the error's code, or of what and which where one error stands for several rules."""
    rule = error.values.get("rule")
    return f"{error.values.get('kind', error.code.removesuffix('_invalid'))}_{rule}" if rule else error.code


def plain(cell: Cell) -> str:
    """A cell as text: a number by its shortest decimal form, a date as YYYY-MM-DD."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return number_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def number_text(number: float) -> str:
    """The shortest decimal that reads back as this double, without exponent: 12.3, 31458, 0.00001."""
    shortest = Decimal(repr(float(number)))
    text = format(shortest, "f") if shortest.is_finite() else str(shortest)
    return text.removesuffix(".0")


def masked(text: str, first: int, last: int) -> str:
    """The mask of a value that may be wrong in length too: the ends are shown only where enough is hidden between."""
    return mask(text, first, last) if len(text) >= first + last + 4 or not last else mask(text, 1, 0)


def open_value(cell: Cell) -> str:
    """A value of a column without personal data; what looks like an ID or account number is masked all the same."""
    text = plain(cell)
    if _NAME_LIKE.fullmatch(text):
        return mask(text, 1, 0)
    text = _LONG_DIGITS.sub(lambda found: masked(found.group(), 1, 1), text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
