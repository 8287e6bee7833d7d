# SPDX-License-Identifier: Apache-2.0
"""What a payload says, in words: every field has its label, codes never reach the screen as codes."""

from __future__ import annotations

import pytest

from node.domain.bodies import BODIES
from node.domain.entries import Action
from node.domain.messages import Lang, say
from node.domain.wording import in_words


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("action", list(Action))
def test_every_field_of_every_body_has_a_label(action: Action, lang: Lang) -> None:
    for name in BODIES[action].model_fields:
        assert say(f"field.{name}", lang)


def test_codes_money_flags_and_moments_are_words() -> None:
    said = {
        "outcome": "matched",
        "name_matches": True,
        "account_ours": True,
        "status": "NORMAL",
        "queried_at": "2026-11-24T16:30:00Z",
    }
    words = dict(in_words(Action.REPLY, said, "zh"))
    assert words == {
        "结果": "一致，可以划扣",
        "户名一致": "是",
        "本行账户": "是",
        "账户状态": "正常",
        "查询时间": "2026-11-25 00:30",
    }
    asked = dict(
        in_words(Action.REQUEST, {"amount_fen": 600714, "items": ["name", "status"], "region": "360100"}, "zh")
    )
    assert asked["违规金额（元）"] == "6,007.14"
    assert asked["协查事项"].count("、") == 1
    assert asked["统筹区"] == "南昌市"
