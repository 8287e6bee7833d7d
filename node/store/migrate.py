# SPDX-License-Identifier: Apache-2.0
"""Migrations, run from inside the package: ``migrate(engine)`` brings a database up to the newest revision.

On SQLite a batch migration drops and renames tables, which would empty their children; so foreign keys are off
meanwhile, checked afterwards, and all of it is one transaction: killed in the middle, nothing has happened.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from node.domain.errors import Broken, Refused

if TYPE_CHECKING:
    from alembic.config import Config


class StoreOutdated(Refused):
    """The database has another revision than this program. Values: ``found``, ``needed``."""

    code = "store_outdated"


class StoreInconsistent(Broken):
    """Rows point at rows that are not there. Values: ``table``."""

    code = "store_inconsistent"


def migrate(engine: Engine) -> None:
    """Bring the database to the newest revision; nothing to do is no error. Raises StoreInconsistent."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _on_sqlite(connection)
        else:
            with connection.begin():
                _upgrade(connection)


def revision(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this program needs."""
    from alembic.script import ScriptDirectory

    with as_file(files("node.store").joinpath("migrations")) as folder:
        return ScriptDirectory(str(folder)).get_current_head() or ""


def check_revision(engine: Engine) -> None:
    """Raises StoreOutdated unless the database is at the newest revision."""
    found, needed = revision(engine), newest()
    if found != needed:
        raise StoreOutdated(found=found, needed=needed)


def _on_sqlite(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
    try:
        with connection.begin():
            _upgrade(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise StoreInconsistent(table=str(broken[0]))
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


def _upgrade(connection: Connection) -> None:
    from alembic import command

    with as_file(files("node.store").joinpath("migrations")) as folder:
        command.upgrade(_config(str(folder), connection), "head")


def _config(folder: str, connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
