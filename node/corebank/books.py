# SPDX-License-Identifier: Apache-2.0
"""The simulated bank's own SQLite file: accounts, order ids, and a posting journal with one line an order id.

Holders and account numbers are kept as keyed digests and masks: comparing is all that the simulation needs, and a copy
of the file tells nobody's name.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from node.corebank.accounts import Account
from node.domain.errors import Conflict, Refused
from node.domain.names import normal

_TIMEOUT_S = 30.0
_SCHEMA = """
CREATE TABLE core (key BLOB NOT NULL, day TEXT NOT NULL, next_reference INTEGER NOT NULL);
CREATE TABLE account (
    digest BLOB PRIMARY KEY, mask TEXT NOT NULL, name BLOB NOT NULL, id_number BLOB NOT NULL, class TEXT NOT NULL,
    status TEXT NOT NULL, balance_fen INTEGER NOT NULL CHECK (balance_fen >= 0), frozen_fen INTEGER NOT NULL,
    branch TEXT NOT NULL, branch_code TEXT NOT NULL, closed_on TEXT, behaviour TEXT NOT NULL);
CREATE TABLE orders (
    order_id TEXT PRIMARY KEY, account BLOB NOT NULL, asked_fen INTEGER NOT NULL, allow_partial INTEGER NOT NULL,
    day TEXT NOT NULL, queued INTEGER NOT NULL, closed INTEGER NOT NULL, look_ups INTEGER NOT NULL,
    reason TEXT NOT NULL);
CREATE TABLE posting (
    order_id TEXT PRIMARY KEY REFERENCES orders, posted_fen INTEGER NOT NULL CHECK (posted_fen > 0),
    kept_fen INTEGER NOT NULL CHECK (kept_fen BETWEEN 0 AND posted_fen), reference TEXT NOT NULL UNIQUE,
    day TEXT NOT NULL);
CREATE TRIGGER closed_for_good BEFORE INSERT ON posting
WHEN (SELECT closed FROM orders WHERE order_id = NEW.order_id) = 1
BEGIN SELECT RAISE(ABORT, 'the order id is closed'); END;
CREATE TRIGGER posted_for_good BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'a posting stays'); END;
"""


class BooksExist(Conflict):
    """There is a simulated bank at that place already."""

    code = "core_books_exist"


class BooksMissing(Refused):
    """There is no simulated bank at that place."""

    code = "core_books_missing"


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account as it may be shown."""

    mask: str
    account_class: str
    status: str
    balance_fen: int
    frozen_fen: int
    branch: str
    behaviour: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the posting journal. ``kept_fen`` is what has not been given back."""

    order_id: str
    account_mask: str
    posted_fen: int
    kept_fen: int
    reference: str
    day: date


class Books:
    """The file. Every use is a transaction on a connection of its own, so threads and processes may share a file."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise BooksMissing
        self._path = path

    @classmethod
    def create(cls, path: Path, *, day: date, key: bytes) -> Books:
        """A new, empty bank whose business day is ``day``; ``key`` (32 random bytes) keys the digests."""
        if path.exists():
            raise BooksExist
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
            connection.execute("INSERT INTO core VALUES (?, ?, 1)", (key, day.isoformat()))
        path.chmod(0o600)
        return cls(path)

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """A writing transaction: all of it, or nothing."""
        with closing(sqlite3.connect(self._path, timeout=_TIMEOUT_S, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """A view that changes nothing."""
        with closing(sqlite3.connect(self._path, timeout=_TIMEOUT_S, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA query_only = ON")
            yield connection

    def load(self, accounts: Iterable[Account], *, behaviours: Iterable[str] | None = None) -> int:
        """Add accounts, or replace them by number; balances are set, not added. Gives how many."""
        listed = list(accounts)
        names = [""] * len(listed) if behaviours is None else list(behaviours)
        with self.write() as connection:
            key = self._key(connection)
            connection.executemany(
                "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_row(key, account, name) for account, name in zip(listed, names, strict=True)],
            )
        return len(listed)

    def accounts(self) -> list[ListedAccount]:
        """All accounts, masked, in the order of their masks."""
        with self.read() as connection:
            rows = connection.execute("SELECT * FROM account ORDER BY mask, digest").fetchall()
        columns = ("mask", "class", "status", "balance_fen", "frozen_fen", "branch", "behaviour")
        return [ListedAccount(*(row[name] for name in columns)) for row in rows]

    def postings(self) -> list[Posting]:
        """The posting journal in the order of its references."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT p.*, a.mask FROM posting p JOIN orders o USING (order_id)"
                " JOIN account a ON a.digest = o.account ORDER BY reference"
            ).fetchall()
        return [
            Posting(
                order_id=row["order_id"],
                account_mask=row["mask"],
                posted_fen=row["posted_fen"],
                kept_fen=row["kept_fen"],
                reference=row["reference"],
                day=date.fromisoformat(row["day"]),
            )
            for row in rows
        ]

    def account(self, connection: sqlite3.Connection, number: str) -> sqlite3.Row | None:
        """The account of that number."""
        digest = _digest(self._key(connection), "account", number)
        found: sqlite3.Row | None = connection.execute("SELECT * FROM account WHERE digest = ?", (digest,)).fetchone()
        return found

    def same(self, connection: sqlite3.Connection, held: bytes, kind: str, value: str) -> bool:
        """Whether a name or ID is the holder's; an account held by nobody in particular matches anybody."""
        return not held or hmac.compare_digest(held, _digest(self._key(connection), kind, normal(value)))

    def day(self, connection: sqlite3.Connection) -> date:
        """The core's business day."""
        return date.fromisoformat(connection.execute("SELECT day FROM core").fetchone()["day"])

    def _key(self, connection: sqlite3.Connection) -> bytes:
        return bytes(connection.execute("SELECT key FROM core").fetchone()[0])


def _row(key: bytes, account: Account, behaviour: str) -> tuple[object, ...]:
    return (
        _digest(key, "account", account.account),
        f"{account.account[:6]}…{account.account[-4:]}",
        _digest(key, "name", normal(account.name)) if account.name else b"",
        _digest(key, "id", normal(account.id_number)) if account.id_number else b"",
        account.account_class.value,
        account.status.value,
        account.balance_fen,
        account.frozen_fen,
        account.branch,
        account.branch_code,
        account.closed_on.isoformat() if account.closed_on else None,
        behaviour,
    )


def _digest(key: bytes, kind: str, value: str) -> bytes:
    return hmac.digest(key, f"{kind}:{value}".encode(), hashlib.sha256)
