# SPDX-License-Identifier: Apache-2.0
"""A member who may write, and writes whatever the contracts take: followers go on, and the audit finds nothing wrong.

The real contracts on the embedded chain; everything is signed by people who may sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from node.audit.replay import Replay, replay_chain
from node.audit.rows import TABLES
from node.audit.verify import verify_rows
from node.audit.views import ChainViews, compare_views
from node.chain.adapter import ChainAdapter
from node.chain.connection import Connection
from node.chain.deployment import Deployment, deploy
from node.chain.networks import Network, start_network
from node.chain.sender import Sender
from node.crypto.merkle import Tree
from node.crypto.records import pack_records
from node.crypto.typed import entry_hash, ledger_domain, registry_domain, submission_digest
from node.domain.case_json import case_from_json
from node.domain.digest import keccak
from node.domain.entries import MAX_FEN, Action, CaseKey, Chunk, Entry, OrgRole, Permission, SignRole, Submission
from node.domain.transitions import ActKind, Rule, table
from node.ledger.compose import Composed, compose
from node.ledger.follower import Follower
from node.ledger.rebuild import fingerprint, rebuild
from node.ledger.totals import totals
from node.services.audit.database import open_database_copy
from node.store.database import Store
from node.store.projection import ProjectionCase, ProjectionRefusal
from tests.ledger.world import CARRIER, FOREVER, FOUNDERS, House, World, house, key

HUGE = 2**64 - 1
LATEST = 2**40 - 1


class Hostile(World):
    """A world on the real contracts, whose members present entries, chunks and acts as they please."""

    network: Network
    store: Store

    def raw(
        self,
        who: House,
        entries: list[Entry],
        *,
        action: int | None = None,
        sizes: tuple[int, ...] = (),
        wraps: bytes = b"",
        valid_until: int = HUGE,
        checkers: tuple[Any, ...] = (),
    ) -> Composed:
        """One submission, its chunks sent without waiting, so that they may stand in one block."""
        code = entries[0].action if action is None else action
        composed = compose(self.ledger.id, [replace(e, action=code) for e in entries], wraps, valid_until)
        tree, place, sent = Tree(composed.hashes), 0, list[tuple[bytes, bytes]]()
        nonce = self.chain.nonce(who.sender.address)
        for number, size in enumerate(sizes or [len(entries)]):
            second = checkers[number] if checkers else who.checker
            maker, checker = (
                signer.sign_digest(submission_digest(self.domain, composed.submission, role))
                for signer, role in ((who.maker, SignRole.MAKER), (second, SignRole.CHECKER))
            )
            packed = pack_records(composed.entries[place : place + size])
            carried = b"" if place else composed.wraps
            chunk = Chunk(place, size, maker, checker, tree.range_proof(place, size), carried, packed)
            sent.append(self.chain.sign_present(who.sender, nonce + number, composed.submission, chunk))
            place += size
        self.carry(sent)
        return composed

    def present(self, who: House, composed: Composed, chunk: Chunk) -> None:
        nonce = self.chain.nonce(who.sender.address)
        self.carry([self.chain.sign_present(who.sender, nonce, composed.submission, chunk)])

    def carry(self, sent: list[tuple[bytes, bytes]]) -> None:
        """Hand all over, then wait for all: they may come to stand in one block."""
        for _, raw in sent:
            self.chain.send_raw(raw)
        for tx, raw in sent:
            self._wait(tx)
            assert self.chain.mined(tx), self.chain.revert_reason(raw)

    def replay(self) -> Replay:
        return replay_chain(self.chain, self.deployment)


@pytest.fixture
def world(tmp_path: Path, new_store: Callable[[], Store]) -> Iterator[Hostile]:
    network = start_network("embedded", tmp_path / "chain")
    connection = Connection(network.url)
    for signer in (CARRIER, *(s for n in (3, 4, 5, 6) for s in (house(n).sender, house(n).stop_sender))):
        network.fund(signer.address)
    at: Deployment = deploy(connection, CARRIER, keccak(b"registry"), keccak(b"ledger"), 2, FOUNDERS)
    registry = registry_domain(at.chain_id, at.registry.address), at.registry.id
    domain, chain = ledger_domain(at.chain_id, at.ledger.address), ChainAdapter(connection, at, network.finality)
    store = new_store()

    def case(key: CaseKey):  # type: ignore[no-untyped-def]
        Follower(store, chain, world.ledger, domain).catch_up()
        with store.reading() as session:
            return case_from_json(session.get_one(ProjectionCase, (key.office, key.case_id)).state)

    world = Hostile(chain, domain, registry, case, Sender(connection, at.chain_id).wait)
    world.deployment, world.connection, world.store, world.network = at, connection, store, network
    yield world
    connection.close()
    network.stop()


@pytest.fixture(autouse=True)
def everybody_goes_on(world: Hostile, new_store: Callable[[], Store]) -> Iterator[None]:
    """After each test: a follower from the start and the one that was there agree, and the audit finds nothing."""
    yield
    Follower(world.store, world.chain, world.ledger, world.domain).catch_up()
    fresh = new_store()
    follower = Follower(fresh, world.chain, world.ledger, world.domain, world.deployment.block, batch_blocks=7)
    follower.catch_up()
    prints = _prints(fresh)
    older = {k: v for k, v in _prints(world.store).items() if k != "projection_block"}
    assert older == {k: v for k, v in prints.items() if k != "projection_block"}
    rebuild(fresh, follower)
    assert _prints(fresh) == prints
    with fresh.reading() as session:
        sums = {org: s.figures() for org, s in totals(session).items()}
    replayed = world.replay()
    assert replayed.findings == ()
    assert {org: book.figures() for org, book in replayed.books.items()} == sums
    assert replayed.last is not None
    assert list(compare_views(replayed, ChainViews(world.connection, world.deployment, replayed.last.number))) == []
    fresh.checkpoint()
    with open_database_copy(str(fresh.engine.url)) as copy:
        assert list(verify_rows(replayed, copy.rows(TABLES), TABLES)) == []


def _prints(store: Store) -> dict[str, str]:
    with store.reading() as session:
        return fingerprint(session)


def rules(world: Hostile, composed: Composed) -> list[int]:
    """What became of each entry, as the follower has it."""
    follower = Follower(world.store, world.chain, world.ledger, world.domain)
    follower.catch_up()
    with world.store.reading() as session:
        of_it = (ProjectionRefusal.root == composed.submission.root,)
        found = {r.place: r.rule for r in session.exec(select(ProjectionRefusal).where(*of_it))}
    return [found.get(place, 0) for place in range(composed.submission.count)]


def test_an_action_that_there_is_not(world: Hostile) -> None:
    for action in (0, 16, 255):
        entries = [world.request(), world.request()]
        assert rules(world, world.raw(world.office, entries, action=action, sizes=(1, 1))) == [Rule.ACTION] * 2


def test_every_field_at_its_largest(world: Hostile) -> None:
    everything = {
        "recipient": 65_535,
        "head": b"\xff" * 32,
        "target": b"\xff" * 32,
        "consent": b"\xff" * 32,
        "amount_fen": HUGE // 16,
        "claim_fen": HUGE,
        "not_before": LATEST,
        "expires_at": LATEST,
        "due_at": LATEST,
        "fund_account": 65_535,
        "debitable": 255,
        "in_parts": 255,
        "office": 65_535,
        "commitment": b"\xff" * 32,
    }
    case = world.case_key()
    for action in Action:
        by = world.office if OrgRole.OFFICE in _by(action) else world.bank
        entry = world.entry(action, by, case, **everything)
        assert rules(world, world.raw(by, [entry])) == [Rule.FIELDS]
    due = world.entry(Action.REQUEST, world.office, case, recipient=world.bank.id, due_at=LATEST)
    assert rules(world, world.raw(world.office, [due])) == [0]
    assert world.case(case).due_at == LATEST


def _by(action: Action) -> frozenset[OrgRole]:
    return table().actions[action].by


def test_amounts_above_every_bound(world: Hostile) -> None:
    case = _replied(world)
    for fen, claim in ((HUGE, HUGE), (MAX_FEN + 1, MAX_FEN), (MAX_FEN, MAX_FEN + 1), (0, 1), (1, 0)):
        entry = replace(world.consent(case, 1), amount_fen=fen, claim_fen=claim)
        assert rules(world, world.raw(world.office, [entry])) == [Rule.AMOUNT_RANGE]
    forever = {"not_before": 0, "expires_at": LATEST}
    entry = replace(world.consent(case, MAX_FEN), **forever)
    assert rules(world, world.raw(world.office, [entry])) == [0]
    assert rules(world, world.raw(world.office, [world.order(case, MAX_FEN)])) == [Rule.ORDER_LIMIT]


def test_ciphertexts_of_every_size(world: Hostile) -> None:
    sizes = (0, 1, 315, 316, 317, 616, 1_216, 2_416, 4_816, 4_817, 20_000)
    entries = [replace(world.request(), sealed=bytes(size)) for size in sizes]
    expected = [0 if size in (316, 616, 1_216, 2_416, 4_816) else int(Rule.PAYLOAD_SIZE) for size in sizes]
    assert rules(world, world.raw(world.office, entries, wraps=b"\xff" * 3)) == expected


def test_the_same_entry_again_and_again(world: Hostile) -> None:
    entry = world.request()
    assert rules(world, _composed_of_equals(world, [entry, entry, entry])) == [0, Rule.CASE, Rule.CASE]
    assert rules(world, world.raw(world.office, [entry])) == [Rule.CASE]


def _composed_of_equals(world: Hostile, entries: list[Entry]) -> Composed:
    """Our own compose refuses equal entries; a hostile member's does not."""
    hashes = tuple(entry_hash(world.ledger.id, e) for e in entries)
    tree = Tree(hashes)
    first = entries[0]
    submission = Submission(world.ledger.id, first.org, first.action, tree.root, len(entries), 0, keccak(b""), FOREVER)
    who = house(first.org)
    maker, checker = (
        signer.sign_digest(submission_digest(world.domain, submission, role))
        for signer, role in ((who.maker, SignRole.MAKER), (who.checker, SignRole.CHECKER))
    )
    chunk = Chunk(0, len(entries), maker, checker, (), b"", pack_records(entries))
    composed = Composed(submission, tuple(entries), hashes, b"")
    world.present(who, composed, chunk)
    return composed


def test_many_chunks_of_one_case_in_one_block_signed_by_different_officers(world: Hostile) -> None:
    deputy = key("deputy")
    world.act(ActKind.ADD_OFFICER, world.office.id, first=deputy.address, code=Permission.CHECKER)
    case = world.case_key()
    entries = [world.request(case), world.request(case), world.request()]
    checkers = (world.office.checker, deputy, world.office.checker)
    composed = world.raw(world.office, entries, sizes=(1, 1, 1), checkers=checkers)
    assert rules(world, composed) == [0, Rule.CASE, 0]


def test_one_key_in_every_part(world: Hostile) -> None:
    """An officer's address is a sender too, and an ADMIN."""
    maker = world.office.maker
    world.network.fund(maker.address)
    world.act(ActKind.ADD_OFFICER, world.office.id, first=maker.address, code=Permission.MAKER | Permission.ADMIN)
    world.act(ActKind.ADD_SENDER, world.office.id, first=maker.address)
    same = replace(world.office, sender=maker)
    assert rules(world, world.raw(same, [world.request()])) == [0]
    admins = world.office.admins
    world.act(ActKind.REPLACE_ADMINS, world.office.id, first=admins[0].address, second=world.office.checker.address)
    assert rules(world, world.raw(same, [world.request()])) == [0]
    world.network.advance(86_401)
    assert rules(world, world.raw(world.bank, [world.entry(Action.CLOSE, world.bank, world.case_key())])) == [
        Rule.ACTION
    ]
    deputy = replace(world.office, maker=world.office.checker)
    world.act(ActKind.ADD_SENDER, world.bank.id, first="0x" + "11" * 20)
    with pytest.raises(AssertionError, match="NotSender"):
        world.raw(same, [world.request()])
    with pytest.raises(AssertionError, match="NotOfficer"):
        world.raw(world.office, [world.request()])
    with pytest.raises(AssertionError, match="NotOfficer"):
        world.raw(deputy, [world.request()])


NAMES = [
    b"\xff\xfe not text",
    b"\x00",
    "名".encode() * 3_500,
    b"\x1b[2J\x1b[31mroot\n\r\t",
    "\u202eknab".encode(),
    b"x4",  # as the bank
    b"4",
]


def test_names_and_account_texts_that_are_none(world: Hostile) -> None:
    for org, name in enumerate(NAMES, start=6):
        first, second = house(org).admins
        world.act(ActKind.ADMIT, org, code=2, first=first.address, second=second.address, data=name)
        world.act(ActKind.ADD_FUND_ACCOUNT, world.office.id, code=org - 4, data=name)
    assert rules(world, world.raw(world.office, [world.request()])) == [0]


def test_suspended_in_mid_submission_succeeded_and_reinstated(world: Hostile) -> None:
    case = _replied(world)
    composed = world.compose([world.request(), world.request(), world.request()])
    first, second, third = world.chunks(world.office, composed, (1, 1, 1))
    world.present(world.office, composed, first)
    world.act(ActKind.SUSPEND, world.office.id)
    with pytest.raises(AssertionError, match="OrgNotActive"):
        world.present(world.office, composed, second)
    world._admit(house(6), OrgRole.OFFICE)
    heir = replace(house(6))
    world.act(ActKind.NAME_SUCCESSOR, world.office.id, code=6)
    agreed = replace(world.consent(case, 500), org=6)
    assert rules(world, world.raw(heir, [agreed])) == [0]
    world.act(ActKind.ADD_FUND_ACCOUNT, 6, code=1, data=b"fund of six")
    ordered = replace(world.order(case, 200), org=6)
    assert rules(world, world.raw(heir, [ordered])) == [0]
    assert rules(world, world.raw(world.bank, [world.accept(case)])) == [0]
    assert world.case(case).opened.payee == 6
    world.act(ActKind.REINSTATE, world.office.id)
    world.present(world.office, composed, second)
    assert rules(world, world.raw(heir, [replace(world.entry(Action.DISPUTE, world.office, case), org=6)])) == [
        Rule.PARTY
    ]
    world.act(ActKind.SUSPEND_OFFICER, world.office.id, first=world.office.checker.address)
    with pytest.raises(AssertionError, match="NotOfficer"):
        world.present(world.office, composed, third)
    assert rules(world, world.raw(world.bank, [world.debit(case, 150)])) == [0]


def test_paused_and_followed_by_another_ledger(world: Hostile) -> None:
    case = _replied(world)
    world.raw(world.office, [world.consent(case, 500)])
    order = world.order(case, 100)
    world.act(ActKind.PAUSE, 0)
    with pytest.raises(AssertionError, match="Paused"):
        world.raw(world.office, [order])
    assert rules(world, world.raw(world.office, [world.entry(Action.DISPUTE, world.office, case)])) == [0]
    world.act(ActKind.NAME_LEDGER, 0, first=world.domain.address, second="0x" + "22" * 20)
    world.act(ActKind.NAME_LEDGER, 0, first="0x" + "22" * 20, second=world.domain.address)
    assert rules(world, world.raw(world.office, [world.request()])) == [Rule.ACTION]
    world.act(ActKind.RESUME, 0)
    assert rules(world, world.raw(world.office, [world.order(case, 100)])) == [Rule.DISPUTED]


def test_the_last_moment_there_is(world: Hostile) -> None:
    composed = world.raw(world.office, [world.request()], valid_until=HUGE)
    assert rules(world, composed) == [0]
    act = world.act(ActKind.LOWER_LIMITS, world.bank.id, order_limit_fen=1, day_limit_fen=2, valid_until=HUGE)
    assert act.valid_until == HUGE


def _replied(world: Hostile) -> CaseKey:
    case = world.case_key()
    world.raw(world.office, [world.request(case)])
    world.raw(world.bank, [world.reply(case)])
    return case
