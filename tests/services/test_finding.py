# SPDX-License-Identifier: Apache-2.0
"""Who is looked for is found by blind indexes alone, also under a node key that has been followed by another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from node.crypto.fields import FieldCipher
from node.crypto.node_key import NodeKey
from node.machine import SystemRandom
from node.services.office.finding import InquiriesElsewhere, NumberWrong, find_by_number
from node.services.office.inquiries import earlier, take
from node.sheets.rows import Import, InquiryRow, Seen
from node.store.database import Store
from tests.services.bank_world import CARD, NOBODY, BankWorld

OTHER_CARD = "0000009900000010"
ROW = InquiryRow(
    row=2, name=NOBODY["name"], id_number=NOBODY["id"], insurance="EMPLOYEE_PENSION", category="PEN-02",
    starts_on=date(2024, 3, 1), ends_on=date(2025, 8, 31), amount_fen=1_000, bank_org=4, account=CARD,
    region="360100", due_on=None, note="",
)  # fmt: skip


def test_an_inquiry_is_found_under_every_key_number(store: Store, tmp_path: Path) -> None:
    world = BankWorld(store, tmp_path)
    old = replace(world.ctx, officers={"jingban": world.office.maker.address})
    new = replace(old, cipher=FieldCipher(NodeKey({1: bytes(32), 2: b"2" * 32}), SystemRandom()))
    kept: list[str] = []
    for ctx, row in ((old, ROW), (new, replace(ROW, row=3, account=OTHER_CARD))):
        with store.writing() as session:
            kept += take(ctx, session, Import((row,), 1, 1, 0, (), ()), b"", "x").inquiries
    with store.reading() as session:
        assert [one.inquiry for one in find_by_number(new, session, f" {NOBODY['id'].lower()} ")] == kept
        assert [one.inquiry for one in find_by_number(new, session, CARD)] == kept[:1]
        assert [one.inquiry for one in find_by_number(new, session, OTHER_CARD)] == kept[1:]
        assert [one.cases for one in find_by_number(new, session, CARD)] == [()]
        with pytest.raises(NumberWrong):
            find_by_number(new, session, NOBODY["id"][:-1] + "0")


def test_a_bank_is_not_told_that_there_is_nothing(store: Store, tmp_path: Path) -> None:
    ctx = BankWorld(store, tmp_path).ctx
    with store.reading() as session, pytest.raises(InquiriesElsewhere):
        find_by_number(ctx, session, CARD)


def test_an_earlier_import_is_known_under_every_key_number(store: Store, tmp_path: Path) -> None:
    world = BankWorld(store, tmp_path)
    old = replace(world.ctx, officers={"jingban": world.office.maker.address})
    new = replace(old, cipher=FieldCipher(NodeKey({1: bytes(32), 2: b"2" * 32}), SystemRandom()))
    with store.writing() as session:
        take(old, session, Import((ROW,), 1, 1, 0, (), ()), b"", "x")
    rows = [ROW, replace(ROW, amount_fen=2_000), replace(ROW, account=OTHER_CARD)]
    with store.reading() as session:
        assert earlier(new, session, rows) == [Seen.SAME, Seen.OTHER, Seen.NEW]
