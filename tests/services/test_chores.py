# SPDX-License-Identifier: Apache-2.0
"""What a bank's node does by itself: it acts on what is final, reads what is due, and tries nothing in vain twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from node.domain.codes import ReplyOutcome
from node.domain.entries import Action, CaseKey
from node.domain.errors import AllianceError
from node.services.bank.chores import Acknowledged, acknowledge_by_service, waiting_for_a_person
from node.services.bank.debits import executable
from node.services.bank.letters import by_hand, letter, reply
from node.services.cases import ours
from node.services.drafting import EntryNotFinal, under_way
from node.store.database import Store
from node.store.projection import ProjectionCase, ProjectionSealed
from tests.services.bank_world import BankWorld


@pytest.fixture
def new_world(store: Store, tmp_path: Path) -> Callable[..., BankWorld]:
    return lambda depth=0: BankWorld(store, tmp_path, depth)


@contextmanager
def loaded(model: type) -> Iterator[list[object]]:
    """Rows of a table that are read meanwhile."""
    rows: list[object] = []

    def count(row: object, _: object) -> None:
        rows.append(row)

    event.listen(model, "load", count)
    try:
        yield rows
    finally:
        event.remove(model, "load", count)


def acknowledged(world: BankWorld, key: CaseKey) -> bool:
    with world.ctx.store.reading() as session:
        return under_way(session, key, Action.ACKNOWLEDGE)


def test_a_letter_is_acknowledged_and_answered_once_it_is_final(new_world: Callable[..., BankWorld]) -> None:
    world = new_world(depth=3)
    key = world.letter()
    assert acknowledge_by_service(world.ctx).count == 0
    with world.ctx.store.writing() as session:
        found = by_hand(letter(world.ctx, session, key), ReplyOutcome.MATCHED)
        with pytest.raises(EntryNotFinal):
            reply(world.ctx, session, key, found)
    for _ in range(3):
        world.say(world.office, [world.request(to=world.other)])
    world.follow()
    assert acknowledge_by_service(world.ctx).count == 1
    assert acknowledged(world, key)
    with world.ctx.store.writing() as session:
        assert reply(world.ctx, session, key, found).case_id == key.case_id


def test_a_letter_that_does_not_open_is_tried_once(new_world: Callable[..., BankWorld]) -> None:
    world, known = new_world(), dict[bytes, AllianceError]()
    key = world.letter(readable=False)
    first = acknowledge_by_service(world.ctx, known=known)
    assert [error.code for error in first.held.values()] == ["sealed_damaged"]
    with loaded(ProjectionSealed) as opened:
        again = acknowledge_by_service(world.ctx, known=known)
    assert (again.held.keys(), opened) == ({key}, [])
    good = world.letter()
    assert acknowledge_by_service(world.ctx, known=known).count == 1
    assert acknowledged(world, good)


def test_a_letter_whose_key_is_away_is_opened_when_the_key_is_back(new_world: Callable[..., BankWorld]) -> None:
    world, known = new_world(), dict[bytes, AllianceError]()
    world.letter()
    keys = world.sealed_by[world.bank.id]
    keys.version = 1
    assert [e.code for e in acknowledge_by_service(world.ctx, known=known).held.values()] == ["key_away"]
    keys.version = 2
    assert acknowledge_by_service(world.ctx, known=known).count == 1


def test_cases_that_wait_for_nothing_are_not_read(new_world: Callable[..., BankWorld]) -> None:
    world = new_world()
    for key in [world.letter() for _ in range(3)]:
        world.say(world.bank, [world.reply(key)])
    accepted = world.ordered(b"scan")
    world.say(world.bank, [world.accept(accepted)])
    world.follow()
    with loaded(ProjectionCase) as read:
        assert acknowledge_by_service(world.ctx).count == 0
    assert read == []
    with loaded(ProjectionCase) as read, world.ctx.store.reading() as session:
        assert [wanted.key for wanted in executable(world.ctx, session)] == [accepted]
    assert len(read) == 1
    assert waiting_for_a_person(world.ctx) == {}
    world.say(world.office, [world.entry(Action.DISPUTE, world.office, accepted)])
    world.follow()
    assert waiting_for_a_person(world.ctx) == {accepted: "DISPUTE"}


def test_an_office_answers_none_of_its_own_letters_whatever_it_is_set_to(new_world: Callable[..., BankWorld]) -> None:
    world = new_world()
    key = world.letter()
    office = replace(world.ctx, officers={"jingban": world.office.maker.address, "zidong": world.office.maker.address})
    assert office.service_officer
    with office.store.reading() as session:
        assert [CaseKey(row.office, row.case_id) for row in ours(office, session)] == [key]
    assert acknowledge_by_service(office) == Acknowledged()  # not even looked at
    with office.store.reading() as session:
        assert not under_way(session, key, Action.ACKNOWLEDGE)
        assert list(executable(office, session)) == []
