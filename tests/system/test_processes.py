# SPDX-License-Identifier: Apache-2.0
"""Nodes as processes of their own beside a chain that is one too: what they do by themselves, and what they survive."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Event, Timer
from typing import cast
from urllib.parse import urlsplit

import pytest
from sqlalchemy import and_
from sqlmodel import col, func, select

from node.chain.failures import ChainUnreachable
from node.corebank.port import DebitResult
from node.demo.cast import Player, settle
from node.demo.hands import place
from node.domain.entries import Action, Phase
from node.jobs import House, Worker
from node.ledger.follower import Follower, Report
from node.services.bank.chores import debit_accepted
from node.store.own_work import (
    DraftState,
    OwnDraft,
    OwnEntry,
    OwnOutbox,
    OwnSubmission,
    OwnTransaction,
    SubmissionState,
)
from node.store.projection import (
    ProjectionBlock,
    ProjectionCase,
    ProjectionChunk,
    ProjectionEntry,
    ProjectionSubmission,
)
from tests.system.processes import Daemon, eventually, lease_of, let_lapse, start_chain
from tests.system.town import Town, at_work, followed


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with at_work(tmp_path_factory.mktemp("processes")) as town:
        yield town


@pytest.fixture
def town(world: Town) -> Town:
    """The town with every worker running, whatever the test before it left."""
    if not world.chain.alive:
        world.chain = start_chain(world.alliance.root / "chain")
    for player in world.alliance.writers:
        if player.org in world.workers and not world.worker(player).alive:
            let_lapse(player)
    world.start()
    return world


def test_letters_are_acknowledged_and_an_accepted_order_is_debited_and_reported_by_the_nodes_themselves(
    town: Town,
) -> None:
    first, _ = town.send_letters("first", 1, 3)
    second, _ = town.send_letters("second", 2, 2)
    town.wait_for(town.office, [*first, *second], Phase.ACKNOWLEDGED)
    town.answer(town.bank(1), first)
    town.answer(town.bank(2), second)
    town.order([*first, *second])
    for bank, stories in ((town.bank(1), first), (town.bank(2), second)):
        town.accept(bank, stories)
    town.wait_for_debits([*first, *second])
    town.play.settle()
    for bank, stories in ((town.bank(1), first), (town.bank(2), second)):
        town.check_money(bank, stories)
        assert reported_by(bank, town.play.cases[stories[0]].case_id) == ["service", "service"]
    town.check_audit()


def reported_by(bank: Player, case_id: bytes) -> list[str]:
    """Who signed the ACKNOWLEDGE and the DEBIT of a case."""
    service = bank.ctx.officers[bank.ctx.service_officer]
    chunk, entry = ProjectionChunk, ProjectionEntry
    with bank.ctx.store.reading() as session:
        joined = select(chunk.maker, chunk.checker).join(
            entry, and_(col(entry.org) == chunk.org, col(entry.root) == chunk.root)
        )
        wanted = joined.where(entry.case_id == case_id, col(entry.action).in_((Action.ACKNOWLEDGE, Action.DEBIT)))
        return ["service" if signed == (service, "") else "people" for signed in session.exec(wanted)]


def test_run_ends_when_it_is_told_to_and_leaves_the_place_to_the_next(town: Town) -> None:
    bank = town.bank(3)
    worker = town.worker(bank)
    assert worker.end() == 0, worker.said()
    assert worker.json()["block"] == followed(bank)
    assert "Traceback" not in worker.said()
    until = lease_of(bank).until
    assert until is not None
    assert until <= bank.runtime.clock.now()
    town.start(bank)


def test_a_second_worker_is_refused_until_the_lease_of_a_killed_one_has_run_out(town: Town) -> None:
    bank = town.bank(3)
    first = town.worker(bank)
    second = Daemon.start(bank.runtime.home, "run")
    assert second.failed() == (1, "worker_elsewhere")
    assert first.alive
    first.kill()
    left = lease_of(bank)
    town.start(bank)
    assert left.until is not None
    assert left.until <= bank.runtime.clock.now()
    assert lease_of(bank).fence == left.fence + 1


def test_run_without_the_passphrase_says_so(town: Town, tmp_path: Path) -> None:
    home = town.office.runtime.home
    for_all, wrong = tmp_path / "for-all", tmp_path / "wrong"
    for_all.write_bytes((home / "passphrase").read_bytes())
    for_all.chmod(0o644)
    wrong.touch(mode=0o600)
    wrong.write_text("another one\n")
    started = {
        "passphrase_needed": Daemon.start(home, "run", ALLIANCE_PASSPHRASE_FILE=""),
        "passphrase_missing": Daemon.start(home, "run", "--passphrase-file", str(tmp_path / "none")),
        "passphrase_readable": Daemon.start(home, "run", "--passphrase-file", str(for_all)),
        "wrong_passphrase": Daemon.start(home, "run", "--passphrase-file", str(wrong)),
    }
    assert [daemon.failed() for daemon in started.values()] == [(1, code) for code in started]


@pytest.mark.long
def test_a_bank_killed_between_acceptance_and_report_debits_every_order_once(town: Town) -> None:
    kills, each = 6, 4
    chance = random.Random(20_261_124)
    bank = town.bank(1)
    stories = town.order_at(1, "killed", kills * each)
    orders = {story: ordered(town, story) for story in stories}
    for kill in range(kills):
        group = stories[kill * each : (kill + 1) * each]
        town.accept(bank, group)
        begun = chance.randint(0, each)
        eventually(
            "the bank is at work on them",
            lambda group=group, begun=begun: (
                debits_begun(bank, [orders[s] for s in group]) >= begun if begun else accepted(town, bank, group[0])
            ),
        )
        time.sleep(chance.uniform(0.0, 0.3))
        town.worker(bank).kill()
        town.restart_killed(bank)
    town.wait_for_debits(stories)
    town.play.settle()
    # what may have been sent is never sent again: where the core bank had not heard of it, it ended with 0
    again = [story for story in stories if not town.play.case(story).net_fen]
    if again:
        town.play.write(town.office, Action.ORDER, [partial(place, town.play, story) for story in again])
        town.accept(bank, again)
        town.wait_for_debits(again)
        town.play.settle()
    town.check_money(bank, stories)
    town.check_audit()
    assert left_over(bank) == []


def accepted(town: Town, bank: Player, story: str) -> bool:
    case = town.play.case(story, bank)
    return case.accepted or bool(case.debits)


def ordered(town: Town, story: str) -> str:
    """The id under which the core bank will know the open order of a case."""
    order = town.play.case(story).opened
    assert order is not None
    return bytes.hex(order.hash)


def debits_begun(bank: Player, orders: Sequence[str]) -> int:
    """How many of these orders the bank's desk has handed to the core bank."""
    with closing(sqlite3.connect(bank.runtime.home / "debits.db", timeout=30)) as journal:
        begun = {order for (order,) in journal.execute("SELECT order_id FROM debit WHERE state <> 'pending'")}
    return len(begun & set(orders))


def left_over(player: Player) -> list[str]:
    """Drafts that nobody has carried to an end."""
    ended = (DraftState.RECORDED.value, DraftState.DROPPED.value)
    with player.ctx.store.reading() as session:
        rows = session.exec(select(OwnDraft).where(col(OwnDraft.state).not_in(ended)))
        return [f"{Action(row.action).name} {row.state} {row.rule} {row.note}" for row in rows]


@pytest.mark.long
def test_an_office_killed_with_an_import_in_its_outbox_presents_every_letter_once(town: Town) -> None:
    count, office = 300, town.office
    stories, seen = town.send_letters("many", 2, count, wait=False)
    root = seen.submission.root
    eventually("a transaction is stored", lambda: stored(office, root) > 0)
    town.worker(office).kill()
    town.restart_killed(office)
    eventually("some are recorded", lambda: presented(office, root))
    town.worker(office).kill()
    town.restart_killed(office)
    eventually("the submission is finished", lambda: state_of(office, root) == SubmissionState.RECORDED)
    assert presented(office, root) == list(range(count))
    with office.ctx.store.reading() as session:
        submission = session.get_one(ProjectionSubmission, (office.org, root))
        outcomes = session.exec(select(OwnEntry.outcome).where(OwnEntry.root == root)).all()
    assert (submission.next_place, submission.taken_count, submission.refused_count) == (count, count, 0)
    assert list(outcomes) == [0] * count
    town.wait_for(office, stories, Phase.ACKNOWLEDGED)
    town.play.settle()
    town.check_audit()
    assert left_over(office) == []


def stored(player: Player, root: bytes) -> int:
    """How many transactions of a submission are signed and stored."""
    with player.ctx.store.reading() as session:
        joined = select(func.count()).select_from(OwnTransaction).join(OwnOutbox)
        return session.exec(joined.where(OwnOutbox.root == root)).one()


def presented(player: Player, root: bytes) -> list[int]:
    """The places of a submission that stand in the log, as often as they do."""
    with player.ctx.store.reading() as session:
        chunks = session.exec(select(ProjectionChunk).where(ProjectionChunk.root == root)).all()
    return sorted(place for chunk in chunks for place in range(chunk.place, chunk.place + chunk.number))


def state_of(player: Player, root: bytes) -> str:
    with player.ctx.store.reading() as session:
        return session.get_one(OwnSubmission, (player.org, root)).state


@pytest.mark.long
def test_nodes_carry_on_when_a_killed_chain_is_back(town: Town) -> None:
    office, workers = town.office, dict(town.workers)
    stories, seen = town.send_letters("cut", 1, 100, wait=False)
    eventually("a transaction is stored", lambda: stored(office, seen.submission.root) > 0)
    town.chain.kill()
    eventually("the office tells that the chain is away", lambda: told_away(town.worker(office)))
    bank = town.bank(3)
    assert workers[bank.org].end() == 0  # whatever it is waiting for
    town.start(bank)  # and one that begins while the chain is away waits for it
    workers = dict(town.workers)
    town.chain = start_chain(town.alliance.root / "chain")
    town.wait_for(office, stories, Phase.ACKNOWLEDGED)
    assert all(worker.alive for worker in workers.values())
    assert [worker.end() for worker in workers.values()] == [0] * len(workers)
    town.start()  # the checks at the start hold
    town.play.settle()
    town.check_audit()


def told_away(worker: Daemon) -> bool:
    """Nothing answers, or so often that it is not even asked for a while."""
    return "cannot be reached" in worker.said() or "failed several times" in worker.said()


@pytest.mark.long
def test_another_chain_with_the_same_id_is_refused_and_changes_nothing(town: Town) -> None:
    town.play.settle()
    writers, root = town.alliance.writers, town.alliance.root
    before = [everything(player) for player in writers]
    url = urlsplit(town.office.runtime.settings.chain_url)
    assert town.chain.end() == 0
    other = start_chain(root / "other", "--port", str(url.port))
    assert other.json()["chain_id"] == town.office.runtime.deployment.chain_id
    for player in writers:
        assert town.worker(player).failed() == (3, "finality_broken")
    started = [Daemon.start(player.runtime.home, "run") for player in writers]
    assert [daemon.failed() for daemon in started] == [(1, "chain_genesis_differs")] * len(writers)
    assert [everything(player) for player in writers] == before
    assert other.end() == 0
    town.chain = start_chain(root / "chain")
    town.start()
    stories, _ = town.send_letters("after", 3, 1)
    town.wait_for(town.office, stories, Phase.ACKNOWLEDGED)
    town.play.settle()
    town.check_audit()


def everything(player: Player) -> tuple[int, int, int]:
    """How much a node has of the chain: blocks, entries, cases."""
    with player.ctx.store.reading() as session:
        tables = (ProjectionBlock, ProjectionEntry, ProjectionCase)
        blocks, entries, cases = (session.exec(select(func.count()).select_from(table)).one() for table in tables)
    return blocks, entries, cases


@pytest.mark.long
def test_a_bank_with_yesterdays_database_debits_nothing_twice(town: Town, tmp_path: Path) -> None:
    bank = town.bank(2)
    stories = town.order_at(2, "restored", 4)
    orders = [ordered(town, story) for story in stories]
    assert town.worker(bank).end() == 0
    town.accept(bank, stories)
    settle([bank])  # accepted for good, and no money has moved
    new, _ = town.send_letters("new", 2, 2, wait=False)
    town.wait_for(town.office, new, Phase.REQUESTED)
    settle([bank])  # letters have come that are not acknowledged
    yesterday, now = tmp_path / "yesterday.db", bank.runtime.home / "node.db"
    copy(now, yesterday)

    done = debit_accepted(bank.ctx, bank.runtime.desk, limit=2)  # debited, and the reports are in this database alone
    assert [isinstance(result, DebitResult) for _, result in done] == [True, True]
    copy(yesterday, now)
    town.restart_killed(bank)
    town.wait_for_debits(stories)
    town.wait_for(town.office, new, Phase.ACKNOWLEDGED)
    town.check_money(bank, stories)

    assert town.worker(bank).end() == 0
    copy(yesterday, now)  # now the ledger knows what this database does not
    assert work_unread(bank) == 0
    town.restart_killed(bank)
    town.play.settle()
    more, _ = town.send_letters("later", 2, 1)
    town.wait_for(town.office, more, Phase.ACKNOWLEDGED)
    town.play.settle()
    town.check_money(bank, stories)
    town.check_audit(lost=orders)


def work_unread(bank: Player, wakes_s: float = 2.5) -> int:
    """How much a bank's worker queues while the chain does not answer, and its database may be old."""

    class Away:
        def step(self) -> Report:
            raise ChainUnreachable(host="", cause="")

    with bank.ctx.store.reading() as session:
        before = session.exec(select(func.count()).select_from(OwnOutbox)).one()
    house = House(bank.ctx, cast("Follower", Away()), None, bank.runtime.desk, 0.1)
    stop = Event()
    timer = Timer(wakes_s, stop.set)
    timer.start()
    assert Worker(house, lambda *_: None).run(stop)
    timer.join()
    with bank.ctx.store.reading() as session:
        return session.exec(select(func.count()).select_from(OwnOutbox)).one() - before


def copy(source: Path, target: Path) -> None:
    """A database as of now, over whatever is there."""
    with closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(target)) as to:
        from_.backup(to)
