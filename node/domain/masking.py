# SPDX-License-Identifier: Apache-2.0
"""How personal data is shown: masked, unless somebody gives a reason and is logged (DOMAIN section 2, JR/T 0171)."""

from __future__ import annotations

import unicodedata

_REDRAWING = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, direction and the like, halves of characters, line ends

STAR = "*"


def mask(text: str, first: int, last: int) -> str:
    """Keeps ``first`` and ``last`` characters; where nothing would be hidden between them, hides all."""
    hidden = len(text) - first - last
    if hidden <= 0:
        return STAR * len(text)
    return text[:first] + STAR * hidden + text[len(text) - last :]


def mask_card(number: str) -> str:
    """6 + 4."""
    return mask(number, 6, 4)


def mask_identity(number: str, outside: bool = False) -> str:
    """4 + 4 in the house that asks, 1 + 1 outside of it."""
    return mask(number, 1, 1) if outside else mask(number, 4, 4)


def mask_name(name: str) -> str:
    """The first character; all of a single one."""
    return mask(name, 1, 0)


def mask_mobile(number: str) -> str:
    """3 + 4."""
    return mask(number, 3, 4)


def printable(text: str) -> str:
    """Text that another member chose (a name, a note), with nothing in it that could redraw or reorder a screen."""
    if text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _REDRAWING else c for c in text)
