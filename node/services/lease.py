# SPDX-License-Identifier: Apache-2.0
"""One worker a database: a lease in a row, with a number that grows with each holder (fencing).

Whoever holds it runs follower, outbox and chores, and renews it; a second worker is refused until it has run out. What
a worker that lost it still does is caught by the follower's and the outbox's own compare-and-set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from node.domain.errors import Conflict
from node.store.own_records import OwnSetting

TTL_S = 15.0
_KEY = "worker"


class WorkerElsewhere(Conflict):
    """Another process works for this node. Values: ``until`` (UTC, when its lease runs out if it is not renewed)."""

    code = "worker_elsewhere"


class LeaseLost(Conflict):
    """The lease ran out and another process took it: stop. Values: ``fence``."""

    code = "lease_lost"


@dataclass(frozen=True, slots=True)
class Lease:
    """What a worker holds. ``fence`` is greater than that of every holder before."""

    fence: int


def take(session: Session, now: datetime, ttl_s: float = TTL_S) -> Lease:
    """Become the worker. Raises WorkerElsewhere."""
    row = _row(session)
    if row is None:
        row = OwnSetting(key=_KEY, value={"fence": 0, "until": now.isoformat()}, changed_at=now)
    held: dict[str, Any] = row.value
    if datetime.fromisoformat(held["until"]) > now:
        raise WorkerElsewhere(until=held["until"][:19])
    fence = int(held["fence"]) + 1
    _write(session, row, fence, now + timedelta(seconds=ttl_s), now)
    return Lease(fence)


def renew(session: Session, lease: Lease, now: datetime, ttl_s: float = TTL_S) -> None:
    """Hold it for another while. Raises LeaseLost."""
    row = _row(session)
    if row is None or row.value["fence"] != lease.fence:
        raise LeaseLost(fence=lease.fence)
    _write(session, row, lease.fence, now + timedelta(seconds=ttl_s), now)


def give_back(session: Session, lease: Lease, now: datetime) -> None:
    """End it, so that the next worker need not wait; nothing where it was lost."""
    row = _row(session)
    if row is not None and row.value["fence"] == lease.fence:
        _write(session, row, lease.fence, now, now)


def _row(session: Session) -> OwnSetting | None:
    return session.get(OwnSetting, _KEY, with_for_update=True)


def _write(session: Session, row: OwnSetting, fence: int, until: datetime, now: datetime) -> None:
    row.value, row.changed_at = {"fence": fence, "until": until.isoformat()}, now
    session.add(row)
    session.flush()
