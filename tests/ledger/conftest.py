# SPDX-License-Identifier: Apache-2.0
"""A migrated database on disk, an alliance in memory, and a follower between them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from node.ledger.follower import Follower
from node.store.database import Store
from node.store.migrate import migrate
from tests.ledger.world import FakeWorld, World


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database; copied for each test, since migrating takes longer than many a test."""
    path = tmp_path_factory.mktemp("template") / "node.db"
    store = Store(f"sqlite:///{path}")
    migrate(store.engine)
    store.checkpoint()
    store.close()
    return path


@pytest.fixture
def new_store(tmp_path: Path, template: Path) -> Iterator[Callable[[], Store]]:
    """Makes databases, each in a folder of its own; closed at the end."""
    stores: list[Store] = []

    def new() -> Store:
        folder = tmp_path / f"node-{len(stores)}"
        folder.mkdir()
        shutil.copy(template, folder / "node.db")
        stores.append(Store(f"sqlite:///{folder / 'node.db'}"))
        return stores[-1]

    yield new
    for store in stores:
        store.close()


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    return new_store()


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def follower(store: Store, world: FakeWorld) -> Follower:
    return follow(store, world)


def follow(store: Store, world: World, **options: object) -> Follower:
    return Follower(store, world.chain, world.ledger, world.domain, **options)  # type: ignore[arg-type]
