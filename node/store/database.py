# SPDX-License-Identifier: Apache-2.0
"""The database: one object from a URL, with ``reading()`` and ``writing()``. Nothing else commits.

SQLite: WAL, foreign keys on, ``BEGIN IMMEDIATE`` for writers (a reader that turns writer would be refused at once in
WAL, whatever the time-out), plain ``BEGIN`` for readers, which do not queue behind writers. PostgreSQL by URL is the
same code: readers get a read-only snapshot there too.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, InterfaceError, OperationalError
from sqlmodel import Session

from node.domain.errors import Broken, Conflict, Refused, Unavailable

_MODE = "alliance_mode"
_WAL_LIMIT_BYTES = 64 * 1024 * 1024


class StoreUrlWrong(Refused):
    """The database URL cannot be used. Values: ``driver``."""

    code = "store_url_wrong"


class StoreUnavailable(Unavailable):
    """The database does not answer, is locked, full or read-only. Values: ``why`` (the driver's class of error)."""

    code = "store_unavailable"


class StoreBroken(Broken):
    """The file is damaged, or we asked for what the schema does not allow. Values: ``why``."""

    code = "store_broken"


class StoreConflict(Conflict):
    """A row that must be unique is there already, or one that it rests on is not. Values: ``constraint``."""

    code = "store_conflict"


class Store:
    """A database by URL (``sqlite:///path``, ``postgresql+psycopg://…``); opened at first use, closed by ``close``."""

    def __init__(self, url: str, *, busy_s: float = 30.0) -> None:
        """``busy_s``: how long a writer waits for the one before it. Raises StoreUrlWrong."""
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise StoreUrlWrong(driver="?") from None
        driver = parsed.get_backend_name()
        if driver not in ("sqlite", "postgresql") or (driver == "sqlite" and not parsed.database):
            raise StoreUrlWrong(driver=driver)
        self.engine: Engine = _sqlite(parsed, busy_s) if driver == "sqlite" else _postgresql(parsed)
        self._reader = self.engine.execution_options(**{_MODE: "read"}, **_reader_options(driver))
        self._writer = self.engine.execution_options(**{_MODE: "write"})

    @contextmanager
    def reading(self) -> Generator[Session, None, None]:
        """A session on one snapshot; what it is asked to write fails. Raises StoreUnavailable, StoreBroken."""
        with _translated(), Session(self._reader, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Generator[Session, None, None]:
        """A session that commits when the block ends well and rolls back on any error.

        Call nothing outside the database in it. Raises StoreConflict, StoreUnavailable, StoreBroken.
        """
        with _translated(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log back into the file and cut it; for quiet moments. Nothing on PostgreSQL."""
        if self.engine.dialect.name == "sqlite":
            with _translated(), self.engine.connect() as connection:
                raw: Any = connection.connection.driver_connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _sqlite(url: URL, busy_s: float) -> Engine:
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    # the file is made by us so that it is never readable to others, not even for a moment
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": busy_s, "check_same_thread": False})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _postgresql(url: URL) -> Engine:
    return create_engine(url, hide_parameters=True, pool_pre_ping=True)


def _reader_options(driver: str) -> dict[str, Any]:
    if driver == "sqlite":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _on_connect(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    raw.execute("PRAGMA journal_mode = WAL").close()
    raw.execute("PRAGMA synchronous = FULL").close()  # what was stored before a send must outlive a power cut
    raw.execute("PRAGMA foreign_keys = ON").close()
    raw.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}").close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_MODE) != "read"
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Generator[None, None, None]:
    """The driver's errors as ours; their text may quote values, so it is cut off here."""
    try:
        yield
    except IntegrityError as error:
        raise StoreConflict(constraint=_constraint(error)) from None
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(why=type(error.orig).__name__) from None
    except DatabaseError as error:
        raise StoreBroken(why=type(error.orig).__name__) from None


def _constraint(error: IntegrityError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or diagnosis.table_name or "")
    # SQLite: "UNIQUE constraint failed: own_inquiry.mark" names columns, never values
    return str(error.orig).partition(": ")[2]
