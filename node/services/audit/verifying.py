# SPDX-License-Identifier: Apache-2.0
"""What an auditor does: replay the chain alone, then hold a node's database or a run's report against it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from node.audit.replay import Replay, replay_chain
from node.audit.rows import TABLES
from node.audit.verify import Difference, ReportMalformed, verify_rows
from node.audit.verify import verify_report as compare_report
from node.audit.views import Views, compare_views
from node.chain.deployment import Deployment
from node.domain.entries import Block
from node.domain.ports import Chain
from node.services.audit.database import open_database_copy

Seen = Callable[[Block], None]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What an auditor is given: a chain, the contracts on it, and storage as of a block where it can be read."""

    chain: Chain
    deployment: Deployment
    views: Callable[[int], Views] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The replay, and where the other side differs from it."""

    replay: Replay
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether the chain holds and the other side agrees."""
        return self.replay.ok and not self.differences


def replay_ledger(ledger: Ledger, last: int | None = None, seen: Seen | None = None) -> Replay:
    """The whole log up to ``last`` (None: the newest final block), and the ledger's own storage against it.

    Raises what the chain raises: Refused or Unavailable.
    """
    replayed = replay_chain(ledger.chain, ledger.deployment, last, seen)
    if ledger.views is None or replayed.last is None:
        return replayed
    differing = tuple(compare_views(replayed, ledger.views(replayed.last.number)))
    return replace(replayed, findings=(*replayed.findings, *differing))


def verify_database(ledger: Ledger, url: str, seen: Seen | None = None) -> Verdict:
    """Replay up to the block that the database had followed, then compare every row that the chain can speak of.

    Raises StoreUrlWrong, StoreOutdated, DatabaseUnreadable, and what the chain raises.
    """
    with open_database_copy(url) as copy:  # one snapshot throughout: a live node's rows must not move on meanwhile
        replayed = replay_ledger(ledger, copy.followed(), seen)
        return Verdict(replayed, tuple(verify_rows(replayed, copy.rows(TABLES), TABLES)))


def verify_report(ledger: Ledger, report: Path, seen: Seen | None = None) -> Verdict:
    """Replay, then compare a report's numbers. Raises ReportMalformed, and what the chain raises."""
    try:
        told: object = json.loads(report.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise ReportMalformed(field="file") from None
    replayed = replay_ledger(ledger, seen=seen)
    return Verdict(replayed, tuple(compare_report(replayed, told)))
