# SPDX-License-Identifier: Apache-2.0
"""Step 5: the auditor, with the chain and the contracts' addresses alone; then it proves that it can find a fault."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from node.audit.replay import Replay
from node.audit.verify import Difference
from node.audit.views import ChainViews
from node.chain.connection import Connection
from node.demo.cast import Player
from node.demo.play import Play
from node.ledger.totals import totals
from node.services.audit.verifying import Ledger, replay_ledger, verify_database


def audit(play: Play) -> Replay:
    """Replay the log and hold every node's books against it."""
    auditor = play.alliance.auditor
    ledger = _ledger(auditor)
    replayed = replay_ledger(ledger)
    play.checks.hold(
        "5.replay",
        replayed.ok and bool(replayed.entries),
        f"{len(replayed.entries)} entries, {len(replayed.refusals)} refusals, {len(replayed.findings)} findings",
    )
    told = {"entries": len(replayed.entries), "refusals": len(replayed.refusals)}
    play.tell("replayed", **told, findings=len(replayed.findings))
    expected = {org: book.figures() for org, book in replayed.books.items() if not book.empty}
    for player in play.alliance.writers:
        with player.ctx.store.reading() as session:
            own = {org: sums.figures() for org, sums in totals(session, final_only=True).items()}
        mine, theirs = own.get(player.org), expected.get(player.org)
        play.checks.hold(f"5.totals.{player.part.folder}", mine == theirs and mine is not None, f"{mine}")
        verdict = verify_database(ledger, _url(player.runtime.home / "node.db"))
        play.checks.hold(f"5.database.{player.part.folder}", verdict.ok, f"{len(verdict.differences)} differences")
    play.tell("books_agree")
    return replayed


def find_the_fault(play: Play) -> None:
    """Alter a copy of a bank's database by one fen; the audit names table, key, field, found, expected."""
    bank = play.alliance.banks[0]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "node.db"
        with (
            closing(sqlite3.connect(bank.runtime.home / "node.db")) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            row = target.execute("SELECT rowid FROM projection_entry WHERE action = 8 AND amount_fen > 1").fetchone()
            target.execute("UPDATE projection_entry SET amount_fen = amount_fen + 1 WHERE rowid = ?", row)
            target.commit()
        verdict = verify_database(_ledger(play.alliance.auditor), _url(copy))
    found = verdict.differences
    named = len(found) == 1 and (found[0].table, found[0].field) == ("projection_entry", "amount_fen")
    off_by_one = named and int(found[0].found) == int(found[0].expected) + 1
    detail = "; ".join(f"{d.table} {d.key[:16]} {d.field}: {d.found} ≠ {d.expected}" for d in found[:3])
    play.checks.hold("5.finds_one_fen", off_by_one, detail or "nothing found")
    if found:
        first = found[0]
        play.tell("fault_found", table=first.table, key=first.key[:16], field=first.field, **_both(first))


def _both(difference: Difference) -> dict[str, str]:
    return {"found": difference.found, "expected": difference.expected}


def _ledger(auditor: Player) -> Ledger:
    connection = Connection(auditor.runtime.settings.chain_url)
    deployment = auditor.runtime.deployment
    return Ledger(auditor.runtime.chain, deployment, lambda block: ChainViews(connection, deployment, block))


def _url(path: Path) -> str:
    return f"sqlite:///{path}"
