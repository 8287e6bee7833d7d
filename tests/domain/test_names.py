# SPDX-License-Identifier: Apache-2.0
"""The name rule, and masks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.masking import mask, mask_card, mask_identity, mask_mobile, mask_name
from node.domain.names import NameMatch, compare, from_gb18030, has_holes, normal

SAME, LIKE, DIFFERENT = NameMatch.SAME, NameMatch.LIKE, NameMatch.DIFFERENT
MOVED = [  # GB 18030-2005 and -2022 of the 18 characters
    (0xE78D, 0xFE10), (0xE78E, 0xFE12), (0xE78F, 0xFE11), (0xE790, 0xFE13), (0xE791, 0xFE14), (0xE792, 0xFE15),
    (0xE793, 0xFE16), (0xE794, 0xFE17), (0xE795, 0xFE18), (0xE796, 0xFE19), (0xE81E, 0x9FB4), (0xE826, 0x9FB5),
    (0xE82B, 0x9FB6), (0xE82C, 0x9FB7), (0xE832, 0x9FB8), (0xE843, 0x9FB9), (0xE854, 0x9FBA), (0xE864, 0x9FBB),
]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right", "match"),
    [
        ("测试甲一", "测试甲一", SAME),
        ("测试 甲一", "测试甲　一", SAME),
        ("阿卜杜·测试", "阿卜杜•测试", SAME),
        ("阿卜杜·测试", "阿卜杜．测试", SAME),
        ("ＴＥＳＴ", "test", SAME),
        ("\u2f00测", "一测", SAME),  # a radical written for the character
        ("\uf9b4测", "領测", SAME),  # a compatibility ideograph
        ("测\ue81e", "测\u9fb4", SAME),
        ("测𠮷", "测𠮷", SAME),
        ("闫测试", "阎测试", LIKE),
        ("張测试", "张测试", LIKE),
        ("阿卜杜·测试", "阿卜杜测试", LIKE),
        ("测□", "测试", LIKE),
        ("测?", "测𠮷", LIKE),
        ("测\ue000", "测试", LIKE),
        ("测\ue000", "测\ue000", LIKE),  # the same private-use code point may mean two characters
        ("□□□测", "一二三测", DIFFERENT),
        ("测试甲", "测试乙", DIFFERENT),
        ("测试甲", "测试", DIFFERENT),
        ("甲测试", "测试甲", DIFFERENT),
        ("", "", DIFFERENT),
        ("测", "", DIFFERENT),
    ],
)
def test_the_rule(left: str, right: str, match: NameMatch) -> None:
    assert compare(left, right) is match
    assert compare(right, left) is match


@pytest.mark.parametrize(("old", "new"), MOVED)
def test_the_18_characters_of_2022_are_the_same_in_both_writings(old: int, new: int) -> None:
    assert from_gb18030(chr(old)) == chr(new)
    assert compare(f"测{chr(old)}", f"测{chr(new)}") is SAME
    assert not has_holes(chr(old))


def test_the_character_that_moved_in_2005() -> None:
    assert from_gb18030("\ue7c7") == "\u1e3f"
    assert compare("测\ue7c7", "测\u1e3f") is SAME


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FBB), min_size=1, max_size=8))
def test_every_name_of_han_characters_is_the_same_as_itself(name: str) -> None:
    assert compare(name, " ".join(name)) is SAME
    assert normal(normal(name)) == normal(name)


def test_masks() -> None:
    assert mask_card("0000000000000000018") == "000000*********0018"
    assert mask_identity("369999194501010012") == "3699**********0012"
    assert mask_identity("369999194501010012", outside=True) == "3" + "*" * 16 + "2"
    assert mask_name("测试甲一") == "测***"
    assert mask_mobile("13800000000") == "138****0000"


@given(st.text(max_size=30), st.integers(0, 10), st.integers(0, 10))
def test_a_mask_never_shows_a_short_value_whole(text: str, first: int, last: int) -> None:
    masked = mask(text, first, last)
    assert len(masked) == len(text)
    assert not text or "*" in masked
