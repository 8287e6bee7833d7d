# SPDX-License-Identifier: Apache-2.0
"""Models and migrations tell the same story, and a migration that dies has not happened."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect

from node.store import migrate as migrations
from node.store.database import Store
from node.store.migrate import StoreOutdated, check_revision, migrate, newest, revision
from node.store.schema import metadata, projection_tables


def test_models_and_migrations_agree(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []


def test_checks_of_models_and_migrations_agree(store: Store) -> None:
    # autogenerate does not compare CHECK constraints
    inspector = inspect(store.engine)
    for table in metadata().sorted_tables:
        modelled = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        migrated = {str(c["name"]) for c in inspector.get_check_constraints(table.name)}
        assert migrated == modelled, table.name


def test_every_constraint_has_a_name(store: Store) -> None:
    for table in metadata().sorted_tables:
        assert all(c.name for c in table.constraints), table.name


def test_the_database_knows_its_revision(store: Store) -> None:
    assert revision(store.engine) == newest()
    check_revision(store.engine)
    migrate(store.engine)  # nothing to do
    assert revision(store.engine) == newest()


def test_an_empty_database_is_outdated(tmp_path: Path) -> None:
    empty = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreOutdated):
        check_revision(empty.engine)
    empty.close()


def test_a_migration_that_dies_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Store(f"sqlite:///{tmp_path / 'fresh.db'}")
    whole = migrations._upgrade

    def dies(connection: object) -> None:
        whole(connection)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_upgrade", dies)
        with pytest.raises(KeyboardInterrupt):
            migrate(fresh.engine)
    assert inspect(fresh.engine).get_table_names() == []
    migrate(fresh.engine)
    assert revision(fresh.engine) == newest()
    fresh.close()


def test_the_projection_is_what_its_name_says() -> None:
    names = [table.name for table in projection_tables()]
    assert "projection_entry" in names
    assert not [n for n in names if n.startswith("own_")]
    assert names.index("projection_block") < names.index("projection_entry")


def test_no_row_of_our_own_hangs_on_a_row_of_the_chain() -> None:
    # or a rebuild, which drops the projection, would take work of ours with it
    for table in metadata().sorted_tables:
        if table.name.startswith("own_"):
            assert not [k for k in table.foreign_keys if k.column.table.name.startswith("projection_")], table.name
