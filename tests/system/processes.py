# SPDX-License-Identifier: Apache-2.0
"""``alliance-node`` as processes that live on, are ended, killed and started again; and waiting for what they do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from node.demo.cast import Player
from node.domain.errors import Unavailable
from node.store.own_records import OwnSetting

ENTRY = [sys.executable, "-c", "from node.runtime import main; main()"]
PATIENCE_S = 120.0  # a machine that does other things as well; nothing here asserts how long something takes

T = TypeVar("T")


class NeverCame(AssertionError):
    """A condition that did not come about."""


def eventually(what: str, found: Callable[[], T | None], within_s: float = PATIENCE_S) -> T:
    """Ask until there is an answer that is not None or False."""
    ends = time.monotonic() + within_s
    while True:
        answer = found()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > ends:
            raise NeverCame(what)
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Daemon:
    """One process of ``alliance-node``, what it says going into files."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    @classmethod
    def start(cls, home: Path, *arguments: str, **environment: str) -> Daemon:
        """Run a command on a HOME; ``environment`` goes above a clean one."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ALLIANCE_")}
        logs = home.parent / "said"
        logs.mkdir(exist_ok=True)
        number = len(list(logs.glob(f"{home.name}-*.out")))
        out, err = logs / f"{home.name}-{number}.out", logs / f"{home.name}-{number}.err"
        command = [*ENTRY, "--home", str(home), "--json", "--lang", "en", *arguments]
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = subprocess.Popen(
                command, env=clean | environment, stdin=subprocess.DEVNULL, stdout=to_out, stderr=to_err
            )
        return cls(process, out, err)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out.read_text(encoding="utf-8"))

    def said(self) -> str:
        """All that it has told, for a failing test."""
        return self.out.read_text(encoding="utf-8") + self.err.read_text(encoding="utf-8")

    def kill(self) -> None:
        """As a power cut would: no handler runs."""
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def end(self) -> int:
        """As a service manager would; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def failed(self) -> tuple[int, str]:
        """Exit code and error code of a process that ends by itself."""
        code = self.process.wait(PATIENCE_S)
        said = self.said()
        assert "Traceback" not in said, said
        document = self.json()
        assert document["message"] in self.err.read_text(encoding="utf-8")
        return code, document["error"]


def start_chain(folder: Path, *arguments: str) -> Daemon:
    """Serve the embedded chain of a folder; returns once it answers."""
    daemon = Daemon.start(folder, "network", "start", "embedded", *arguments)
    eventually("the chain is served", lambda: not daemon.alive or "serv" in daemon.err.read_text(encoding="utf-8"))
    assert daemon.alive, daemon.said()
    return daemon


@dataclass(frozen=True, slots=True)
class Held:
    """The lease of a node's worker as its database has it."""

    fence: int
    until: datetime | None


def lease_of(player: Player) -> Held:
    """Who works for this node, and until when."""
    with player.ctx.store.reading() as session:
        row = session.get(OwnSetting, "worker")
        if row is None:
            return Held(0, None)
        value: dict[str, Any] = row.value
        return Held(int(value["fence"]), datetime.fromisoformat(value["until"]))


def let_lapse(player: Player) -> None:
    """Let the lease of a killed worker run out at once, where waiting for it is not what is tested."""
    now = player.runtime.clock.now()
    with player.ctx.store.writing() as session:
        row = session.get(OwnSetting, "worker")
        if row is not None:
            row.value = dict(row.value) | {"until": now.isoformat()}
            session.add(row)


def start_worker(player: Player) -> Daemon:
    """``run`` on a node's HOME as a service manager starts it: again and again until it holds the lease."""
    before = lease_of(player).fence
    ends = time.monotonic() + PATIENCE_S

    def tried() -> Daemon:
        daemon = Daemon.start(player.runtime.home, "run")
        eventually("the worker starts", lambda: not daemon.alive or lease_of(player).fence > before)
        return daemon

    while not (daemon := tried()).alive:
        assert daemon.failed() == (1, "worker_elsewhere"), daemon.said()
        assert time.monotonic() < ends, "the lease never ran out"
    return daemon


def head_of(player: Player) -> int | None:
    """The chain's head as a node in this process asks for it; None while the chain is away."""
    try:
        return player.runtime.chain.head().number
    except Unavailable:
        return None
