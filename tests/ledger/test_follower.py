# SPDX-License-Identifier: Apache-2.0
"""The follower: every entry once, whatever the network does, and a stop where the log cannot be true."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from node.chain.failures import ChainTimedOut
from node.crypto.merkle import Tree
from node.crypto.records import pack_records
from node.domain.case_json import case_from_json
from node.domain.entries import Action, CaseKey, Chunk, LedgerEvent, Phase, Presented, SignRole
from node.domain.errors import Unavailable
from node.domain.log import OutcomesDiffer
from node.domain.transitions import ActKind
from node.ledger.follower import CursorMoved, FinalityBroken, Follower, LogOutOfOrder
from node.ledger.projection import LogGap, charged_fen
from node.ledger.rebuild import fingerprint, rebuild
from node.ledger.registry import NotFounded, members_now
from node.ledger.verify import ChunkUnproven
from node.store.database import Store
from node.store.own_records import OwnEvent
from node.store.projection import (
    ProjectionBlock,
    ProjectionCase,
    ProjectionCursor,
    ProjectionEntry,
    ProjectionRefusal,
    ProjectionSealed,
    ProjectionSubmission,
    ProjectionWrap,
)
from tests.ledger.conftest import follow
from tests.ledger.world import FakeWorld


def prints(store: Store) -> dict[str, str]:
    with store.reading() as session:
        return fingerprint(session)


def feed(store: Store) -> list[tuple[int, str, int, int]]:
    """Id, news, action, rule of the whole feed."""
    with store.reading() as session:
        return [(e.id, e.news, e.action, e.rule) for e in session.exec(select(OwnEvent).order_by(OwnEvent.id))]  # type: ignore[arg-type]


def case_row(session: Session, key: CaseKey) -> ProjectionCase:
    return session.get_one(ProjectionCase, (key.office, key.case_id))


NewStore = Callable[[], Store]


def followed(new_store: NewStore, world: FakeWorld) -> dict[str, str]:
    """What another node, new on the same chain, makes of it."""
    store = new_store()
    follow(store, world).catch_up()
    return prints(store)


# ------------------------------------------------------------------------------------------------------- what is kept


def test_cases_stand_as_on_the_chain(store: Store, follower: Follower, world: FakeWorld) -> None:
    keys = world.story()
    report = follower.catch_up()
    assert (report.behind, report.number) == (0, world.chain.head().number)
    with store.reading() as session:
        for key in keys:
            row = case_row(session, key)
            assert case_from_json(row.state) == world.case(key)
            assert (row.phase, row.seq, row.net_fen) == (
                world.case(key).phase,
                world.case(key).seq,
                world.case(key).net_fen,
            )
        assert case_row(session, keys[0]).phase == Phase.CLOSED
        assert case_row(session, keys[1]).office_dispute
        assert session.get_one(ProjectionCursor, 1).taken == world.chain.state.taken
        assert members_now(session) == world.chain.state.members


def test_an_entry_row_tells_all_clear_fields_and_its_ciphertext_stands_apart(
    store: Store, follower: Follower, world: FakeWorld
) -> None:
    composed = world.say(world.office, [world.request()])
    follower.catch_up()
    entry, hashed = composed.entries[0], composed.hashes[0]
    with store.reading() as session:
        row = session.get_one(ProjectionEntry, hashed)
        assert (row.office, row.case_id, row.recipient, row.due_at) == (
            entry.office,
            entry.case_id,
            entry.recipient,
            entry.due_at,
        )
        assert (row.seq, row.place, row.root, row.commitment) == (1, 0, composed.submission.root, entry.commitment)
        assert session.get_one(ProjectionSealed, hashed).sealed == entry.sealed
        assert session.get_one(ProjectionWrap, (entry.org, composed.submission.root)).blob == composed.wraps


def test_a_refusal_is_kept_with_its_rule_and_its_neighbours_stand(
    store: Store, follower: Follower, world: FakeWorld
) -> None:
    composed = world.say(world.office, [world.request(), world.request(to=world.office), world.request()])
    follower.catch_up()
    with store.reading() as session:
        refusal = session.exec(select(ProjectionRefusal)).one()
        assert (refusal.place, refusal.rule, refusal.entry_hash) == (1, 6, composed.hashes[1])
        progress = session.get_one(ProjectionSubmission, (world.office.id, composed.submission.root))
        assert (progress.next_place, progress.taken_count, progress.refused_count) == (3, 2, 1)
        assert len(session.exec(select(ProjectionCase)).all()) == 2


def test_empty_blocks_are_kept_too(store: Store, follower: Follower, world: FakeWorld) -> None:
    world.chain.mine(5)
    follower.catch_up()
    with store.reading() as session:
        numbers = session.exec(select(ProjectionBlock.number).order_by(ProjectionBlock.number)).all()  # type: ignore[arg-type]
    assert list(numbers) == list(range(world.chain.head().number + 1))


def test_the_day_is_charged_as_the_contracts_charge_it(store: Store, follower: Follower, world: FakeWorld) -> None:
    world.story()
    follower.catch_up()
    with store.reading() as session:
        for house in (world.office, world.bank):
            charge = world.chain.state.charges[house.id]
            assert charge.fen > 0
            assert charged_fen(session, house.id, charge.day) == charge.fen
            assert charged_fen(session, house.id, charge.day + 1) == 0


@pytest.mark.parametrize(("blocks", "entries"), [(1, 1), (3, 1), (7, 100), (200, 2_000)])
def test_every_batch_size_gives_the_same_rows(new_store: NewStore, world: FakeWorld, blocks: int, entries: int) -> None:
    world.story()
    store = new_store()
    follow(store, world, batch_blocks=blocks, batch_entries=entries).catch_up()
    assert prints(store) == followed(new_store, world)


def test_a_step_is_bounded(follower: Follower, store: Store, world: FakeWorld) -> None:
    report = follow(store, world, batch_blocks=4).step()
    assert (report.number, report.blocks) == (3, 4)
    assert report.behind == world.chain.head().number - 3


def test_nothing_new_writes_nothing(store: Store, follower: Follower, world: FakeWorld) -> None:
    world.story()
    follower.catch_up()
    before, told = prints(store), feed(store)
    assert follower.step().blocks == 0
    assert (prints(store), feed(store)) == (before, told)


# --------------------------------------------------------------------------------------------------- reorganisations


@pytest.mark.parametrize("depth", [1, 2, 5, 13, 20])
@pytest.mark.parametrize("keep", [True, False])
def test_after_a_reorganisation_the_rows_are_those_of_the_new_chain(
    new_store: NewStore, depth: int, keep: bool
) -> None:
    world = FakeWorld(depth=30)
    world.story()
    store = new_store()
    follower = follow(store, world)
    follower.catch_up()
    world.chain.reorganise(depth, keep=keep)
    follower.catch_up()
    assert prints(store) == followed(new_store, world)


def test_a_reorganisation_takes_back_members_too(store: Store) -> None:
    world = FakeWorld(depth=30)
    follower = follow(store, world)
    world.act(ActKind.SUSPEND_OFFICER, world.office.id, first=world.office.maker.address)
    follower.catch_up()
    world.chain.reorganise(1, keep=False)
    composed = world.say(world.office, [world.request()])  # signed by the maker, who is active again
    follower.catch_up()
    with store.reading() as session:
        assert session.get(ProjectionEntry, composed.hashes[0]) is not None


def test_a_follower_that_starts_behind_the_registry_says_so(store: Store, world: FakeWorld) -> None:
    with pytest.raises(NotFounded):
        follow(store, world, first_block=1).catch_up()


def test_a_network_that_began_anew_is_followed_anew_as_long_as_nothing_was_final(new_store: NewStore) -> None:
    world, anew = FakeWorld(depth=1_000), FakeWorld(depth=1_000)
    world.story()
    anew.chain.reorganise(anew.chain.head().number)
    anew.chain._chain[0] = replace(anew.chain._chain[0], block=replace(anew.chain.block(0), hash=bytes(32)))
    anew.chain._chain[0] = replace(
        anew.chain._chain[0], events=tuple(replace(e, block=anew.chain.block(0)) for e in anew.chain._chain[0].events)
    )
    anew.chain._chain[1] = replace(anew.chain._chain[1], block=replace(anew.chain.block(1), parent=bytes(32)))
    store = new_store()
    follower = follow(store, world)
    follower.catch_up()
    follow(store, anew).catch_up()
    assert prints(store) == followed(new_store, anew)


def test_a_shorter_chain_is_noticed_when_it_differs(store: Store) -> None:
    world = FakeWorld(depth=30)
    world.story()
    follower = follow(store, world)
    follower.catch_up()
    before = world.chain.head().number
    world.chain.reorganise(6, keep=False, longer_by=-3)
    report = follower.catch_up()
    assert report.number == world.chain.head().number == before - 3
    assert report.undone > 0 or feed(store)[-1][1] == "undone"


def test_a_network_node_that_is_behind_is_no_reorganisation(
    store: Store, follower: Follower, world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.story()
    follower.catch_up()
    before = prints(store)
    behind = world.chain.block(world.chain.head().number - 20)
    with monkeypatch.context() as patch:
        patch.setattr(world.chain, "head", lambda: behind)
        patch.setattr(world.chain, "final_number", lambda: behind.number)
        report = follower.step()
    assert (report.undone, report.behind) == (0, 0)
    assert prints(store) == before


def test_a_final_block_that_is_replaced_stops_the_node(store: Store) -> None:
    world = FakeWorld(depth=3)
    world.story()
    follower = follow(store, world)
    follower.catch_up()
    before = prints(store)
    world.chain.reorganise(5)
    with pytest.raises(FinalityBroken):
        follower.step()
    assert prints(store) == before


def test_another_chain_that_is_not_even_as_long_as_ours_was_when_it_began_stops_the_node(
    store: Store, world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.story()
    follow(store, world).catch_up()
    before = prints(store)
    follower = follow(store, world, first_block=1)
    other = replace(world.chain.block(0), hash=b"\x07" * 32)
    monkeypatch.setattr(world.chain, "head", lambda: other)
    monkeypatch.setattr(world.chain, "final_number", lambda: 0)
    with pytest.raises(FinalityBroken):
        follower.step()
    assert prints(store) == before


def test_blocks_replaced_while_they_are_read_are_not_mixed(new_store: NewStore) -> None:
    world = FakeWorld(depth=30)
    world.story()
    reorganised = False

    def midway(point: str) -> None:
        nonlocal reorganised
        if point == "follower.read" and not reorganised:
            reorganised = True
            world.chain.reorganise(5)

    store = new_store()
    follower = follow(store, world, probe=midway)
    follower.catch_up()
    follower.catch_up()
    assert prints(store) == followed(new_store, world)


def test_blocks_replaced_between_two_questions_are_not_mixed(new_store: NewStore) -> None:
    world = FakeWorld(depth=30)
    world.story()
    store = new_store()
    follow(store, world).catch_up()
    world.say(world.office, [world.request()])

    class Moves(Tampered):
        def events(self, first: int, last: int):  # type: ignore[no-untyped-def]
            world.chain.reorganise(6)
            return world.chain.events(first, last)

    Follower(store, Moves(world, None), world.ledger, world.domain).step()  # type: ignore[arg-type]
    follow(store, world).catch_up()
    assert prints(store) == followed(new_store, world)


# -------------------------------------------------------------------------------------------------------- interruptions

POINTS = [
    "read",
    "rewind",
    "rewound",
    "rows",
    "before_commit",
    "committed",
]


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_between_any_two_steps_leaves_the_same_rows(new_store: NewStore, point: str) -> None:
    world = FakeWorld(depth=30)
    hits = 0

    def crash(at: str) -> None:
        nonlocal hits
        if at == f"follower.{point}":
            hits += 1
            if hits % 2:  # every second time it gets through
                raise Crash

    store = new_store()

    def run() -> None:
        for _ in range(200):
            try:
                # a new process each time: nothing but the database is carried over
                if follow(store, world, batch_blocks=5, probe=crash).step().behind == 0:
                    return
            except Crash:
                continue
        raise AssertionError("never caught up")

    world.story()
    run()
    world.chain.reorganise(7)
    run()
    assert hits > 0
    assert prints(store) == followed(new_store, world)
    ids = [i for i, *_ in feed(store)]
    assert ids == list(range(1, len(ids) + 1))


def test_a_second_follower_on_one_database_is_noticed(new_store: NewStore, store: Store, world: FakeWorld) -> None:
    world.story()
    other = follow(store, world, batch_blocks=3)

    def overtaken(point: str) -> None:
        if point == "follower.read":
            other.step()

    first = follow(store, world, batch_blocks=5, probe=overtaken)
    with pytest.raises(CursorMoved):
        first.step()
    with pytest.raises(CursorMoved):
        first.step()
    follow(store, world).catch_up()
    assert prints(store) == followed(new_store, world)


def test_an_answer_that_does_not_come_changes_nothing(store: Store, follower: Follower, world: FakeWorld) -> None:
    world.story()
    for method in ("head", "final_number", "events"):
        world.chain.fail(method, ChainTimedOut(host="fake", method=method, timeout_s=1))
        with pytest.raises(Unavailable):
            follower.step()
    with store.reading() as session:
        assert session.get(ProjectionCursor, 1) is None
    assert follower.catch_up().behind == 0


# ------------------------------------------------------------------------------------------------------ a log that lies


def test_a_hidden_chunk_is_found_by_the_global_count(store: Store, follower: Follower, world: FakeWorld) -> None:
    hidden = world.say(world.office, [world.request()])
    world.say(world.office, [world.request()])
    world.chain.hide(lambda e: isinstance(e, Presented) and e.submission.root == hidden.submission.root)
    with pytest.raises(LogGap):
        follower.catch_up()
    with store.reading() as session:
        assert session.exec(select(ProjectionEntry)).all() == []
    world.chain.hide(None)
    assert follower.catch_up().behind == 0


def test_a_hidden_first_chunk_is_found_by_the_place(follower: Follower, world: FakeWorld) -> None:
    composed = world.say(world.office, [world.request(to=world.office), world.request()], sizes=[1, 1])
    world.chain.hide(lambda e: isinstance(e, Presented) and e.chunk.place == 0 and composed is not None)
    with pytest.raises(ChunkUnproven) as caught:
        follower.catch_up()
    assert caught.value.values["what"] == "place"


class Tampered:
    """The chain, with the events of its answers changed."""

    def __init__(self, world: FakeWorld, change: object) -> None:
        self._chain, self._change = world.chain, change

    def __getattr__(self, name: str) -> object:
        return getattr(self._chain, name)

    def events(self, first: int, last: int):  # type: ignore[no-untyped-def]
        for block, events in self._chain.events(first, last):
            yield block, self._change(list(events))  # type: ignore[operator]


def tampered(store: Store, world: FakeWorld, change: object) -> Follower:
    return Follower(store, Tampered(world, change), world.ledger, world.domain)  # type: ignore[arg-type]


def test_an_event_told_twice_counts_once(store: Store, world: FakeWorld) -> None:
    world.story()
    tampered(store, world, lambda events: [e for e in events for _ in (1, 2)]).catch_up()
    with store.reading() as session:
        assert session.get_one(ProjectionCursor, 1).taken == world.chain.state.taken


def test_events_in_another_order_stop_the_node(store: Store) -> None:
    world = FakeWorld()
    world.chain.hold()
    for n in range(2):
        composed = world.compose([world.request()])
        chunk = world.chunks(world.office, composed)[0]
        _, raw = world.chain.sign_present(world.office.sender, n, composed.submission, chunk)
        world.chain.send_raw(raw)
    world.chain.mine()
    with pytest.raises(LogOutOfOrder):
        tampered(store, world, lambda events: events[::-1]).catch_up()


def test_an_event_of_another_block_stops_the_node(store: Store, world: FakeWorld) -> None:
    def moved(events: list[LedgerEvent]) -> Sequence[LedgerEvent]:
        return [replace(e, block=replace(e.block, timestamp=e.block.timestamp + 1)) for e in events]

    with pytest.raises(LogOutOfOrder):
        tampered(store, world, moved).catch_up()


def test_a_registry_that_is_founded_twice_stops_the_node(store: Store, world: FakeWorld) -> None:
    _, (founded,) = next(iter(world.chain.events(0, 0)))

    def again(events: list[LedgerEvent]) -> Sequence[LedgerEvent]:
        (event,) = events
        return [replace(founded, block=event.block, position=event.position)] if event.block.number == 3 else events

    with pytest.raises(NotFounded):
        tampered(store, world, again).catch_up()


def test_a_missing_block_stops_the_node(store: Store, world: FakeWorld) -> None:
    class Gap(Tampered):
        def events(self, first: int, last: int):  # type: ignore[no-untyped-def]
            return (pair for pair in self._chain.events(first, last) if pair[0].number != 5)

    with pytest.raises(LogOutOfOrder):
        Follower(store, Gap(world, None), world.ledger, world.domain).catch_up()  # type: ignore[arg-type]


def _presented(change: object) -> object:
    def on(events: list[LedgerEvent]) -> Sequence[LedgerEvent]:
        return [change(e) if isinstance(e, Presented) else e for e in events]  # type: ignore[operator]

    return on


def test_outcomes_that_the_rules_do_not_give_stop_the_node(store: Store, world: FakeWorld) -> None:
    world.say(world.office, [world.request(), world.request()])
    with pytest.raises(OutcomesDiffer) as caught:
        tampered(store, world, _presented(lambda e: replace(e, outcomes=b"\x00\x0a"))).catch_up()
    assert (caught.value.values["place"], caught.value.values["recorded"]) == (1, 10)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("form", lambda e: replace(e, chunk=replace(e.chunk, number=0))),
        ("form", lambda e: replace(e, submission=replace(e.submission, count=1))),
        ("valid_until", lambda e: replace(e, submission=replace(e.submission, valid_until=1))),
        ("wraps", lambda e: replace(e, chunk=replace(e.chunk, wraps=b"other"))),
        ("org", lambda e: replace(e, submission=replace(e.submission, org=99))),
        ("signature_maker", lambda e: replace(e, chunk=replace(e.chunk, maker=bytes(65)))),
        ("officer_maker", lambda e: replace(e, chunk=replace(e.chunk, maker=e.chunk.checker))),
        ("officer_checker", lambda e: replace(e, chunk=replace(e.chunk, checker=e.chunk.maker))),
        ("officer_maker", lambda e: replace(e, submission=replace(e.submission, sum_fen=1))),
        ("officer_maker", lambda e: replace(e, submission=replace(e.submission, action=15))),
        ("service", lambda e: replace(e, chunk=replace(e.chunk, checker=b""))),
        ("records", lambda e: replace(e, chunk=replace(e.chunk, entries=e.chunk.entries[:-1]))),
        ("records", lambda e: replace(e, outcomes=b"\x00")),
        ("tree", lambda e: replace(e, chunk=replace(e.chunk, proof=(bytes(32),)))),
        ("tree", lambda e: replace(e, chunk=replace(e.chunk, entries=e.chunk.entries[:-1] + b"\x00"))),
    ],
)
def test_a_chunk_that_is_not_what_was_signed_stops_the_node(
    store: Store, world: FakeWorld, what: str, change: object
) -> None:
    world.say(world.office, [world.request(), world.request()])
    with pytest.raises(ChunkUnproven) as caught:
        tampered(store, world, _presented(change)).catch_up()
    assert caught.value.values["what"] == what


def test_two_signatures_of_one_person_stop_the_node(store: Store, world: FakeWorld) -> None:
    both = world.office.maker
    world.act(ActKind.ADD_OFFICER, world.office.id, first=both.address, code=3)
    composed = world.say(world.office, [world.request()])
    again = world.sign(composed, both, SignRole.CHECKER)
    with pytest.raises(ChunkUnproven) as caught:
        tampered(store, world, _presented(lambda e: replace(e, chunk=replace(e.chunk, checker=again)))).catch_up()
    assert caught.value.values["what"] == "two_people"


# ------------------------------------------------------------------------------------------------ rebuild and the feed


def test_a_rebuild_gives_the_same_bytes_and_leaves_the_feed_alone(
    store: Store, follower: Follower, world: FakeWorld
) -> None:
    world.story()
    follower.catch_up()
    before, told = prints(store), feed(store)
    assert rebuild(store, follower).behind == 0
    assert prints(store) == before
    assert feed(store) == told


def test_a_fingerprint_sees_one_fen(store: Store, follower: Follower, world: FakeWorld) -> None:
    keys = world.story()
    follower.catch_up()
    before = prints(store)
    with store.writing() as session:
        row = case_row(session, keys[0])
        row.claim_fen += 1
        session.add(row)
    changed = {name for name, digest in prints(store).items() if before[name] != digest}
    assert changed == {"projection_case"}


def test_the_feed_tells_seen_then_final_once_each(store: Store) -> None:
    world = FakeWorld(depth=2)
    follower = follow(store, world)
    world.say(world.office, [world.request(), world.request(to=world.office)])
    follower.catch_up()
    assert feed(store) == [(1, "seen", 1, 0), (2, "seen", 1, 6)]
    world.chain.mine(1)
    follower.catch_up()
    assert len(feed(store)) == 2
    world.chain.mine(1)
    follower.catch_up()
    assert feed(store)[2:] == [(3, "final", 1, 0), (4, "final", 1, 6)]
    world.chain.mine(3)
    follower.catch_up()
    assert len(feed(store)) == 4


def test_the_feed_tells_what_was_undone_and_what_came_back(store: Store) -> None:
    world = FakeWorld(depth=5)
    follower = follow(store, world)
    world.say(world.office, [world.request()])
    follower.catch_up()
    world.chain.reorganise(1)
    follower.catch_up()
    assert [news for _, news, *_ in feed(store)] == ["seen", "undone", "seen"]
    world.chain.mine(6)
    follower.catch_up()
    assert [news for _, news, *_ in feed(store)] == ["seen", "undone", "seen", "final"]


def test_final_is_never_taken_back_by_a_slower_network_node(
    store: Store, follower: Follower, world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = follower.catch_up().final
    world.say(world.office, [world.request()])
    monkeypatch.setattr(world.chain, "final_number", lambda: 3)
    assert follower.catch_up().final == final


def test_a_debit_by_the_service_officer_alone_is_followed(store: Store, follower: Follower, world: FakeWorld) -> None:
    key = world.case_key()
    world.say(world.office, [world.request(key)])
    composed = world.compose([world.entry(Action.ACKNOWLEDGE, world.bank, key, head=world.head(key))])
    signature = world.sign(composed, world.bank.service, SignRole.SERVICE)
    proof = Tree(composed.hashes).range_proof(0, 1)
    chunk = Chunk(0, 1, signature, b"", proof, composed.wraps, pack_records(composed.entries))
    _, raw = world.chain.sign_present(world.bank.sender, 0, composed.submission, chunk)
    world.chain.send_raw(raw)
    follower.catch_up()
    with store.reading() as session:
        assert case_row(session, key).phase == Phase.ACKNOWLEDGED
