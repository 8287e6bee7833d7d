# SPDX-License-Identifier: Apache-2.0
"""The members are folded on from the call before, and come out as if they had been folded from nothing."""

from __future__ import annotations

import pytest

from node.domain.transitions import ActKind
from node.ledger import registry
from node.ledger.registry import Roll, members_now
from node.store.database import Store
from tests.ledger.conftest import follow
from tests.ledger.world import FakeWorld


def test_nothing_followed_is_nobody(store: Store) -> None:
    with store.reading() as session:
        assert Roll().now(session) is None


def test_only_what_is_new_is_folded(store: Store, world: FakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    roll, folded, fold = Roll(), list[int](), registry.fold

    def counting(members: object, event: object) -> object:
        folded.append(1)
        return fold(members, event)  # type: ignore[arg-type]

    follow(store, world).catch_up()
    with store.reading() as session:
        expected = members_now(session)
    monkeypatch.setattr(registry, "fold", counting)
    with store.reading() as session:
        assert roll.now(session) == expected
        assert len(folded) > 20
        folded.clear()
        assert roll.now(session) == expected
        assert folded == []
    world.act(ActKind.SUSPEND, world.other.id)
    world.act(ActKind.PAUSE, world.bank.id)
    world.say(world.office, [world.request()])
    follow(store, world).catch_up()
    folded.clear()  # the follower's own
    with store.reading() as session:
        now = roll.now(session)
        assert len(folded) == 2
        assert now == members_now(session)
    assert now is not None
    assert not now.org(world.other.id).active


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("depth", [1, 3, 8])
def test_a_reorganisation_is_seen(store: Store, depth: int, keep: bool) -> None:
    world = FakeWorld(depth=60)
    roll = Roll()
    for org in (world.bank, world.other):
        world.act(ActKind.PAUSE, org.id)
        follow(store, world).catch_up()
        with store.reading() as session:
            before = roll.now(session)
            assert before == members_now(session)
    world.chain.reorganise(depth, keep)
    follow(store, world).catch_up()
    with store.reading() as session:
        assert roll.now(session) == members_now(session)


def test_an_older_snapshot_is_told_as_it_is(store: Store, world: FakeWorld) -> None:
    roll = Roll()
    follow(store, world).catch_up()
    with store.reading() as older:
        before = members_now(older)
        world.act(ActKind.SUSPEND, world.other.id)
        follow(store, world).catch_up()
        with store.reading() as newer:
            assert roll.now(newer) != before
        assert roll.now(older) == before
