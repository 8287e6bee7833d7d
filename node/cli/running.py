# SPDX-License-Identifier: Apache-2.0
"""``run``: keep a node going until SIGTERM, or with --once until nothing is under way; ``rebuild``: read all anew."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from node.cli.call import Call, calling
from node.cli.terminal import OK, VERIFICATION_FAILED
from node.domain.messages import say

if TYPE_CHECKING:
    from node.cli.node import Done
    from node.domain.errors import Value


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("rebuild")(rebuild)


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once")] = False,
    timeout_s: Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=1)] = 120.0,
) -> int:
    """Follow the chain, send what is approved, and do the chores of this house."""
    call = calling(context)
    terminal = call.terminal

    def tell(key: str, values: dict[str, Value]) -> None:
        terminal.note(key, **values)

    worker = call.node.worker(tell)
    if once:
        done = worker.settle(timeout_s)
        terminal.data(_shown(done), _lines(call, done))
        return OK
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stop.set())
    idle = worker.run(stop)
    terminal.data(_shown(worker.done), _lines(call, worker.done))
    terminal.note("worker.ended")
    if not idle:
        # a job hangs in a call that we cannot cut; what it leaves is taken up by the next worker
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(OK)
    return OK


def rebuild(context: typer.Context) -> int:
    """Drop what was read from the chain and read it anew; what is this house's own stays."""
    from node.services import rebuilding

    call = calling(context)
    found = rebuilding.rebuild(call.ctx, call.node.follower)
    shown = {"block": found.report.number, "head": found.report.head, "final": found.report.final}
    call.terminal.data(shown | {"differing": found.differing}, [say("cli.rebuilt", call.lang, **shown)])
    if found.differing is None:
        call.terminal.note("cli.rebuilt_moved")
    elif found.differing:
        call.terminal.note("cli.rebuilt_differing", tables=", ".join(found.differing))
        return VERIFICATION_FAILED
    return OK


def _shown(done: Done) -> dict[str, Any]:
    found = asdict(cast("Any", done))
    return found | {"waiting": {str(intent): why for intent, why in done.waiting.items()}}


def _lines(call: Call, done: Done) -> list[str]:
    shown = _shown(done)
    waiting = shown.pop("waiting")
    lines = [say("cli.run_done", call.lang, **shown)]
    lines += [say("cli.run_waiting", call.lang, intent=intent, why=str(why)) for intent, why in waiting.items()]
    return lines
