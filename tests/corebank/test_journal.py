# SPDX-License-Identifier: Apache-2.0
"""The desk's memory: one start an order, by one caller, within the day's ceiling."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from node.corebank.journal import ControlTotalExceeded, SqliteJournal, State

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
DAY = date(2026, 11, 30)


@pytest.fixture
def journal(tmp_path: Path) -> SqliteJournal:
    return SqliteJournal(tmp_path / "journal.sqlite")


def test_an_order_starts_for_one_caller_only(journal: SqliteJournal) -> None:
    journal.admit("01" * 32, 100, allow_partial=True, day=DAY)
    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(lambda _: journal.start("01" * 32, NOW, 10**9), range(8)))
    assert sorted(started) == [False] * 7 + [True]
    assert journal.admit("01" * 32, 100, allow_partial=True, day=DAY).sent_at == NOW


def test_the_ceiling_holds_for_workers_that_start_at_once(journal: SqliteJournal) -> None:
    ids = [f"{number:064x}" for number in range(8)]
    for order_id in ids:
        journal.admit(order_id, 100, allow_partial=True, day=DAY)

    def start(order_id: str) -> bool:
        try:
            return journal.start(order_id, NOW, 350)
        except ControlTotalExceeded:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, ids)) == 3


def test_a_day_s_ceiling_is_its_own(journal: SqliteJournal) -> None:
    journal.admit("01" * 32, 100, allow_partial=True, day=DAY)
    journal.admit("02" * 32, 100, allow_partial=True, day=date(2026, 12, 1))
    assert journal.start("01" * 32, NOW, 100)
    assert journal.start("02" * 32, NOW, 100)


def test_open_lines_are_those_without_an_end_oldest_day_first(journal: SqliteJournal) -> None:
    journal.admit("02" * 32, 100, allow_partial=True, day=date(2026, 12, 1))
    journal.admit("01" * 32, 100, allow_partial=True, day=DAY)
    journal.start("02" * 32, NOW, 100)
    assert [(line.order_id, line.state) for line in journal.open_lines(10)] == [
        ("01" * 32, State.PENDING),
        ("02" * 32, State.SENT),
    ]
    assert len(journal.open_lines(1)) == 1
