# SPDX-License-Identifier: Apache-2.0
"""Runs forge on contracts/ and gives back what it says of every test. One run at a time: they share a cache."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"
SCRATCH = CONTRACTS / "cache" / "drawn"  # ignored by git, readable for forge
CONFIG = "test/foundry.toml"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One forge test: ``suite`` is ``Rules.t.sol:RulesTest``, ``status`` Success, Failure or Skipped."""

    suite: str
    name: str
    status: str
    reason: str


def tool(name: str) -> str:
    """The path of Node.js or of a tool of contracts/node_modules. Fails with what to do where it is missing."""
    bins = CONTRACTS / "node_modules" / ".bin"
    found = shutil.which(name, path=f"{bins}:{os.environ['PATH']}:{ROOT / '.venv' / 'bin'}")
    if not bins.is_dir() or found is None:
        raise AssertionError(f"{name} is missing: run scripts/setup-contracts, which installs contracts/node_modules")
    return found


def environment(**extra: str) -> dict[str, str]:
    """This process's environment with Node.js on its path, and no setting of forge but our own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOUNDRY_", "DAPP_", "ETH_"))}
    kept["PATH"] = f"{Path(tool('node')).parent}:{kept['PATH']}"
    return kept | {"FOUNDRY_CONFIG": CONFIG} | extra


def forge_test(*arguments: str, timeout_s: float = 1_200, settings: Mapping[str, str] | None = None) -> list[Outcome]:
    """Run ``forge test`` with these arguments; every test of every suite that it ran. ``settings``: environment."""
    command = [tool("forge"), "test", "--json", *arguments]
    with _alone():
        ran = subprocess.run(
            command, cwd=CONTRACTS, env=environment(**(settings or {})), capture_output=True, timeout=timeout_s
        )
    lines = [line for line in ran.stdout.splitlines() if line.startswith(b"{")]
    assert lines, f"forge gave no results: {(ran.stdout + ran.stderr).decode(errors='replace')[-3000:]}"
    return [_tested(suite, name, result) for suite, name, result in _results(json.loads(lines[-1]))]


def _results(suites: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    return [(s.removeprefix("test/"), n, r) for s, one in suites.items() for n, r in one["test_results"].items()]


def _tested(suite: str, signature: str, result: Mapping[str, Any]) -> Outcome:
    return Outcome(suite, signature.split("(")[0], result["status"], result.get("reason") or "")


class _alone:
    """Holds a lock file: forge runs of several processes wait for each other."""

    def __enter__(self) -> None:
        SCRATCH.mkdir(parents=True, exist_ok=True)
        self._file = (SCRATCH / "lock").open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()
