# SPDX-License-Identifier: Apache-2.0
"""What keeps a node going: follower and outbox every few moments, and the chores of its house.

APScheduler only wakes; what is due is derived from the rows, so a missed or doubled wake-up changes nothing, and no
job is stored anywhere. Whatever stops a worker between two steps, the next one takes it up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlmodel import select

from node.corebank.desk import DebitDesk
from node.corebank.port import DebitResult
from node.domain.entries import CaseKey
from node.domain.errors import AllianceError, Broken, Conflict, Refused, Unavailable, Value
from node.ledger.follower import Follower
from node.ledger.outbox import Outbox
from node.services import lease
from node.services.bank.chores import acknowledge_by_service, debit_accepted, waiting_for_a_person
from node.services.context import Context, NotAMember, NothingFollowed
from node.store.own_work import OwnTransaction, TransactionState

Tell = Callable[[str, dict[str, Value]], None]
"""A word about what happened: a message's key and its values."""


class StillUnderWay(Unavailable):
    """Not everything has come to rest in the time given. Values: ``seconds``, ``transactions``."""

    code = "still_under_way"


@dataclass(frozen=True, slots=True)
class House:
    """What a worker works with. ``outbox``: None where no sender's key is here; ``desk``: None but at a bank."""

    context: Context
    follower: Follower
    outbox: Outbox | None
    desk: DebitDesk | None
    poll_s: float


@dataclass(slots=True)
class Done:
    """What a worker has done so far. ``waiting``: intent -> what it waits for."""

    block: int = -1
    head: int = -1
    final: int = -1
    sent: int = 0
    recorded: int = 0
    refused: int = 0
    acknowledged: int = 0
    debited: int = 0
    waiting: dict[int, str] = field(default_factory=dict[int, str])


class Worker:
    """The one worker of a node, for as long as it holds the lease."""

    def __init__(self, house: House, tell: Tell) -> None:
        self.done = Done()
        self._house = house
        self._tell = tell
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._held: lease.Lease | None = None
        self._renewed = 0.0
        self._said: dict[str, str] = {}
        self._closed: dict[bytes, AllianceError] = {}  # letters that do not open, by their case's head
        self._jobs = {"chain": threading.Lock(), "chores": threading.Lock(), "lease": threading.Lock()}

    def settle(self, timeout_s: float) -> Done:
        """Work until nothing is under way. Raises StillUnderWay, WorkerElsewhere, and what the chain raises."""
        held = self._take()
        self._held, self._renewed = held, time.monotonic()
        ends = time.monotonic() + timeout_s
        try:
            while True:
                try:
                    busy = self._chain_round() | self._chores_round()
                except Conflict:  # somebody was faster: look again
                    busy = True
                unmined = 0 if busy else self._unmined()
                if not busy and not unmined:
                    return self.done
                if time.monotonic() > ends:
                    raise StillUnderWay(seconds=int(timeout_s), transactions=unmined)
                self._keep_lease()
                if not busy:
                    time.sleep(min(self._house.poll_s, 1.0))
        finally:
            self._held = None
            self._give_back(held)

    def run(self, stop: threading.Event, patience_s: float = 3.5) -> bool:
        """Work until ``stop`` is set or something breaks; gives whether every job has come to its end in time.

        Raises WorkerElsewhere, LeaseLost, Broken, and a Refused of the chain's checks at the start.
        """
        self._stop = stop
        held = self._take()
        self._tell("worker.started", {})
        try:
            scheduler = _scheduler()
            for name, seconds, work in (
                ("chain", self._house.poll_s, self._chain_round),
                ("chores", max(1.0, self._house.poll_s), self._chores_round),
                ("lease", lease.TTL_S / 3, lambda: self._renew(held)),
            ):
                first, job = datetime.now(UTC), (name, work)
                scheduler.add_job(self._wake, "interval", job, seconds=seconds, executor=name, next_run_time=first)
            scheduler.start()
            try:
                stop.wait()
            finally:
                scheduler.shutdown(wait=False)
        finally:
            idle = self._all_idle(patience_s)
            if idle:
                self._give_back(held)
        if self._failure is not None:
            raise self._failure
        return idle

    def _wake(self, name: str, work: Callable[[], object]) -> None:
        """One job, one at a time. What passes is told once; what must not happen stops the worker."""
        with self._jobs[name]:
            if self._stop.is_set():
                return
            try:
                work()
            except Broken as error:
                self._fail(error)
            except lease.LeaseLost as error:
                self._fail(error)
            except Conflict:
                return  # somebody was faster: the next round looks again
            except AllianceError as error:
                if isinstance(error, Refused) and name == "chain" and self.done.head < 0:
                    self._fail(error)  # another chain, or none at all: nothing that waiting mends
                if self._said.get(name) != error.code:
                    self._tell(error.code, error.values)
                self._said[name] = error.code
                return
            except Exception as error:
                self._fail(error)
            if self._said.pop(name, None):
                self._tell("worker.goes_on", {})

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._stop.set()

    def _all_idle(self, patience_s: float) -> bool:
        ends = time.monotonic() + patience_s
        return all(job.acquire(timeout=max(0.0, ends - time.monotonic())) for job in self._jobs.values())

    def _take(self) -> lease.Lease:
        context = self._house.context
        with context.store.writing() as session:
            return lease.take(session, context.clock.now())

    def _give_back(self, held: lease.Lease) -> None:
        context = self._house.context
        with context.store.writing() as session:
            lease.give_back(session, held, context.clock.now())

    def _keep_lease(self) -> None:
        """Without a timer the lease is renewed between two steps of the work."""
        if self._held is not None and time.monotonic() - self._renewed > lease.TTL_S / 3:
            self._renew(self._held)
            self._renewed = time.monotonic()

    def _renew(self, held: lease.Lease) -> None:
        context = self._house.context
        with context.store.writing() as session:
            lease.renew(session, held, context.clock.now())

    def _chain_round(self) -> bool:
        """Follow to the head, then let the outbox look and send; whether anything moved."""
        moved = self._follow()
        if self._house.outbox is None or self._stop.is_set():
            return moved
        pumped = self._house.outbox.pump()
        done = self.done
        done.sent += pumped.sent
        done.recorded += pumped.tally.recorded
        done.refused += pumped.tally.refused
        done.waiting = dict(pumped.tally.waiting)
        if pumped.sent:
            self._tell("worker.sent", {"count": pumped.sent})
        if pumped.tally.refused:
            self._tell("worker.refused", {"count": pumped.tally.refused})
        return moved or bool(pumped.sent or pumped.stored or pumped.tally.done or pumped.tally.ended)

    def _follow(self) -> bool:
        moved = False
        while True:
            report = self._house.follower.step()
            self._keep_lease()
            done = self.done
            moved = moved or bool(report.blocks or report.undone) or report.final > done.final
            done.block, done.head, done.final = report.number, report.head, report.final
            if report.items:
                self._tell("worker.followed", {"block": report.number, "items": report.items})
            if report.behind == 0 or self._stop.is_set():
                return moved

    def _chores_round(self) -> bool:
        """Each chore by itself: what stops one is told, and the other is done all the same."""
        if not 0 <= self.done.head <= self.done.block:
            return False  # a database that was away, or restored, holds work that was done long since
        stopped: list[AllianceError] = []
        moved = False
        for chore in (self._acknowledge, self._debit):
            try:
                moved = chore() or moved
            except (NotAMember, NothingFollowed):
                return moved  # not admitted yet, or nothing read yet
            except Refused as error:
                stopped.append(error)
        if stopped:
            raise stopped[0]
        return moved

    def _acknowledge(self) -> bool:
        letters = acknowledge_by_service(self._house.context, known=self._closed)
        self.done.acknowledged += letters.count
        self._tell_held("worker.held", letters.held)
        if letters.count:
            self._tell("worker.acknowledged", {"count": letters.count})
        return letters.count > 0

    def _debit(self) -> bool:
        context, desk = self._house.context, self._house.desk
        if desk is None:
            return False
        results = debit_accepted(context, desk)
        self._tell_held("worker.person", waiting_for_a_person(context))
        debited = sum(isinstance(result, DebitResult) for _, result in results)
        self.done.debited += debited
        if debited:
            self._tell("worker.debited", {"count": debited})
        return debited > 0

    def _tell_held(self, word: str, cases: Collection[CaseKey]) -> None:
        """What waits for a person is told of once, and again when it is other cases."""
        said = " ".join(sorted(f"{key.office}/{key.case_id.hex()}" for key in cases))
        if cases and self._said.get(word) != said:
            self._tell(word, {"count": len(cases)})
        self._said[word] = said

    def _unmined(self) -> int:
        """Transactions under way that are in no block yet."""
        context = self._house.context
        with context.store.reading() as session:
            live = select(OwnTransaction.tx_hash).where(OwnTransaction.state == TransactionState.LIVE.value)
            hashes = list(session.exec(live))
        return sum(context.chain.mined(tx_hash) is None for tx_hash in hashes)


def _scheduler() -> Any:
    """One thread a job, so that a core bank that hangs does not hold up the follower; nothing is stored."""
    from apscheduler.executors.pool import ThreadPoolExecutor  # pyright: ignore[reportMissingTypeStubs]
    from apscheduler.schedulers.background import BackgroundScheduler  # pyright: ignore[reportMissingTypeStubs]

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # a round that takes longer than its pause is no news
    executors = {name: ThreadPoolExecutor(1) for name in ("chain", "chores", "lease")}
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler: Any = BackgroundScheduler(executors=executors, job_defaults=defaults, timezone=UTC)
    return scheduler
