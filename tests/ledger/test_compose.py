# SPDX-License-Identifier: Apache-2.0
"""Submissions put together, cut into transactions, and looked at before they are signed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.crypto.merkle import verify_range
from node.crypto.records import CLEAR_SIZE, unpack_records
from node.crypto.typed import entry_hash
from node.domain.digest import keccak
from node.domain.entries import Action, Submission
from node.ledger.chunks import Chunks
from node.ledger.compose import MixedSubmission, NothingToSubmit, SubmissionUnknown, keep, load, simulate
from node.ledger.intents import lane_of
from node.ledger.packing import MAX_BYTES, Packing
from node.store.database import Store
from node.store.own_work import Lane
from tests.ledger.desk import Desk, StillClock
from tests.ledger.world import FakeWorld

SIZES = st.lists(st.sampled_from([316, 616, 1216, 2416, 4816]), min_size=1, max_size=400)


@given(action=st.sampled_from(list(Action)), sizes=SIZES, most=st.integers(1, 200_000), gas=st.integers(1, 20_000_000))
def test_a_transaction_takes_as_many_entries_as_fit_and_at_least_one(
    action: Action, sizes: list[int], most: int, gas: int
) -> None:
    packing = Packing(max_bytes=most, max_gas=gas)
    number = packing.number(action, sizes)
    assert 1 <= number <= len(sizes)
    if number > 1:
        assert sum(size + CLEAR_SIZE for size in sizes[:number]) <= most
    assert packing.number(action, sizes[:number]) == number
    assert Packing(max_bytes=most * 2, max_gas=gas * 2).number(action, sizes) >= number


def test_the_bounds_are_those_of_the_networks() -> None:
    assert MAX_BYTES == 120 * 1024
    assert Packing().number(Action.REQUEST, [616] * 1000) == MAX_BYTES // 818
    small = Packing().number(Action.REQUEST, [316] * 1000)
    assert small * 518 < MAX_BYTES  # here gas is what bounds it


def test_a_submission_says_what_it_carries(world: FakeWorld) -> None:
    entries = [world.request() for _ in range(3)]
    composed = world.compose(entries, valid_until=77)
    ledger = world.ledger.id
    assert composed.hashes == tuple(entry_hash(ledger, e) for e in entries)
    assert composed.submission == Submission(
        ledger,
        world.office.id,
        Action.REQUEST,
        composed.submission.root,
        count=3,
        sum_fen=0,
        wraps=keccak(composed.wraps),
        valid_until=77,
    )
    assert verify_range(composed.submission.root, 3, 0, composed.hashes, world.chunks(world.office, composed)[0].proof)


def test_nothing_mixed_and_nothing_twice(world: FakeWorld) -> None:
    first, second = world.request(), world.request()
    with pytest.raises(NothingToSubmit):
        world.compose([])
    with pytest.raises(MixedSubmission):
        world.compose([first, replace(second, action=Action.CLOSE)])
    with pytest.raises(MixedSubmission):
        world.compose([first, replace(second, org=world.bank.id)])
    with pytest.raises(MixedSubmission) as caught:
        world.compose([first, second, second])
    assert caught.value.values == {"place": 2}


def test_what_was_kept_comes_back_the_same(store: Store, world: FakeWorld) -> None:
    composed = world.compose([world.request() for _ in range(5)])
    with store.writing() as session:
        keep(session, composed, [None] * 5, StillClock().now())
    submission = composed.submission
    with store.reading() as session:
        assert load(session, submission.org, submission.root) == composed
        with pytest.raises(SubmissionUnknown):
            load(session, submission.org, bytes(32))


def test_chunks_cover_a_submission_once_each_with_its_proof(store: Store, world: FakeWorld) -> None:
    composed = world.compose([world.request() for _ in range(17)])
    submission, chunks = composed.submission, Chunks(Packing(max_bytes=4 * 518))
    with store.writing() as session:
        row = keep(session, composed, [None] * 17, StillClock().now())
        place = 0
        while place < 17:
            chunk = chunks.next(session, row, place)
            hashes = composed.hashes[place : place + chunk.number]
            assert verify_range(submission.root, 17, place, hashes, chunk.proof)
            entries = unpack_records(chunk.entries, submission.action, submission.org)
            assert tuple(entries) == composed.entries[place : place + chunk.number]
            assert chunk.wraps == (composed.wraps if place == 0 else b"")
            place += chunk.number
    assert place == 17


def test_the_preview_says_what_the_ledger_then_does(store: Store, world: FakeWorld) -> None:
    desk = Desk(store, world, world.office)
    composed = desk.submit([world.request(), world.request(to=world.office), world.request()])
    expected = simulate(world.chain, composed, Packing(max_bytes=518))
    assert expected == b"\x00\x06\x00"
    desk.run()
    assert desk.outcomes(composed) == list(expected)


def test_stops_have_a_lane_of_their_own() -> None:
    always = {Action.CANCEL, Action.REVOKE, Action.DISPUTE}
    ends = {Action.CLOSE, Action.RESOLVE, Action.REVERSE}
    assert {action for action in Action if lane_of(action, 50) is Lane.STOP} == always | ends
    assert {action for action in Action if lane_of(action, 10_000) is Lane.STOP} == always
