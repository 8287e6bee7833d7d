# SPDX-License-Identifier: Apache-2.0
"""The desk's memory: what it was about to send, before it is sent. Order ids and amounts; no person, no account."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from node.corebank.port import DebitResult, Outcome
from node.domain.codes import DebitReason
from node.domain.errors import Broken, Conflict

_TIMEOUT_S = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS debit (
    order_id TEXT PRIMARY KEY, amount_fen INTEGER NOT NULL, allow_partial INTEGER NOT NULL, day TEXT NOT NULL,
    state TEXT NOT NULL, sent_at TEXT, look_ups INTEGER NOT NULL DEFAULT 0, outcome TEXT, posted_fen INTEGER,
    reference TEXT, reason TEXT);
CREATE INDEX IF NOT EXISTS debit_day ON debit (day, state);
"""


class OrderDiffers(Conflict):
    """The journal knows the order id with another amount, day or use in parts."""

    code = "debit_order_differs"


class ControlTotalExceeded(Broken):
    """Debits sent of a day's orders would pass what was accepted that day: something runs twice. Nothing was sent."""

    code = "debit_control_total"


class ResultDiffers(Broken):
    """An order that had ended came to another end."""

    code = "debit_result_differs"


class State(StrEnum):
    """PENDING: nothing sent. SENT: it may have been; never sent again. ENDED: the result is final."""

    PENDING = "pending"
    SENT = "sent"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Line:
    """One order in the journal; ``result`` once it has ended."""

    order_id: str
    amount_fen: int
    allow_partial: bool
    day: date  # Beijing date of the block that accepted the order: never a clock's
    state: State
    sent_at: datetime | None
    look_ups: int
    result: DebitResult | None


class DebitJournal(Protocol):
    """What the desk needs to remember. Each call is durable when it returns."""

    def admit(self, order_id: str, amount_fen: int, *, allow_partial: bool, day: date) -> Line:
        """Write the order down as PENDING, or give the line that is there. Errors: OrderDiffers."""
        ...

    def start(self, order_id: str, now: datetime, ceiling_fen: int) -> bool:
        """PENDING → SENT for exactly one caller. Errors: ControlTotalExceeded (the day's sum passes the ceiling)."""
        ...

    def looked_up(self, order_id: str) -> int:
        """Count a look-up that settled nothing; gives how many there were."""
        ...

    def end(self, order_id: str, result: DebitResult) -> None:
        """SENT → ENDED; the same again is no error. Errors: ResultDiffers."""
        ...

    def open_lines(self, limit: int) -> list[Line]:
        """Lines that have not ended, oldest day first."""
        ...


class SqliteJournal:
    """The journal in a SQLite file of its own, safe between threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(sqlite3.connect(path, timeout=_TIMEOUT_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)

    def admit(self, order_id: str, amount_fen: int, *, allow_partial: bool, day: date) -> Line:
        with self._write() as connection:
            connection.execute(
                "INSERT INTO debit (order_id, amount_fen, allow_partial, day, state) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (order_id, amount_fen, allow_partial, day.isoformat(), State.PENDING.value),
            )
            line = _line(connection.execute("SELECT * FROM debit WHERE order_id = ?", (order_id,)).fetchone())
        if (line.amount_fen, line.allow_partial, line.day) != (amount_fen, allow_partial, day):
            raise OrderDiffers(order=order_id)
        return line

    def start(self, order_id: str, now: datetime, ceiling_fen: int) -> bool:
        with self._write() as connection:
            line = connection.execute(
                "SELECT * FROM debit WHERE order_id = ? AND state = ?", (order_id, State.PENDING.value)
            ).fetchone()
            if line is None:
                return False
            sent_fen: int = connection.execute(
                "SELECT coalesce(sum(amount_fen), 0) FROM debit WHERE day = ? AND state <> ?",
                (line["day"], State.PENDING.value),
            ).fetchone()[0]
            if sent_fen + line["amount_fen"] > ceiling_fen:
                raise ControlTotalExceeded(
                    order=order_id, day=line["day"], sent=sent_fen, amount=line["amount_fen"], accepted=ceiling_fen
                )
            connection.execute(
                "UPDATE debit SET state = ?, sent_at = ? WHERE order_id = ?",
                (State.SENT.value, now.isoformat(), order_id),
            )
        return True

    def looked_up(self, order_id: str) -> int:
        with self._write() as connection:
            connection.execute("UPDATE debit SET look_ups = look_ups + 1 WHERE order_id = ?", (order_id,))
            found: int = connection.execute("SELECT look_ups FROM debit WHERE order_id = ?", (order_id,)).fetchone()[0]
        return found

    def end(self, order_id: str, result: DebitResult) -> None:
        with self._write() as connection:
            line = _line(connection.execute("SELECT * FROM debit WHERE order_id = ?", (order_id,)).fetchone())
            if line.result is not None:
                if (line.result.posted_fen, line.result.reference) != (result.posted_fen, result.reference):
                    raise ResultDiffers(order=order_id, before=line.result.posted_fen, now=result.posted_fen)
                return
            connection.execute(
                "UPDATE debit SET state = ?, outcome = ?, posted_fen = ?, reference = ?, reason = ? WHERE order_id = ?",
                (
                    State.ENDED.value,
                    result.outcome.value,
                    result.posted_fen,
                    result.reference,
                    result.reason.value,
                    order_id,
                ),
            )

    def open_lines(self, limit: int) -> list[Line]:
        with self._write() as connection:
            rows = connection.execute(
                "SELECT * FROM debit WHERE state <> ? ORDER BY day, rowid LIMIT ?", (State.ENDED.value, limit)
            ).fetchall()
        return [_line(row) for row in rows]

    @contextmanager
    def _write(self) -> Generator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_TIMEOUT_S, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = FULL")  # the intent must outlive a power cut
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


def _line(row: sqlite3.Row) -> Line:
    result = None
    if row["outcome"]:
        reason = DebitReason(row["reason"])
        result = DebitResult(Outcome(row["outcome"]), row["posted_fen"], row["reference"], reason)
    return Line(
        order_id=row["order_id"],
        amount_fen=row["amount_fen"],
        allow_partial=bool(row["allow_partial"]),
        day=date.fromisoformat(row["day"]),
        state=State(row["state"]),
        sent_at=datetime.fromisoformat(row["sent_at"]) if row["sent_at"] else None,
        look_ups=row["look_ups"],
        result=result,
    )
