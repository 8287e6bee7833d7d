# SPDX-License-Identifier: Apache-2.0
"""Drop the projection and let the follower make it anew; and a fingerprint by which two projections are compared."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete, select
from sqlmodel import Session

from node.ledger.follower import Follower, Report
from node.store.database import Store
from node.store.schema import projection_tables


def drop(store: Store) -> None:
    """Empty every ``projection_*`` table in one transaction; what is the node's own stays."""
    with store.writing() as session:
        for table in reversed(projection_tables()):
            session.exec(delete(table))


def rebuild(store: Store, follower: Follower) -> Report:
    """Drop, then follow from the first block to the head. Interrupted, the follower goes on where it was.

    Meanwhile pages show a part of the past, and the outbox, which finds the projection behind, sends nothing.
    """
    drop(store)
    return follower.catch_up()


def fingerprint(session: Session) -> dict[str, str]:
    """For each ``projection_*`` table the SHA-256 of all its rows in key order, every column, byte for byte."""
    return {table.name: _digest(session, table.name) for table in projection_tables()}


def _digest(session: Session, name: str) -> str:
    table = next(t for t in projection_tables() if t.name == name)
    digest = hashlib.sha256()
    for row in session.connection().execute(select(table).order_by(*table.primary_key.columns)):
        for value in row:
            plain = value if isinstance(value, bytes) else repr(value).encode()
            digest.update(len(plain).to_bytes(8, "big") + plain)
    return digest.hexdigest()
