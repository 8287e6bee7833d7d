# SPDX-License-Identifier: Apache-2.0
"""Sums by organisation: both sides of a case agree, and what is not final can be left out."""

from node.ledger.totals import Sums, counts, totals
from node.store.database import Store
from tests.ledger.conftest import follow
from tests.ledger.world import FakeWorld

TOLD = Sums(consented_fen=1_500, ordered_fen=1_100, debited_fen=400, reversed_fen=400, settled_fen=400)


def test_both_sides_of_a_case_come_to_the_same_sums(store: Store, world: FakeWorld) -> None:
    world.story()
    follow(store, world).catch_up()
    with store.reading() as session:
        assert totals(session) == {world.office.id: TOLD, world.bank.id: TOLD}
        assert counts(session) == (15, 2)


def test_what_is_not_final_can_be_left_out(store: Store) -> None:
    world = FakeWorld(depth=1_000)
    world.story()
    follow(store, world).catch_up()
    with store.reading() as session:
        assert totals(session)[world.office.id] == TOLD
        assert totals(session, final_only=True) == {}


def test_a_bank_without_a_case_has_no_sums(store: Store, world: FakeWorld) -> None:
    world.say(world.office, [world.request()])
    follow(store, world).catch_up()
    with store.reading() as session:
        assert totals(session) == {world.office.id: Sums(), world.bank.id: Sums()}
        assert world.other.id not in totals(session)
