# SPDX-License-Identifier: Apache-2.0
"""One house of the alliance as these tests use it: a folder, and ``alliance-node`` run on it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.cli.app import run
from node.runtime import Runtime, create_home

PASSPHRASE = "for these tests only"
ENTRY = [sys.executable, "-c", "from node.runtime import main; main()"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Runner = Callable[[Sequence[str], Mapping[str, str]], Answer]


def in_process(arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
    """The whole command line but for the process: fast, since imports are paid once."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments), Runtime, create_home, environment)
    return Answer(code, out.getvalue(), err.getvalue())


def in_subprocess(arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
    """As an engineer runs it."""
    done = subprocess.run(
        [*ENTRY, *arguments],
        env=clean_environment() | dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def clean_environment() -> dict[str, str]:
    """This process's, without what would change what a node does; what one process compiles the next need not."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith("ALLIANCE_") and n != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "alliance-node-tests-pycache")}


@dataclass(frozen=True, slots=True)
class House:
    """A folder with a node in it, and how commands are run on it."""

    home: Path
    runner: Runner
    secret: Path

    def ask(self, *arguments: str, code: int = 0) -> Answer:
        """Run a command with --json and expect its exit code; whatever happens, stdout is one JSON document."""
        where = ["--home", str(self.home), "--passphrase-file", str(self.secret), "--json"]
        answer = self.runner([*where, *arguments], {})
        assert answer.code == code, f"{arguments}: {answer}"
        json.loads(answer.out)
        return answer

    def do(self, *arguments: str) -> Any:
        """What a command that succeeds says."""
        return self.ask(*arguments).json

    def settle(self) -> Any:
        return self.do("run", "--once")

    def act(self, *arguments: str) -> Any:
        """An act that this house's two ADMINs sign and send, then see carried out."""
        done = self.do(
            *arguments, "--sign", "admin-1", "--sign", "admin-2", "--send", "--out", str(self.file("act.json"))
        )
        self.settle()
        return done

    def write(self, *arguments: str) -> Any:
        """Entries that maker and checker sign, and that are then on the ledger."""
        made = self.do(*arguments, "--maker", "jingban")
        self.do("approve", made["submission"]["root"], "--checker", "fuhe")
        self.settle()
        return made

    def case(self) -> Any:
        """The only case here."""
        (one,) = self.do("case", "list")
        return one

    def file(self, name: str) -> Path:
        """Where a file lies that is handed over."""
        return self.home.parent / f"{self.home.name}-{name}"


def served(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """An embedded chain in a process of its own, and its address."""
    process = subprocess.Popen(
        [*ENTRY, "--home", str(folder), "network", "start", "embedded", "--json"],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    document = ""
    while not document.endswith("}\n"):
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        document += line
    return process, json.loads(document)["url"]


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """SIGTERM, and how the process ended; a hang ends it by force."""
    process.send_signal(signal.SIGTERM)
    try:
        out, err = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, out, err
