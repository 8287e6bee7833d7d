# SPDX-License-Identifier: Apache-2.0
"""A migrated SQLite database on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.store.database import Store
from node.store.migrate import migrate


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'node.db'}")
    migrate(store.engine)
    yield store
    store.close()
