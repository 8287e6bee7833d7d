# SPDX-License-Identifier: Apache-2.0
"""Sums by organisation: both sides of a case agree, and what is not final can be left out."""

from node.domain.entries import MAX_FEN
from node.domain.transitions import ActKind
from node.domain.workdays import beijing_day
from node.ledger.projection import charged_fen
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


def test_sums_that_no_64_bits_hold_are_still_exact(store: Store, world: FakeWorld) -> None:
    """One office alone can bring the total of its consents, and of its orders of a day, above 2^63."""
    cases = [world.case_key() for _ in range(1_100)]
    world.act(ActKind.SET_LIMITS, world.office.id, order_limit_fen=2**64 - 1, day_limit_fen=2**64 - 1)
    world.say(world.office, [world.request(case) for case in cases])
    world.say(world.bank, [world.reply(case) for case in cases])
    world.say(world.office, [world.consent(case, MAX_FEN) for case in cases])
    world.say(world.office, [world.order(case, MAX_FEN) for case in cases])
    world.say(world.office, [world.request()])
    for batch in (200, 1):
        follow(store, world, batch_blocks=batch).catch_up()
    with store.reading() as session:
        sums = totals(session)[world.bank.id]
        assert sums.consented_fen == sums.ordered_fen == 1_100 * MAX_FEN
        day = beijing_day(world.now)
        assert charged_fen(session, world.office.id, day) == 1_100 * MAX_FEN
        assert charged_fen(session, world.bank.id, day) == 0
