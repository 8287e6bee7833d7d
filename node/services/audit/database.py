# SPDX-License-Identifier: Apache-2.0
"""A node's database, opened to be looked at and for nothing else: not a byte of it changes.

Rows are handed over as they stand, so that what somebody has altered, types included, is seen and not repaired.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, Connection, Engine, NullPool, Table, create_engine, select, type_coerce
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.types import NullType

from node.audit.verify import Row
from node.domain.errors import Refused
from node.store.columns import Json, Unsigned64
from node.store.database import StoreUrlWrong
from node.store.migrate import check_revision
from node.store.schema import metadata

_PAGE = 1_000  # rows fetched at once


class DatabaseUnreadable(Refused):
    """No database of a node stands there, or it is damaged. Values: ``why`` (the driver's class of error)."""

    code = "database_unreadable"


class DatabaseCopy:
    """One snapshot of a node's database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def followed(self) -> int | None:
        """The number of the block up to which this node had followed the chain; None where it had not begun."""
        cursor = metadata().tables["projection_cursor"]
        return self._connection.execute(select(cursor.c.number)).scalar()

    def rows(self, tables: Collection[str]) -> Iterator[Row]:
        """Every row of these tables, in the order of their keys."""
        for name in tables:
            yield from self._of(metadata().tables[name])

    def _of(self, table: Table) -> Iterator[Row]:
        raw = [type_coerce(column, NullType()).label(column.name) for column in table.columns]
        found = self._connection.execution_options(yield_per=_PAGE).execute(
            select(*raw).order_by(*table.primary_key.columns)
        )
        for each in found.mappings():
            fields = {column.name: self._plain(column, each[column.name]) for column in table.columns}
            yield Row(table.name, tuple(fields[column.name] for column in table.primary_key.columns), fields)

    def _plain(self, column: Column[Any], value: Any) -> Any:
        if not isinstance(column.type, Unsigned64 | Json):
            return value
        try:
            return column.type.process_result_value(value, self._connection.dialect)
        except (ValueError, TypeError):
            return value  # not what such a column holds: handed over as it is, to be named


@contextmanager
def open_database_copy(url: str) -> Generator[DatabaseCopy, None, None]:
    """Open ``sqlite:///path`` or ``postgresql+psycopg://…`` for reading, as one snapshot.

    Raises StoreUrlWrong, StoreOutdated (made by another version), DatabaseUnreadable.
    """
    engine = _engine(url)
    try:
        check_revision(engine)
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield DatabaseCopy(connection)
    except (DBAPIError, sqlite3.Error) as error:
        raise DatabaseUnreadable(why=type(error).__name__) from None
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUrlWrong(driver="?") from None
    driver = parsed.get_backend_name()
    if driver == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return create_engine(parsed, hide_parameters=True, execution_options=options)
    if driver != "sqlite" or not parsed.database:
        raise StoreUrlWrong(driver=driver)
    path = Path(parsed.database)
    return create_engine("sqlite://", creator=lambda: _read_only(path), poolclass=NullPool, hide_parameters=True)


def _read_only(path: Path) -> sqlite3.Connection:
    log = path.with_name(path.name + "-wal")
    # what a write-ahead log still holds is part of the database; without one, nobody is to touch the file at all
    immutable = "" if log.exists() and log.stat().st_size else "&immutable=1"
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro{immutable}", uri=True, isolation_level=None)
