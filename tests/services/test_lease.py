# SPDX-License-Identifier: Apache-2.0
"""One worker a database: a lease in a row, and a number that grows with each holder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from node.services.lease import TTL_S, Lease, LeaseLost, WorkerElsewhere, give_back, renew, take
from node.store.database import Store, StoreConflict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=TTL_S)


def taken(store: Store, now: datetime = NOW) -> Lease:
    with store.writing() as session:
        return take(session, now)


def test_a_second_worker_is_refused_until_the_lease_has_run_out(store: Store) -> None:
    first = taken(store)
    with pytest.raises(WorkerElsewhere):
        taken(store, LATER - timedelta(milliseconds=1))
    assert taken(store, LATER).fence == first.fence + 1


def test_a_renewed_lease_lasts_longer(store: Store) -> None:
    held = taken(store)
    with store.writing() as session:
        renew(session, held, LATER - timedelta(seconds=1))
    with pytest.raises(WorkerElsewhere):
        taken(store, LATER)


def test_whoever_has_lost_it_is_told_at_the_next_renewal(store: Store) -> None:
    old = taken(store)
    taken(store, LATER)
    with store.writing() as session, pytest.raises(LeaseLost):
        renew(session, old, LATER)


def test_given_back_it_is_free_at_once_and_a_lost_one_takes_nothing_along(store: Store) -> None:
    old = taken(store)
    with store.writing() as session:
        give_back(session, old, NOW)
    new = taken(store, NOW)
    with store.writing() as session:
        give_back(session, old, NOW)
    with pytest.raises(WorkerElsewhere):
        taken(store, NOW)
    assert new.fence == old.fence + 1


def test_of_ten_at_once_one_becomes_the_worker(store: Store) -> None:
    ready = Barrier(10)

    def try_it(_: int) -> bool:
        ready.wait()
        try:
            taken(store)
        except (WorkerElsewhere, StoreConflict):
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(try_it, range(10))) == 1
