# SPDX-License-Identifier: Apache-2.0
"""py-evm's key-value store on one SQLite table: a block is one transaction, so that kill -9 loses nothing committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from eth.db.backends.base import BaseDB

_CACHE_ITEMS = 100_000


class SqliteDatabase(BaseDB):
    """Writes are buffered between ``transaction()`` and its end, then stored at once; reads see the buffer.

    One thread at a time: the caller holds the chain's lock.
    """

    def __init__(self, path: Path) -> None:
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._sql.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing so; only a power cut could take the newest blocks of this test network.
        self._sql.execute("PRAGMA synchronous=NORMAL")
        self._sql.execute("CREATE TABLE IF NOT EXISTS item (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
        self._buffer: dict[bytes, bytes | None] | None = None
        self._cache: dict[bytes, bytes] = {}

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All writes in here are stored together, or none of them when an exception leaves the block."""
        if self._buffer is not None:
            raise RuntimeError("a transaction is open already")
        self._buffer = {}
        try:
            yield
            self._store(self._buffer)
        finally:
            self._buffer = None

    def _store(self, changes: dict[bytes, bytes | None]) -> None:
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            self._sql.executemany(
                "INSERT OR REPLACE INTO item VALUES (?, ?)", [(k, v) for k, v in changes.items() if v is not None]
            )
            self._sql.executemany("DELETE FROM item WHERE key = ?", [(k,) for k, v in changes.items() if v is None])
            self._sql.execute("COMMIT")
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise
        for key, value in changes.items():
            if value is None:
                self._cache.pop(key, None)
            else:
                self._remember(key, value)

    def __getitem__(self, key: bytes) -> bytes:
        value = self._look_up(key)
        if value is None:
            raise KeyError(key)
        return value

    def _look_up(self, key: bytes) -> bytes | None:
        if self._buffer is not None and key in self._buffer:
            return self._buffer[key]
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        row = self._sql.execute("SELECT value FROM item WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        value = bytes(row[0])
        self._remember(key, value)
        return value

    def _remember(self, key: bytes, value: bytes) -> None:
        if len(self._cache) >= _CACHE_ITEMS:
            for oldest in list(self._cache)[: _CACHE_ITEMS // 10]:
                del self._cache[oldest]
        self._cache[key] = value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if self._buffer is None:
            with self.transaction():
                self[key] = value
            return
        self._buffer[key] = value

    def __delitem__(self, key: bytes) -> None:
        if self._buffer is None:
            with self.transaction():
                del self[key]
            return
        if self._look_up(key) is None:
            raise KeyError(key)
        self._buffer[key] = None

    def _exists(self, key: bytes) -> bool:
        return self._look_up(key) is not None

    def close(self) -> None:
        """Release the file; the database cannot be used afterwards."""
        self._sql.close()
