# SPDX-License-Identifier: Apache-2.0
"""What a bank accepts: an order on a consent for the very account that the letter named."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.services.bank import orders
from node.services.bank.orders import ConsentOtherAccount
from node.store.database import Store
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
