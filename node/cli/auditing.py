# SPDX-License-Identifier: Apache-2.0
"""``audit``: replay the chain alone; hold a database or a report against it. Exit code 3 where something differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.cli.argv import UsageWrong
from node.cli.call import Call, calling
from node.cli.terminal import OK, VERIFICATION_FAILED

if TYPE_CHECKING:
    from node.audit.replay import Replay
    from node.domain.entries import Block

_EVERY_BLOCKS = 500


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer()
    group.command("replay")(replay)
    group.command("verify")(verify)
    app.add_typer(group, name="audit")


def replay(context: typer.Context) -> int:
    """Recompute every signature, head, step, sum and refusal from the chain alone; no database, no key."""
    from node.services.audit.verifying import replay_ledger

    call = calling(context)
    found = replay_ledger(call.node.auditing(), seen=_progress(call))
    call.terminal.data(_shown(call, found), _lines(call, found))
    return OK if found.ok else VERIFICATION_FAILED


def verify(
    context: typer.Context,
    database: Annotated[str, typer.Option("--database", metavar="URL")] = "",
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE")] = None,
) -> int:
    """Replay, then compare with a node's database or a run's report; names table, key, field, found, expected."""
    from node.audit.verify import describe
    from node.services.audit.verifying import verify_database, verify_report

    call = calling(context)
    if bool(database) == (report is not None):
        raise UsageWrong(why="--database URL | --report FILE")
    ledger, seen = call.node.auditing(), _progress(call)
    verdict = verify_database(ledger, database, seen) if report is None else verify_report(ledger, report, seen)
    differences = [
        {"table": d.table, "key": d.key, "field": d.field, "found": d.found, "expected": d.expected}
        for d in verdict.differences
    ]
    shown = _shown(call, verdict.replay) | {"ok": verdict.ok, "differences": differences}
    lines = [*_lines(call, verdict.replay), *(describe(d, call.lang) for d in verdict.differences)]
    call.terminal.data(shown, lines)
    return OK if verdict.ok else VERIFICATION_FAILED


def _progress(call: Call) -> Any:
    def seen(block: Block) -> None:
        if block.number % _EVERY_BLOCKS == 0 and block.number:
            call.terminal.note("cli.replaying", block=block.number)

    return seen


def _shown(call: Call, found: Replay) -> dict[str, Any]:
    from node.audit.findings import describe

    names = {org.id: org.name for org in found.members.orgs()} if found.members else {}
    return {
        "ok": found.ok,
        "block": found.last.number if found.last else None,
        "entries": len(found.entries),
        "refusals": len(found.refusals),
        "cases": len(found.cases),
        "acts": len(found.acts),
        "findings": [{"kind": str(f.kind), "message": describe(f, call.lang)} for f in found.findings],
        "totals": {names.get(org, str(org)): book.figures() for org, book in found.books.items() if not book.empty},
    }


def _lines(call: Call, found: Replay) -> list[str]:
    from node.domain.messages import say
    from node.domain.money import format_yuan

    shown = _shown(call, found)
    counts = {name: shown[name] for name in ("block", "entries", "refusals", "cases")}
    lines = [say("cli.replayed", call.lang, **counts, findings=len(found.findings))]
    lines += [finding["message"] for finding in shown["findings"]]
    for name, figures in shown["totals"].items():
        yuan = {figure: format_yuan(fen, grouped=True) for figure, fen in figures.items()}
        lines.append(say("cli.totals", call.lang, name=name, **yuan))
    return lines
