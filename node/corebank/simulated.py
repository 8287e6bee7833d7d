# SPDX-License-Identifier: Apache-2.0
"""The simulated bank: the core bank's port on its own books, with reserved accounts on which it misbehaves."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from node.corebank.books import Books
from node.corebank.port import (
    AccountAnswer,
    AccountClass,
    AccountStatus,
    CannotClose,
    CoreUnavailable,
    DebitResult,
    NothingPosted,
    Outcome,
    Sufficiency,
)
from node.corebank.reserved import Behaviour, reserved_accounts
from node.domain.codes import DebitReason

_BLOCKS = {
    AccountStatus.CLOSED: DebitReason.CLOSED,
    AccountStatus.FROZEN_FULL: DebitReason.FROZEN,
    AccountStatus.CREDIT_ONLY: DebitReason.FROZEN,
    AccountStatus.PAYMENT_STOPPED: DebitReason.STOPPED,
    AccountStatus.LOST: DebitReason.LOST,
    AccountStatus.DORMANT: DebitReason.DORMANT,
}
_NO_SUCH = b""


class SimulatedBank:
    """One bank. Two objects on one file, in any processes, are the same bank."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._behaviours: Mapping[str, Behaviour] = {n: item.behaviour for n, item in reserved_accounts().items()}

    @classmethod
    def create(
        cls, path: Path, *, day: date, key: bytes, branch: str = "样例支行", branch_code: str = ""
    ) -> SimulatedBank:
        """A new bank with the reserved accounts in its books. Errors: BooksExist."""
        books = Books.create(path, day=day, key=key)
        held = [item for item in reserved_accounts().values() if item.behaviour.ours]
        books.load([item.as_account(branch, branch_code) for item in held], behaviours=[item.outcome for item in held])
        return cls(books)

    @property
    def books(self) -> Books:
        """The bank's own file: load and list accounts, read the posting journal."""
        return self._books

    def verify_account(self, account: str, name: str, id_number: str, amount_fen: int) -> AccountAnswer:
        with self._books.read() as connection:
            row = self._books.account(connection, account)
            if row is None:
                return AccountAnswer(ours=False, name_matches=False, id_matches=False)
            behaviour = self._behaviour(row)
            if behaviour.down:
                raise CoreUnavailable
            same_name = self._books.same(connection, row["name"], "name", name) and not behaviour.name_differs
            same_id = self._books.same(connection, row["id_number"], "id", id_number) and not behaviour.id_differs
        if not (same_name and same_id):
            return AccountAnswer(ours=True, name_matches=same_name, id_matches=same_id)
        closed_on: str | None = row["closed_on"]
        return AccountAnswer(
            ours=True,
            name_matches=True,
            id_matches=True,
            status=AccountStatus(row["status"]),
            account_class=AccountClass(row["class"]),
            branch=row["branch"],
            branch_code=row["branch_code"],
            sufficiency=_sufficiency(row, amount_fen),
            closed_on=date.fromisoformat(closed_on) if closed_on else None,
        )

    def debit(self, order_id: str, account: str, amount_fen: int, *, allow_partial: bool) -> DebitResult:
        with self._books.write() as connection:
            if _order(connection, order_id) is not None:
                return _result(connection, order_id)
            row = self._books.account(connection, account)
            behaviour = self._behaviour(row)
            connection.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, 0, 0, '')",
                (
                    order_id,
                    row["digest"] if row else _NO_SUCH,
                    amount_fen,
                    allow_partial,
                    self._books.day(connection).isoformat(),
                    behaviour.posts == "late",
                ),
            )
            if behaviour.posts == "now":
                self._post(connection, order_id)
            elif behaviour.posts == "never":
                _set(connection, order_id, reason=DebitReason.CORE.value)
            result = _result(connection, order_id)
        # the posting above stands; only now may the answer go astray
        if behaviour.answers == "silence":
            raise CoreUnavailable
        return DebitResult(Outcome.FAILED, reason=DebitReason.CORE) if behaviour.answers == "failed" else result

    def look_up(self, order_id: str) -> DebitResult:
        with self._books.write() as connection:
            order = _order(connection, order_id)
            if order is None:
                return DebitResult(Outcome.ABSENT)
            behaviour = self._of_order(connection, order)
            if behaviour.down:
                raise CoreUnavailable
            look_ups = order["look_ups"] + 1
            _set(connection, order_id, look_ups=look_ups)
            if order["queued"] and not order["closed"] and look_ups > 1:
                self._post(connection, order_id)
            if look_ups <= behaviour.unknown_look_ups and not order["closed"]:
                return DebitResult(Outcome.UNKNOWN)
            result = _result(connection, order_id)
        if behaviour.forgets and not order["closed"] and not result.posted_fen:
            return DebitResult(Outcome.ABSENT)
        return result

    def close(self, order_id: str) -> DebitResult:
        with self._books.write() as connection:
            order = _order(connection, order_id)
            today = self._books.day(connection)
            if order is None:
                connection.execute(
                    "INSERT INTO orders VALUES (?, ?, 0, 0, ?, 0, 1, 0, ?)",
                    (order_id, _NO_SUCH, today.isoformat(), DebitReason.CORE.value),
                )
            elif not order["closed"]:
                behaviour = self._of_order(connection, order)
                if behaviour.down:
                    raise CoreUnavailable
                if not behaviour.closes and order["day"] == today.isoformat():
                    raise CannotClose(day=today.isoformat())
                _close(connection, order_id)
            return _result(connection, order_id)

    def reverse(self, order_id: str, *, keep_fen: int = 0) -> DebitResult:
        with self._books.write() as connection:
            posting = connection.execute("SELECT * FROM posting WHERE order_id = ?", (order_id,)).fetchone()
            if posting is None:
                raise NothingPosted
            back_fen = max(posting["kept_fen"] - keep_fen, 0)
            connection.execute("UPDATE posting SET kept_fen = kept_fen - ? WHERE order_id = ?", (back_fen, order_id))
            connection.execute(
                "UPDATE account SET balance_fen = balance_fen + ? WHERE digest = (SELECT account FROM orders"
                " WHERE order_id = ?)",
                (back_fen, order_id),
            )
            return _result(connection, order_id)

    def day(self) -> date:
        with self._books.read() as connection:
            return self._books.day(connection)

    def end_day(self, next_day: date | None = None) -> date:
        """Post what is still queued, close every id of the day, and open the next business day (the next date)."""
        with self._books.write() as connection:
            today = self._books.day(connection)
            opened = next_day or today + timedelta(days=1)
            assert opened > today, "a business day follows the one before"
            for row in connection.execute("SELECT order_id FROM orders WHERE queued = 1 AND closed = 0").fetchall():
                self._post(connection, row["order_id"])
            for row in connection.execute("SELECT order_id FROM orders WHERE closed = 0").fetchall():
                _close(connection, row["order_id"])
            connection.execute("UPDATE account SET behaviour = 'full' WHERE behaviour = 'down'")
            connection.execute("UPDATE core SET day = ?", (opened.isoformat(),))
        return opened

    def _behaviour(self, row: sqlite3.Row | None) -> Behaviour:
        return self._behaviours.get(row["behaviour"], Behaviour()) if row else Behaviour()

    def _of_order(self, connection: sqlite3.Connection, order: sqlite3.Row) -> Behaviour:
        return self._behaviour(
            connection.execute("SELECT * FROM account WHERE digest = ?", (order["account"],)).fetchone()
        )

    def _post(self, connection: sqlite3.Connection, order_id: str) -> None:
        """Carry out a taken order: move what may be moved, never more than the account has."""
        order = connection.execute("SELECT * FROM orders WHERE order_id = ?", (order_id,)).fetchone()
        row = connection.execute("SELECT * FROM account WHERE digest = ?", (order["account"],)).fetchone()
        _set(connection, order_id, queued=0)
        if row is None:
            _set(connection, order_id, reason=DebitReason.NOT_OURS.value)
            return
        if blocked := _BLOCKS.get(AccountStatus(row["status"])):
            _set(connection, order_id, reason=blocked.value)
            return
        behaviour = self._behaviour(row)
        asked_fen: int = order["asked_fen"]
        free_fen = _free_fen(row)
        if free_fen < asked_fen:
            _set(connection, order_id, reason=DebitReason.BALANCE.value)
        taken_fen = min(asked_fen, free_fen) if order["allow_partial"] or free_fen >= asked_fen else 0
        if behaviour.half:
            taken_fen //= 2
            _set(connection, order_id, reason=DebitReason.CORE.value)
        taken_fen = min(taken_fen + behaviour.extra_fen, free_fen) if taken_fen else 0
        if not taken_fen:
            return
        connection.execute(
            "UPDATE account SET balance_fen = balance_fen - ? WHERE digest = ?", (taken_fen, row["digest"])
        )
        number: int = connection.execute(
            "UPDATE core SET next_reference = next_reference + 1 RETURNING next_reference - 1"
        ).fetchone()[0]
        day = self._books.day(connection)
        connection.execute(
            "INSERT INTO posting VALUES (?, ?, ?, ?, ?)",
            (order_id, taken_fen, taken_fen, f"{day:%Y%m%d}{number:08d}", day.isoformat()),
        )


def _free_fen(row: sqlite3.Row) -> int:
    frozen_fen: int = row["frozen_fen"] if row["status"] == AccountStatus.FROZEN_PART else 0
    return max(row["balance_fen"] - frozen_fen, 0)


def _sufficiency(row: sqlite3.Row, amount_fen: int) -> Sufficiency:
    if AccountStatus(row["status"]) in _BLOCKS or not _free_fen(row):
        return Sufficiency.UNKNOWN
    return Sufficiency.SUFFICIENT if _free_fen(row) >= amount_fen else Sufficiency.INSUFFICIENT


def _order(connection: sqlite3.Connection, order_id: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = connection.execute("SELECT * FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    return found


def _set(connection: sqlite3.Connection, order_id: str, **values: str | int) -> None:
    for name, value in values.items():
        connection.execute(f"UPDATE orders SET {name} = ? WHERE order_id = ?", (value, order_id))  # noqa: S608 - our names


def _close(connection: sqlite3.Connection, order_id: str) -> None:
    connection.execute("UPDATE orders SET closed = 1, queued = 0 WHERE order_id = ?", (order_id,))
    posted = connection.execute("SELECT 1 FROM posting WHERE order_id = ?", (order_id,)).fetchone()
    order = _order(connection, order_id)
    if order is not None and not posted and not order["reason"]:
        _set(connection, order_id, reason=DebitReason.CORE.value)


def _result(connection: sqlite3.Connection, order_id: str) -> DebitResult:
    order = _order(connection, order_id)
    assert order is not None
    posting = connection.execute("SELECT * FROM posting WHERE order_id = ?", (order_id,)).fetchone()
    if posting is None:
        if order["queued"] and not order["closed"]:
            return DebitResult(Outcome.UNKNOWN)
        return DebitResult(Outcome.FAILED, reason=DebitReason(order["reason"] or DebitReason.CORE))
    kept_fen: int = posting["kept_fen"]
    reason = DebitReason(order["reason"] or DebitReason.CORE)
    if kept_fen >= order["asked_fen"]:
        return DebitResult(Outcome.FULL, kept_fen, posting["reference"])
    return DebitResult(Outcome.PARTIAL if kept_fen else Outcome.FAILED, kept_fen, posting["reference"], reason)
