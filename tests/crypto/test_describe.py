# SPDX-License-Identifier: Apache-2.0
"""The words before a signature: each number that is signed is in them."""

import re
from dataclasses import replace

import pytest

from node.crypto.describe import describe
from node.crypto.typed import check_code
from node.domain.entries import Act, Action, SignRole
from node.domain.messages import Lang
from node.domain.transitions import ActKind
from tests.crypto.submissions import DOMAIN, entries_of, submission_of

LANGS: tuple[Lang, ...] = ("zh", "en")
A, B = "0x" + "11" * 20, "0x" + "22" * 20


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("action", Action)
def test_every_action_is_said_with_number_role_code_and_end(action: Action, lang: Lang) -> None:
    entries = entries_of(action)
    submission = submission_of(entries)
    lines = describe(submission, entries, lang, role=SignRole.MAKER, domain=DOMAIN)
    text = "\n".join(lines)
    assert "—" not in text.replace("——", "")
    assert "{" not in text
    assert check_code(submission) in text
    assert "2026-12-31 23:59:59" in text
    assert submission.ledger.hex() in text
    assert DOMAIN.address in text
    assert str(submission.count) in lines[0]
    if submission.sum_fen:
        assert "975.12" in text
        assert "97512" in text


def test_each_effect_is_a_sentence_of_its_own() -> None:
    for lang in LANGS:
        actions = {describe(submission_of(entries_of(a)), [], lang)[1] for a in Action}
        kinds = {describe(Act(k, 2, 1), [], lang)[1] for k in ActKind}
        assert len(actions) == 15
        assert len(kinds) == 17


def test_an_order_says_how_much_goes_to_which_account() -> None:
    entries = entries_of(Action.ORDER)
    entries[2] = replace(entries[2], fund_account=7, amount_fen=1_000_001)
    text = "\n".join(describe(submission_of(entries), entries, "zh"))
    assert "转入第 1 号指定账户：2 条，共 650.08 元" in text
    assert "转入第 7 号指定账户：1 条，共 10,000.01 元" in text
    assert "单笔最大 10,000.01 元（1000001 分）" in text
    assert "金额合计 10,650.09 元（1065009 分）" in text


def test_a_request_says_to_whom_and_until_when() -> None:
    entries = entries_of(Action.REQUEST)
    entries[0] = replace(entries[0], recipient=3, due_at=1_798_000_000)
    text = "\n".join(describe(submission_of(entries), entries, "en"))
    assert "To organisation 2: 2." in text
    assert "To organisation 3: 1." in text
    assert "the first 2026-11-18 19:06:40 (Beijing time), the last 2026-12-23 12:26:40" in text


def test_replies_consents_and_debits_are_counted() -> None:
    replies = entries_of(Action.REPLY)
    replies[0] = replace(replies[0], debitable=0)
    assert "可以划扣 2 条，不可划扣 1 条。" in describe(submission_of(replies), replies, "zh")
    consents = entries_of(Action.CONSENT)
    consents[0] = replace(consents[0], in_parts=0, claim_fen=3_000_000_001)
    text = "\n".join(describe(submission_of(consents), consents, "en"))
    assert "May be used in parts: 2; only as a whole: 1." in text
    assert "30,000,000.01 yuan" in text
    debits = entries_of(Action.DEBIT)
    debits[1] = replace(debits[1], amount_fen=0)
    assert "Debited: 2; nothing debited (amount 0): 1." in describe(submission_of(debits), debits, "en")


def test_without_entries_it_says_that_they_were_not_seen() -> None:
    submission = submission_of(entries_of(Action.ORDER))
    assert any("没有附带逐条记录" in line for line in describe(submission, [], "zh"))
    assert not any("没有附带逐条记录" in line for line in describe(submission, entries_of(Action.ORDER), "zh"))


def test_roles_are_told_apart() -> None:
    submission = submission_of(entries_of(Action.REPLY))
    lines = {describe(submission, [], "zh", role=role)[1] for role in SignRole}
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (Act(1, 5, 1, A, B, 2, data="样例银行".encode()), ["样例银行", "代发银行", "单位 5", A, B]),
        (Act(4, 2, 3, order_limit_fen=5_000_000, day_limit_fen=2**53 - 1), ["50,000.00", "90,071,992,547,409.91"]),
        (Act(7, 2, 3, code=4), ["单位 4", "单位 2"]),
        (Act(8, 0, 3), ["整个联盟", "第 3 号"]),
        (Act(10, 2, 3, A, code=3), [A, "经办、复核"]),
        (Act(10, 2, 3, A, code=8), [A, "自动签名"]),
        (Act(14, 2, 3, code=2, data=bytes(1216)), ["第 2 版", "1216"]),
        (
            Act(15, 1, 3, code=1, data="样例银行 0000000000000018".encode()),
            ["样例银行 0000000000000018", "第 1 号指定账户"],
        ),
        (Act(17, 0, 3, A, B), [A, B]),
    ],
)
def test_an_act_says_what_it_changes(act: Act, said: list[str]) -> None:
    text = "\n".join(describe(act, [], "zh"))
    for part in said:
        assert part in text


def test_text_in_an_act_cannot_redraw_the_screen() -> None:
    name = "样例\x1b[2J\u202e银行\r\n\u2028".encode() + b"\xff"
    text = "".join(describe(Act(1, 5, 1, A, B, 2, data=name), [], "zh"))
    assert not re.search("[\x00-\x1f\u202e\u2028]", text)
    assert "样例" in text


def test_a_time_beyond_the_calendar_stays_a_number() -> None:
    submission = replace(submission_of(entries_of(Action.CLOSE)), valid_until=2**64 - 1)
    assert any(str(2**64 - 1) in line for line in describe(submission, [], "en"))
