# SPDX-License-Identifier: Apache-2.0
"""The simulated bank keeps the promises of the port."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.corebank.accounts import HEADER, Account, AccountRow, AccountsFile, accounts_from_json, accounts_from_rows
from node.corebank.books import Books, BooksExist, BooksMissing
from node.corebank.port import (
    AccountClass,
    AccountStatus,
    CannotClose,
    CoreUnavailable,
    NothingPosted,
    Outcome,
    Sufficiency,
)
from node.corebank.reserved import reserved_accounts
from node.corebank.simulated import SimulatedBank
from node.domain.codes import DebitReason

from .conftest import DAY, House

CARD = "0000000000000018"
HELD = Account(
    CARD, "测试甲一", "369999194501010012", balance_fen=50_000, branch="样例支行", branch_code="999421000010"
)


@pytest.fixture
def bank(house: House) -> SimulatedBank:
    house.core.books.load([HELD])
    return house.core


@pytest.mark.parametrize(
    ("name", "id_number", "matches"),
    [
        ("测试甲一", "369999194501010012", (True, True)),
        (" 测试甲一 ", "369999194501010012", (True, True)),
        ("测试甲二", "369999194501010012", (False, True)),
        ("测试甲一", "369999194501010020", (True, False)),
    ],
)
def test_a_holder_is_compared_and_a_mismatch_tells_nothing_else(
    bank: SimulatedBank, name: str, id_number: str, matches: tuple[bool, bool]
) -> None:
    answer = bank.verify_account(CARD, name, id_number, 1)
    assert (answer.name_matches, answer.id_matches) == matches
    assert (answer.status is not None) == all(matches)
    assert (answer.sufficiency is not None) == all(matches)


@pytest.mark.parametrize(
    ("outcome", "status", "sufficiency"),
    [
        ("full", AccountStatus.NORMAL, Sufficiency.SUFFICIENT),
        ("short", AccountStatus.NORMAL, Sufficiency.INSUFFICIENT),
        ("empty", AccountStatus.NORMAL, Sufficiency.UNKNOWN),
        ("closed", AccountStatus.CLOSED, Sufficiency.UNKNOWN),
        ("frozen", AccountStatus.FROZEN_FULL, Sufficiency.UNKNOWN),
        ("frozen_partial", AccountStatus.FROZEN_PART, Sufficiency.INSUFFICIENT),
        ("receive_only", AccountStatus.CREDIT_ONLY, Sufficiency.UNKNOWN),
        ("stopped", AccountStatus.PAYMENT_STOPPED, Sufficiency.UNKNOWN),
        ("lost", AccountStatus.LOST, Sufficiency.UNKNOWN),
        ("dormant", AccountStatus.DORMANT, Sufficiency.UNKNOWN),
    ],
)
def test_the_answers_show_the_variety_of_a_reply(
    bank: SimulatedBank, outcome: str, status: AccountStatus, sufficiency: Sufficiency
) -> None:
    answer = bank.verify_account(reserved_accounts()[outcome].account, "测试乙二", "36999919450101008X", 30_000)
    assert (answer.ours, answer.status, answer.sufficiency) == (True, status, sufficiency)


def test_classes_not_ours_and_mismatches_have_their_numbers(bank: SimulatedBank) -> None:
    def ask(outcome: str):
        return bank.verify_account(reserved_accounts()[outcome].account, "测试乙二", "36999919450101008X", 1)

    assert ask("class_ii").account_class is AccountClass.II
    assert ask("class_iii").account_class is AccountClass.III
    assert not ask("not_ours").ours
    assert (ask("name_differs").name_matches, ask("name_differs").id_matches) == (False, True)
    assert (ask("id_differs").name_matches, ask("id_differs").id_matches) == (True, False)
    assert ask("closed").closed_on == date(2026, 1, 15)
    with pytest.raises(CoreUnavailable):
        ask("down")


def test_one_order_id_posts_once(bank: SimulatedBank) -> None:
    results = [bank.debit("01" * 32, CARD, 20_000, allow_partial=False) for _ in range(3)]
    assert len(set(results)) == 1
    assert [posting.posted_fen for posting in bank.books.postings()] == [20_000]


def test_a_closed_id_never_posts(house: House, bank: SimulatedBank) -> None:
    assert bank.close("01" * 32).posted_fen == 0
    assert bank.debit("01" * 32, CARD, 20_000, allow_partial=False).reason is DebitReason.CORE
    with (
        closing(sqlite3.connect(house.folder / "core.sqlite")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="closed"),
    ):
        connection.execute("INSERT INTO posting VALUES (?, 1, 1, 'x', '2026-11-30')", ("01" * 32,))


def test_a_late_posting_arrives_unless_the_id_is_closed(bank: SimulatedBank) -> None:
    late = reserved_accounts()["late"].account
    for order_id in ("01" * 32, "02" * 32):
        with pytest.raises(CoreUnavailable):
            bank.debit(order_id, late, 100, allow_partial=False)
        assert bank.look_up(order_id).outcome is Outcome.ABSENT
    bank.close("01" * 32)
    assert bank.look_up("01" * 32).outcome is Outcome.FAILED
    assert bank.look_up("02" * 32).outcome is Outcome.FULL


def test_an_id_that_cannot_be_closed_alone_ends_with_the_day(bank: SimulatedBank) -> None:
    bank.debit("01" * 32, reserved_accounts()["no_close"].account, 100, allow_partial=False)
    with pytest.raises(CannotClose):
        bank.close("01" * 32)
    assert bank.end_day() == date(2026, 12, 1) == bank.day()
    assert bank.close("01" * 32).outcome is Outcome.FAILED


def test_a_reversal_gives_the_money_back_once(bank: SimulatedBank) -> None:
    bank.debit("01" * 32, CARD, 20_000, allow_partial=False)
    assert bank.reverse("01" * 32) == bank.reverse("01" * 32)
    assert bank.verify_account(CARD, HELD.name, HELD.id_number, 50_000).sufficiency is Sufficiency.SUFFICIENT
    assert bank.verify_account(CARD, HELD.name, HELD.id_number, 50_001).sufficiency is Sufficiency.INSUFFICIENT
    with pytest.raises(NothingPosted):
        bank.reverse("02" * 32)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.tuples(st.integers(1, 60_000), st.booleans(), st.booleans()), max_size=6))
def test_no_account_is_overdrawn_and_no_fen_is_made(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[tuple[int, bool, bool]]
) -> None:
    bank = SimulatedBank.create(tmp_path_factory.mktemp("bank") / "core.sqlite", day=DAY, key=bytes(32))
    bank.books.load([HELD])
    for number, (amount_fen, in_parts, reversed_) in enumerate(amounts):
        order_id = f"{number:064x}"
        result = bank.debit(order_id, CARD, amount_fen, allow_partial=in_parts)
        assert result.posted_fen in ((0, amount_fen) if not in_parts else range(amount_fen + 1))
        if reversed_ and result.posted_fen:
            bank.reverse(order_id)
    balance_fen = next(a.balance_fen for a in bank.books.accounts() if a.mask == "000000…0018" and not a.behaviour)
    assert balance_fen + sum(p.kept_fen for p in bank.books.postings()) == HELD.balance_fen


def test_the_file_names_nobody(house: House, bank: SimulatedBank) -> None:
    bank.debit("01" * 32, CARD, 100, allow_partial=False)
    content = b"".join(file.read_bytes() for file in house.folder.glob("core.sqlite*"))
    for secret in (HELD.name, HELD.id_number, CARD):
        assert secret.encode() not in content
    assert HELD.name not in repr(HELD)
    assert CARD not in repr(bank.books.accounts()) + repr(bank.books.postings())


def test_a_bank_is_made_once_and_opened_where_it_is(tmp_path: Path) -> None:
    SimulatedBank.create(tmp_path / "core.sqlite", day=DAY, key=bytes(32))
    with pytest.raises(BooksExist):
        SimulatedBank.create(tmp_path / "core.sqlite", day=DAY, key=bytes(32))
    with pytest.raises(BooksMissing):
        Books(tmp_path / "other.sqlite")


ROW = dict(
    zip(
        HEADER,
        (CARD, "测试甲一", "369999194501010012", "Ⅱ类户", "FROZEN_PART", "325.04", "5", "支行", "", ""),
        strict=True,
    )
)


def test_accounts_come_from_rows_and_json() -> None:
    [account] = accounts_from_rows([ROW])
    assert (account.account_class, account.status) == (AccountClass.II, AccountStatus.FROZEN_PART)
    assert (account.balance_fen, account.frozen_fen) == (32_504, 500)
    fields = {"account": CARD, "name": "测试甲一", "id_number": "369999194501010012", "balance": "1"}
    assert accounts_from_json(json.dumps([fields]).encode())[0].balance_fen == 100
    assert accounts_from_rows([{**ROW, "账户状态": "只收不付"}])[0].status is AccountStatus.CREDIT_ONLY


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("银行账号", "12x"),
        ("姓名", " "),
        ("公民身份号码", ""),
        ("账户类别", "IV"),
        ("账户状态", "odd"),
        ("余额(元)", "-1"),
        ("冻结金额(元)", "1.234"),
        ("销户日期", "2026-13-01"),
    ],
)
def test_a_faulty_account_row_is_named_without_its_value(column: str, value: str) -> None:
    with pytest.raises(AccountRow) as fault:
        accounts_from_rows([ROW, {**ROW, column: value}])
    assert fault.value.values == {"row": 3, "column": column}


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff"])
def test_a_file_that_is_no_list_of_accounts_is_refused(data: bytes) -> None:
    with pytest.raises(AccountsFile):
        accounts_from_json(data)


def test_reserved_numbers_are_cards_of_the_unissued_prefix() -> None:
    from stdnum import luhn

    numbers = [item.account for item in reserved_accounts().values()]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("000000") and luhn.is_valid(number) for number in numbers)


def test_statuses_classes_and_sufficiency_are_the_codes_of_the_catalogue() -> None:
    from node.domain.catalogues import terms

    assert set(AccountStatus) == set(terms("account_statuses"))
    assert set(AccountClass) == set(terms("account_classes"))
    assert set(Sufficiency) == set(terms("sufficiencies"))
