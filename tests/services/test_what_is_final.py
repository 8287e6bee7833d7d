# SPDX-License-Identifier: Apache-2.0
"""What leaves the house rests on what is final, whatever is shown already."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.services.drafting import EntryNotFinal, check_final
from node.store.database import Store
from node.store.migrate import migrate
from tests.ledger.conftest import follow
from tests.ledger.world import FakeWorld


def test_an_entry_counts_once_its_block_is_final(tmp_path: Path) -> None:
    world, store = FakeWorld(depth=3), Store(f"sqlite:///{tmp_path / 'node.db'}")
    migrate(store.engine)
    (said,) = world.say(world.office, [world.request()]).hashes
    follow(store, world).catch_up()
    with store.reading() as session, pytest.raises(EntryNotFinal):
        check_final(session, said)
    for _ in range(3):
        world.say(world.office, [world.request()])
    follow(store, world).catch_up()
    with store.reading() as session:
        check_final(session, said)
        with pytest.raises(EntryNotFinal):
            check_final(session, bytes(32))
    store.close()
