# SPDX-License-Identifier: Apache-2.0
"""Drop the projection and follow the chain anew, as the one worker of the node, and say what had not been as it is."""

from __future__ import annotations

from dataclasses import dataclass

from node.ledger.follower import Follower, Report
from node.ledger.rebuild import drop, fingerprint
from node.services import lease
from node.services.context import Context
from node.store.database import Store
from node.store.projection import ProjectionCursor


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """``differing``: tables that the chain gives otherwise than they were; None where the chain moved meanwhile, and
    they cannot be compared."""

    report: Report
    differing: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class _Looked:
    at: tuple[int, bytes] | None  # the cursor's number and hash
    tables: dict[str, str]


def rebuild(ctx: Context, follower: Follower) -> Rebuilt:
    """Drop every ``projection_*`` table, then follow from the first block to the head; what is our own stays.

    Raises WorkerElsewhere, Unavailable (asked before anything is dropped), and what following raises. Interrupted, the
    next worker goes on where it was.
    """
    ctx.chain.head()
    with ctx.store.writing() as session:
        held = lease.take(session, ctx.clock.now())
    try:
        before = _look(ctx.store)
        drop(ctx.store)
        while (report := follower.step()).behind:
            with ctx.store.writing() as session:
                lease.renew(session, held, ctx.clock.now())
        after = _look(ctx.store)
    finally:
        with ctx.store.writing() as session:
            lease.give_back(session, held, ctx.clock.now())
    if before.at != after.at:
        return Rebuilt(report, None)
    return Rebuilt(report, tuple(name for name, told in after.tables.items() if before.tables[name] != told))


def _look(store: Store) -> _Looked:
    with store.reading() as session:
        cursor, tables = session.get(ProjectionCursor, 1), fingerprint(session)
        del tables[ProjectionCursor.__tablename__]  # what is final moves on by itself
        return _Looked(None if cursor is None else (cursor.number, cursor.hash), tables)
