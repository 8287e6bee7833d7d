# SPDX-License-Identifier: Apache-2.0
"""When two writings of a person's name count as the same.

The rule, in writing. Two names are

- SAME, when they are equal after this: compatibility forms become plain ones (full width to half width, compatibility
  ideographs to unified ones; Unicode NFKC); private-use code points of GB 18030-2005 become those that the edition of
  2022 gives the same characters; all blanks go; every kind of middle dot (· • ・ ‧ ∙ ⋅ ● ．) becomes ·; Latin letters
  become capitals;
- LIKE, when they are equal after this as well: listed variants (data/variants.json: 闫 and 阎, 肖 and 萧, traditional
  forms) become one, and middle dots go; or when they have as many characters and differ only where one of them has none
  (□ 〓 ? ＊ or a private-use code point), with half of the characters at least known and equal. A person looks at the
  two and decides: the node by itself reports neither a match nor a mismatch;
- DIFFERENT otherwise.

Nothing is guessed from sound, order or length.
"""

from __future__ import annotations

import json
import re
import unicodedata
from enum import Enum
from functools import cache
from importlib.resources import files

_DOTS = re.compile("[·•・‧∙⋅●．.᛫]")
_HOLES = frozenset("□〓?？*＊�")
_GB18030_2022 = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB,
    0xE7C7: 0x1E3F,  # moved in 2005 already; some codecs still disagree
}  # fmt: skip


class NameMatch(Enum):
    """How two writings of a name compare."""

    SAME = "same"
    LIKE = "like"
    DIFFERENT = "different"


def from_gb18030(text: str) -> str:
    """Text decoded by a codec of 2005, with the 18 code points that GB 18030-2022 moved out of private use."""
    return text.translate(_GB18030_2022)


def normal(name: str) -> str:
    """The form in which names are compared; what is stored and shown stays as it was written."""
    text = unicodedata.normalize("NFKC", from_gb18030(name))
    return _DOTS.sub("·", "".join(text.split())).upper()


def compare(left: str, right: str) -> NameMatch:
    """The rule of this module; an empty name is like no name."""
    a, b = normal(left), normal(right)
    if not a or not b:
        return NameMatch.DIFFERENT
    if a == b and not has_holes(left) and not has_holes(right):
        return NameMatch.SAME
    a, b = _loose(a), _loose(b)
    return NameMatch.LIKE if a == b or _fits_around_holes(a, b) else NameMatch.DIFFERENT


def has_holes(name: str) -> bool:
    """Whether a character is missing or stands in private use: a warning at import, and never a SAME."""
    return any(_is_hole(c) for c in from_gb18030(name))


def _loose(name: str) -> str:
    return name.replace("·", "").translate(_variants())


def _fits_around_holes(a: str, b: str) -> bool:
    if len(a) != len(b):
        return False
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if not _is_hole(x) and not _is_hole(y)]
    return len(pairs) * 2 >= len(a) and all(x == y for x, y in pairs)


def _is_hole(character: str) -> bool:
    return character in _HOLES or unicodedata.category(character) == "Co"


@cache
def _variants() -> dict[int, str]:
    """Each listed variant to the first of its group."""
    groups: list[str] = json.loads(files("node.domain").joinpath("data/variants.json").read_text(encoding="utf-8"))
    return {ord(other): group[0] for group in groups for other in group[1:]}
