# SPDX-License-Identifier: Apache-2.0
"""A migrated database on disk, an alliance in memory, and a follower between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.ledger.follower import Follower
from node.store.database import Store
from node.store.migrate import migrate
from tests.ledger.world import FakeWorld, World


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'node.db'}")
    migrate(store.engine)
    yield store
    store.close()


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def follower(store: Store, world: FakeWorld) -> Follower:
    return follow(store, world)


def follow(store: Store, world: World, **options: object) -> Follower:
    return Follower(store, world.chain, world.ledger, world.domain, **options)  # type: ignore[arg-type]
