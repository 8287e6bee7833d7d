# SPDX-License-Identifier: Apache-2.0
"""What a bank accepts: orders on a consent for the account that the letter named, on papers used nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.domain.entries import CaseKey
from node.services.bank import orders
from node.services.bank.orders import ConsentOtherAccount, ConsentUsedElsewhere
from node.services.drafting import drop, renew
from node.store.database import Store
from node.store.own_work import DraftState, OwnDraft
from tests.services.bank_world import BankWorld

OTHER_CARD = "0000000000000000026"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> BankWorld:
    return BankWorld(store, tmp_path)


def test_a_consent_for_another_account_is_refused(world: BankWorld) -> None:
    ctx = world.ctx
    good, other = world.ordered(b"one"), world.ordered(b"two", account=OTHER_CARD)
    with ctx.store.writing() as session:
        assert orders.accept(ctx, session, good).case_id == good.case_id
    with ctx.store.writing() as session, pytest.raises(ConsentOtherAccount) as refused:
        orders.accept(ctx, session, other)
    assert OTHER_CARD not in str(refused.value)


def accept(world: BankWorld, key: CaseKey) -> str:
    with world.ctx.store.writing() as session:
        return orders.accept(world.ctx, session, key).id


def refused_elsewhere(world: BankWorld, key: CaseKey) -> bool:
    with world.ctx.store.writing() as session:
        try:
            orders.accept(world.ctx, session, key)
        except ConsentUsedElsewhere:
            return True
    return False


def test_a_paper_is_good_for_one_case_whatever_lies_beside_it(world: BankWorld) -> None:
    accept(world, world.ordered(b"paper", b"other"))
    assert refused_elsewhere(world, world.ordered(b"paper", b"more"))
    assert refused_elsewhere(world, world.ordered(b"other"))
    assert not refused_elsewhere(world, world.ordered(b"more"))


def test_an_acceptance_that_came_back_keeps_its_papers_until_it_is_dropped(world: BankWorld) -> None:
    ctx, key, other = world.ctx, world.ordered(b"paper"), world.ordered(b"paper")
    first = accept(world, key)
    with ctx.store.writing() as session:
        session.get_one(OwnDraft, first).state = DraftState.RETURNED
    assert refused_elsewhere(world, other)
    second = accept(world, key)  # anew, beside the one that came back
    with ctx.store.writing() as session:
        drop(ctx, session, second)
    assert refused_elsewhere(world, other)
    with ctx.store.writing() as session:
        renew(ctx, session, first)
        drop(ctx, session, first)
    assert not refused_elsewhere(world, other)
