# SPDX-License-Identifier: Apache-2.0
"""An alliance whose nodes are processes, and the people at its desks, who act on the same folders from outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sqlmodel import Session, col, select

from node.chain.networks import start_network
from node.corebank.accounts import Account
from node.corebank.books import Books
from node.demo.cast import Player
from node.demo.checks import Checks
from node.demo.founding import Alliance, build_consortium, found
from node.demo.hands import PAYEE, accept_one, agree, place
from node.demo.play import Play
from node.demo.recovery import hand_over_evidence
from node.domain.entries import Action, CaseKey, Phase
from node.domain.money import format_yuan
from node.services.audit.verifying import verify_database
from node.services.bank.letters import Verified, letter, reply, verify
from node.services.context import Context
from node.services.office.inquiries import bank_names, draft_request, earlier, take
from node.services.submitting import Review
from node.sheets.fields import Terms
from node.sheets.inquiries import read_inquiries
from node.sheets.samples import BANKS, Sample, make_samples, to_xlsx
from node.store.own_records import OwnInquiry
from node.store.own_work import IntentState, OwnDraft, OwnOutbox
from node.store.projection import ProjectionCase, ProjectionCursor
from tests.system.processes import Daemon, eventually, head_of, let_lapse, start_chain, start_worker

BALANCE_FEN = 50_000_000


@dataclass(slots=True)
class AtWork(Play):
    """A play in which the nodes' own workers follow and send: here nothing is done but to wait for them."""

    def settle(self) -> None:
        writers = self.alliance.writers
        eventually("every intent is carried out", lambda: not any(map(under_way, writers)))
        head = eventually("the chain answers", partial(head_of, self.alliance.auditor))
        eventually("every node has followed", lambda: all(followed(player) >= head for player in writers))


@dataclass(slots=True)
class Town:
    """The chain and the nodes as processes; ``workers`` by organisation."""

    play: AtWork
    chain: Daemon
    workers: dict[int, Daemon] = field(default_factory=dict[int, Daemon])

    @property
    def alliance(self) -> Alliance:
        return self.play.alliance

    @property
    def office(self) -> Player:
        return self.alliance.office

    def bank(self, number: int) -> Player:
        """Bank by number, from 1."""
        return self.alliance.banks[number - 1]

    def worker(self, player: Player) -> Daemon:
        return self.workers[player.org]

    def start(self, *players: Player) -> None:
        """Start the workers of these nodes, all writers where none is named, unless they run."""
        running = {org for org, worker in self.workers.items() if worker.alive}
        wanted = [player for player in players or self.alliance.writers if player.org not in running]
        with ThreadPoolExecutor() as pool:
            for player, worker in zip(wanted, pool.map(start_worker, wanted), strict=True):
                self.workers[player.org] = worker

    def restart_killed(self, player: Player) -> None:
        """Start a worker again without waiting for the lease of the one that was killed."""
        let_lapse(player)
        self.start(player)

    def stop_all(self) -> None:
        for daemon in (*self.workers.values(), self.chain):
            if daemon.alive:
                daemon.kill()

    # -------------------------------------------------------------------------------------------------------- people

    def send_letters(self, name: str, bank: int, count: int, *, wait: bool = True) -> tuple[list[str], Review]:
        """The office imports a file for one bank, which holds all the accounts, and two people send the letters."""
        samples = [
            replace(sample, bank=BANKS[bank - 1], amount=format_yuan(100_000 + number))
            for number, sample in enumerate(make_samples(count, seed=sum(name.encode()) * 1_000 + bank))
        ]
        open_accounts(self.bank(bank), samples)
        inquiries = import_file(self.office.ctx, to_xlsx(samples), f"{name}.xlsx")
        seen = self.play.write(
            self.office, Action.REQUEST, [partial(draft_letter, self.office.ctx, i) for i in inquiries], wait=wait
        )
        stories = [f"{name}-{number}" for number in range(count)]
        with self.office.ctx.store.reading() as session:
            for story, inquiry in zip(stories, inquiries, strict=True):
                row = session.get_one(OwnInquiry, inquiry)
                assert row.case_id is not None
                self.play.inquiries[story] = inquiry
                self.play.cases[story] = CaseKey(row.office, row.case_id)
        return stories, seen

    def wait_for(self, player: Player, stories: Sequence[str], phase: Phase) -> None:
        """Until a node sees all these cases in a phase."""
        keys = [self.play.cases[story] for story in stories]
        eventually(f"{player.part.folder} sees {phase.name}", lambda: phases(player, keys) == {phase})

    def answer(self, bank: Player, stories: Sequence[str]) -> None:
        """Two people at the bank answer what its node has acknowledged."""
        self.wait_for(bank, stories, Phase.ACKNOWLEDGED)
        keys = [self.play.cases[story] for story in stories]
        with bank.ctx.store.reading() as session:
            requests = [letter(bank.ctx, session, key) for key in keys]
        answers = zip(keys, [verify(bank.ctx, request) for request in requests], strict=True)
        self.play.write(bank, Action.REPLY, [partial(draft_reply, bank.ctx, key, said) for key, said in answers])
        self.wait_for(self.office, stories, Phase.REPLIED)

    def order(self, stories: Sequence[str]) -> None:
        """Consents with their scans, the scans handed over, and the orders."""
        self.play.write(self.office, Action.CONSENT, [partial(agree, self.play, s, PAYEE) for s in stories])
        assert hand_over_evidence(self.play, stories) == len(stories)
        self.play.write(self.office, Action.ORDER, [partial(place, self.play, story) for story in stories])

    def order_at(self, number: int, name: str, count: int) -> list[str]:
        """Open orders at a bank, from the letter on; the workers run."""
        stories, _ = self.send_letters(name, number, count)
        self.answer(self.bank(number), stories)
        self.order(stories)
        return stories

    def accept(self, bank: Player, stories: Sequence[str]) -> None:
        """Two people at the bank accept; what comes after is its node's business."""
        drafts = [partial(accept_one, bank, self.play, story) for story in stories]
        self.play.write(bank, Action.ACCEPT, drafts, wait=False)

    # ----------------------------------------------------------------------------------------------------- what holds

    def reported(self, story: str) -> bool:
        """Whether the office sees how the last order of a case has ended."""
        case = self.play.case(story)
        return bool(case.orders) and case.opened is None

    def wait_for_debits(self, stories: Sequence[str], within_s: float = 240.0) -> None:
        """Until every order is reported: after a crash the desk looks a minute later at the earliest."""
        eventually("all reported", lambda: all(map(self.reported, stories)), within_s)

    def check_money(self, bank: Player, stories: Sequence[str]) -> None:
        """What is claimed was taken, once; each order has one posting of what was reported, or none for 0."""
        core = bank.runtime.corebank
        assert core is not None
        postings = [(p.order_id, p.posted_fen, p.kept_fen) for p in core.books.postings()]
        for story in stories:
            case = self.play.case(story)
            assert case.net_fen == case.claim_fen > 0
            for order in case.orders:
                reported = [d.amount_fen for d in case.debits if d.order == order.hash]
                key = bytes.hex(order.hash)
                assert [p for p in postings if p[0] == key] == [(key, fen, fen) for fen in reported]
            assert BALANCE_FEN - balance_fen(core.books, bytes.hex(case.debits[0].order)) == case.claim_fen

    def check_audit(self, lost: Sequence[str] = ()) -> None:
        """The chain replays without a finding, and every writer's database agrees with it.

        ``lost``: orders whose debit a bank's own books have lost; the audit names just these.
        """
        ledger = self.alliance.auditor.runtime.auditing()
        named: list[tuple[str, str, str]] = []
        for player in self.alliance.writers:
            verdict = verify_database(ledger, f"sqlite:///{player.runtime.home / 'node.db'}")
            assert list(verdict.replay.findings) == []
            assert not verdict.replay.refusals  # nothing was presented a second time, to be refused
            named += [(found.table, found.key, found.field) for found in verdict.differences]
        assert sorted(named) == [("own_posting", order, "debited_fen") for order in sorted(lost)]


@contextmanager
def at_work(root: Path) -> Iterator[Town]:
    """Found an alliance, keep its homes, and serve its chain from a process; no worker runs yet."""
    network = start_network("embedded", root / "chain")
    alliance: Alliance | None = None
    town: Town | None = None
    try:
        alliance = found(root, network, "en")
        checks = Checks()
        build_consortium(alliance, checks, lambda *_, **__: None)
        assert checks.ok
        network.stop()
        town = Town(AtWork(alliance, Checks(), lambda *_, **__: None), start_chain(root / "chain"))
        yield town
    finally:
        if town is not None:
            town.stop_all()
        else:
            network.stop()
        for player in alliance.everyone if alliance else ():
            with suppress(OSError):
                player.runtime.close()


def open_accounts(bank: Player, samples: Sequence[Sample]) -> None:
    """The bank's core system holds these people's accounts, with money enough."""
    core = bank.runtime.corebank
    assert core is not None
    core.books.load(Account(s.account, s.name, s.id_number, balance_fen=BALANCE_FEN) for s in samples)


def balance_fen(books: Books, order: str) -> int:
    """What is left on the account that an order was taken from."""
    wanted = "SELECT a.balance_fen FROM account a JOIN orders o ON o.account = a.digest WHERE o.order_id = ?"
    with books.read() as connection:
        return int(connection.execute(wanted, (order,)).fetchone()[0])


def import_file(ctx: Context, data: bytes, name: str) -> tuple[str, ...]:
    with ctx.store.reading() as session:
        terms = Terms(bank_names(ctx, session), ctx.today(), ctx.made_up_ids)
        rows = read_inquiries(data, terms, earlier=partial(earlier, ctx, session))
    with ctx.store.writing() as session:
        return take(ctx, session, rows, data, name).inquiries


def draft_letter(ctx: Context, inquiry: str, session: Session) -> OwnDraft:
    return draft_request(ctx, session, inquiry)


def draft_reply(ctx: Context, key: CaseKey, said: Verified, session: Session) -> OwnDraft:
    return reply(ctx, session, key, said)


def under_way(player: Player) -> bool:
    """Whether a node has an intent that is not carried out."""
    open_states = (IntentState.OPEN.value, IntentState.WAITING.value)
    with player.ctx.store.reading() as session:
        wanted = select(OwnOutbox.id).where(col(OwnOutbox.state).in_(open_states))
        return session.exec(wanted).first() is not None


def followed(player: Player) -> int:
    """Up to which block a node has followed."""
    with player.ctx.store.reading() as session:
        cursor = session.get(ProjectionCursor, 1)
        return -1 if cursor is None else cursor.number


def phases(player: Player, keys: Sequence[CaseKey]) -> set[Phase | None]:
    """In which phases a node sees these cases; None is one that it has not seen."""
    with player.ctx.store.reading() as session:
        rows = [session.get(ProjectionCase, (key.office, key.case_id)) for key in keys]
        return {None if row is None else Phase(row.phase) for row in rows}
