# SPDX-License-Identifier: Apache-2.0
"""One simulated bank, one journal and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from node.corebank.desk import DebitDesk, DebitOrder
from node.corebank.journal import SqliteJournal
from node.corebank.port import CoreBank
from node.corebank.reserved import reserved_accounts
from node.corebank.simulated import SimulatedBank

DAY = date(2026, 11, 30)


@dataclass
class HandClock:
    time: datetime = field(default_factory=lambda: datetime(2026, 11, 30, 8, tzinfo=UTC))

    def now(self) -> datetime:
        return self.time

    def pass_s(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def order_on(outcome: str, amount_fen: int = 30_000, *, number: int = 1, in_parts: bool = True) -> DebitOrder:
    account = reserved_accounts()[outcome].account
    return DebitOrder(f"{number:064x}", account, amount_fen, in_parts, DAY)


@dataclass
class House:
    """A bank's folder: its core, its journal, its clock, and what the ledger says was accepted."""

    folder: Path
    clock: HandClock = field(default_factory=HandClock)
    accepted: dict[date, int] = field(default_factory=lambda: {DAY: 10**9})

    @property
    def core(self) -> SimulatedBank:
        from node.corebank.books import Books

        return SimulatedBank(Books(self.folder / "core.sqlite"))

    def desk(self, *, core: CoreBank | None = None, reached: Callable[[str], None] = lambda _: None) -> DebitDesk:
        return DebitDesk(
            core or self.core,
            SqliteJournal(self.folder / "journal.sqlite"),
            self.clock,
            accepted_fen=lambda day: self.accepted.get(day, 0),
            reached=reached,
        )

    def posted(self) -> list[tuple[str, int]]:
        return [(posting.order_id, posting.kept_fen) for posting in self.core.books.postings()]


@pytest.fixture
def house(tmp_path: Path) -> House:
    SimulatedBank.create(tmp_path / "core.sqlite", day=DAY, key=bytes(32))
    return House(tmp_path)
