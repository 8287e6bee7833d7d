# SPDX-License-Identifier: Apache-2.0
"""At most one posting an order, whatever the core answers, wherever it crashes, however often it runs."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from node.corebank.desk import DebitOrder, Wait, Waiting
from node.corebank.journal import ControlTotalExceeded, OrderDiffers, ResultDiffers, SqliteJournal, State
from node.corebank.port import CoreUnavailable, DebitResult, Outcome, payment_reference
from node.corebank.reserved import reserved_accounts
from node.corebank.simulated import SimulatedBank
from node.domain.codes import DebitReason

from .conftest import DAY, House, order_on

PATIENCE_S = 61


def finish(house: House, order: DebitOrder, rounds: int = 6) -> DebitResult:
    """Run the desk until the order has ended, as a scheduled job would; the core's day ends where it waits for that."""
    for _ in range(rounds):
        result = house.desk().execute(order)
        if isinstance(result, DebitResult):
            return result
        if result.why in (Wait.DAY_OPEN, Wait.NO_ANSWER):
            house.core.end_day()
        house.clock.pass_s(PATIENCE_S)
    raise AssertionError(result)


ENDS = [
    ("full", True, Outcome.FULL, 30_000, DebitReason.NONE),
    ("full", False, Outcome.FULL, 30_000, DebitReason.NONE),
    ("short", True, Outcome.PARTIAL, 10_000, DebitReason.BALANCE),
    ("short", False, Outcome.FAILED, 0, DebitReason.BALANCE),
    ("empty", True, Outcome.FAILED, 0, DebitReason.BALANCE),
    ("closed", True, Outcome.FAILED, 0, DebitReason.CLOSED),
    ("frozen", True, Outcome.FAILED, 0, DebitReason.FROZEN),
    ("frozen_partial", True, Outcome.PARTIAL, 10_000, DebitReason.BALANCE),
    ("receive_only", True, Outcome.FAILED, 0, DebitReason.FROZEN),
    ("stopped", True, Outcome.FAILED, 0, DebitReason.STOPPED),
    ("lost", True, Outcome.FAILED, 0, DebitReason.LOST),
    ("dormant", True, Outcome.FAILED, 0, DebitReason.DORMANT),
    ("not_ours", True, Outcome.FAILED, 0, DebitReason.NOT_OURS),
    ("refused", True, Outcome.FAILED, 0, DebitReason.CORE),
    ("timeout_posted", True, Outcome.FULL, 30_000, DebitReason.NONE),
    ("timeout_lost", True, Outcome.FAILED, 0, DebitReason.CORE),
    ("late", True, Outcome.FAILED, 0, DebitReason.CORE),
    ("failed_late", True, Outcome.FAILED, 0, DebitReason.CORE),
    ("unknown_twice", True, Outcome.FULL, 30_000, DebitReason.NONE),
    ("no_close", True, Outcome.FAILED, 0, DebitReason.CORE),
    ("excess", True, Outcome.FULL, 30_000, DebitReason.NONE),
    ("excess", False, Outcome.FULL, 30_000, DebitReason.NONE),
    ("part_despite", True, Outcome.PARTIAL, 15_000, DebitReason.CORE),
    ("part_despite", False, Outcome.FAILED, 0, DebitReason.CORE),
    ("down", True, Outcome.FAILED, 0, DebitReason.CORE),
]


@pytest.mark.parametrize(("outcome", "in_parts", "expected", "posted_fen", "reason"), ENDS)
def test_what_is_reported_is_what_stands_and_nothing_is_posted_afterwards(
    house: House, outcome: str, in_parts: bool, expected: Outcome, posted_fen: int, reason: DebitReason
) -> None:
    order = order_on(outcome, in_parts=in_parts)
    result = finish(house, order)
    assert (result.outcome, result.posted_fen, result.reason) == (expected, posted_fen, reason)
    for _ in range(3):  # whatever the core still had in hand would be posted here
        house.core.look_up(order.order_id) if outcome != "down" else None
        house.core.end_day()
        house.core.debit(order.order_id, order.account, order.amount_fen, allow_partial=order.allow_partial)
    assert sum(kept_fen for _, kept_fen in house.posted()) == posted_fen
    assert house.desk().execute(order) == result


def test_every_reserved_outcome_has_a_row_above_or_is_about_verification() -> None:
    tested = {row[0] for row in ENDS}
    assert set(reserved_accounts()) - tested == {"class_ii", "class_iii", "name_differs", "id_differs"}


@dataclass
class CountingCore:
    """The bank, counting what reaches it; a posting may be forbidden."""

    bank: SimulatedBank
    debits: int = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.bank, name)

    def debit(self, order_id: str, account: str, amount_fen: int, *, allow_partial: bool) -> DebitResult:
        self.debits += 1
        return self.bank.debit(order_id, account, amount_fen, allow_partial=allow_partial)


def test_an_unknown_result_is_looked_up_and_never_sent_again(house: House) -> None:
    core = CountingCore(house.core)
    order = order_on("unknown_twice")
    seen = []
    for _ in range(3):
        seen.append(house.desk(core=core).execute(order))
        house.clock.pass_s(PATIENCE_S)
    assert seen[:2] == [Waiting(Wait.UNKNOWN, 1), Waiting(Wait.UNKNOWN, 2)]
    assert isinstance(seen[2], DebitResult)
    assert core.debits == 1


def test_an_order_that_another_worker_has_just_sent_is_left_alone(house: House) -> None:
    order = order_on("full")
    SqliteJournal(house.folder / "journal.sqlite").admit(order.order_id, 30_000, allow_partial=True, day=DAY)
    SqliteJournal(house.folder / "journal.sqlite").start(order.order_id, house.clock.now(), 10**9)
    core = CountingCore(house.core)
    assert house.desk(core=core).execute(order) == Waiting(Wait.IN_FLIGHT, 0)
    assert core.debits == 0
    house.clock.pass_s(-3600)  # a clock set back must not hold it up for ever
    assert house.desk(core=core).execute(order) == DebitResult(Outcome.FAILED, reason=DebitReason.CORE)
    assert core.debits == 0


def test_failed_waits_for_the_day_where_the_core_cannot_close_an_id(house: House) -> None:
    order = order_on("no_close")
    assert house.desk().execute(order) == Waiting(Wait.DAY_OPEN, 0)
    house.core.end_day()
    house.clock.pass_s(PATIENCE_S)
    assert house.desk().execute(order) == DebitResult(Outcome.FAILED, reason=DebitReason.CORE)


STEPS = ("admitted", "started", "answered", "looked_up", "closed", "given_back", "ended")


class Crash(Exception):
    pass


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "outcome", ["full", "short", "timeout_posted", "late", "failed_late", "excess", "part_despite"]
)
@pytest.mark.parametrize("in_parts", [True, False])
def test_a_crash_at_any_step_leaves_one_posting_at_most_and_one_answer(
    house: House, step: str, outcome: str, in_parts: bool
) -> None:
    order = order_on(outcome, in_parts=in_parts)
    core = CountingCore(house.core)

    def reached(name: str) -> None:
        if name == step:
            raise Crash

    for _ in range(2):  # and the restart crashes at the same place
        with contextlib.suppress(Crash):
            house.desk(core=core, reached=reached).execute(order)
        house.clock.pass_s(PATIENCE_S)
    result = finish(house, order)
    house.core.end_day()
    assert core.debits <= 1
    assert [kept_fen for _, kept_fen in house.posted() if kept_fen] == (
        [result.posted_fen] if result.posted_fen else []
    )
    assert len(house.posted()) <= 1


def _killed_at(folder: Path, step: str, order: DebitOrder) -> None:
    def reached(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    House(folder).desk(reached=reached).execute(order)


@pytest.mark.parametrize("step", ["started", "answered", "closed", "ended"])
def test_a_killed_process_is_taken_over(house: House, step: str) -> None:
    order = order_on("short")
    process = multiprocessing.get_context("spawn").Process(target=_killed_at, args=(house.folder, step, order))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    house.clock.pass_s(PATIENCE_S)
    result = finish(house, order)
    assert result.posted_fen == (0 if step == "started" else 10_000)
    assert sum(kept_fen for _, kept_fen in house.posted()) == result.posted_fen


def _run_all(folder: Path, orders: list[DebitOrder]) -> None:
    desk = House(folder).desk()
    for order in orders:
        desk.execute(order)


def test_two_workers_at_once_post_each_order_once(house: House) -> None:
    orders = [order_on("full", 100 + number, number=number) for number in range(1, 21)]
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_run_all, args=(house.folder, orders)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert sorted(house.posted()) == [(order.order_id, order.amount_fen) for order in orders]


def test_a_second_run_over_a_month_end_and_a_clock_jump_posts_nothing(house: House) -> None:
    orders = [order_on("full", 1_000, number=number) for number in range(1, 6)]
    for order in orders:
        house.desk().execute(order)
    house.core.end_day(date(2026, 12, 1))
    house.clock.pass_s(40 * 86_400)
    for order in orders:
        assert house.desk().execute(order).outcome is Outcome.FULL
    assert len(house.posted()) == 5


def test_a_journal_restored_from_before_the_debit_posts_nothing_again(house: House) -> None:
    order = order_on("full")
    before = house.folder / "journal.sqlite"
    house.desk().execute(order)
    for file in house.folder.glob("journal.sqlite*"):
        file.unlink()
    assert not before.exists()
    assert house.desk().execute(order).posted_fen == 30_000
    assert house.posted() == [(order.order_id, 30_000)]


def test_the_control_total_trips_before_the_second_posting(house: House) -> None:
    """The same money under a second id, as a job that builds its orders twice would send it."""
    house.accepted = {DAY: 30_000}
    house.desk().execute(order_on("full", 30_000, number=1))
    with pytest.raises(ControlTotalExceeded) as trip:
        house.desk().execute(order_on("full", 1, number=2))
    assert trip.value.values["accepted"] == 30_000
    assert house.posted() == [(f"{1:064x}", 30_000)]
    assert SqliteJournal(house.folder / "journal.sqlite").open_lines(10)[0].state is State.PENDING


def test_a_person_gives_up_an_order_before_it_is_sent(house: House) -> None:
    core = CountingCore(house.core)
    order = order_on("full")
    assert house.desk(core=core).give_up(order) == DebitResult(Outcome.FAILED, reason=DebitReason.CORE)
    assert house.desk(core=core).execute(order).posted_fen == 0
    assert (core.debits, house.posted()) == (0, [])


def test_giving_up_too_late_tells_what_was_posted(house: House) -> None:
    order = order_on("unknown_twice")
    house.desk().execute(order)
    assert house.desk().give_up(order) == Waiting(Wait.IN_FLIGHT, 1)
    house.clock.pass_s(PATIENCE_S)
    assert house.desk().give_up(order).posted_fen == 30_000


def test_a_core_that_never_answers_leaves_the_order_accepted(house: House) -> None:
    class Dead:
        def __getattr__(self, name: str) -> object:
            def call(*_: object, **__: object) -> None:
                raise CoreUnavailable

            return call

    order = order_on("full")
    for look_ups in (1, 2):
        assert house.desk(core=Dead()).execute(order) == Waiting(Wait.NO_ANSWER, look_ups)
        house.clock.pass_s(PATIENCE_S)


def test_an_order_id_with_other_content_is_a_conflict(house: House) -> None:
    house.desk().execute(order_on("full", 100))
    with pytest.raises(OrderDiffers):
        house.desk().execute(order_on("full", 101))


def test_an_ended_order_keeps_its_result(house: House) -> None:
    order = order_on("full")
    house.desk().execute(order)
    journal = SqliteJournal(house.folder / "journal.sqlite")
    with pytest.raises(ResultDiffers):
        journal.end(order.order_id, DebitResult(Outcome.FAILED))


def test_nothing_that_is_shown_holds_an_account(house: House) -> None:
    order = order_on("full")
    assert order.account not in repr(order)
    house.desk().execute(order)
    assert order.account.encode() not in b"".join(file.read_bytes() for file in house.folder.iterdir())


def test_the_payment_reference_fits_a_statement() -> None:
    assert payment_reference("ab" * 32) == "ab" * 16
