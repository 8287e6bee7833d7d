# SPDX-License-Identifier: Apache-2.0
"""Anvil as a child process, with fixed times and free gas, and as much of JSON-RPC as measuring takes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.contracts.forge import environment, tool

GENESIS = 1_772_416_800  # Monday 2 March 2026, 10:00 in Beijing
GAS = 29_000_000


class Anvil:
    """A chain whose every block is a second after the one before it, so that the same calls cost the same gas."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("wb")
        self.url = f"http://127.0.0.1:{_free_port()}"
        command = [
            tool("anvil"),
            "--port",
            self.url.rsplit(":", 1)[1],
            "--hardfork",
            "paris",
            "--timestamp",
            str(GENESIS),
        ]
        free = ["--base-fee", "0", "--gas-price", "0", "--auto-impersonate", "--silent"]
        self._process = subprocess.Popen(
            command + free, stdout=self._log, stderr=self._log, env=environment(), start_new_session=True
        )
        self._wait()
        self.ask("anvil_setBlockTimestampInterval", 1)

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)  # Anvil is a grandchild: Node.js, from npm or a wheel, starts it
        self._process.wait(60)
        self._log.close()

    def __enter__(self) -> Anvil:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ask(self, method: str, *parameters: object) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = json.load(answer)
        assert "error" not in told, f"{method}: {told['error']}"
        return told["result"]

    def send(self, sender: str, to: str | None, data: bytes) -> dict[str, Any]:
        """The receipt of a transaction; it must succeed."""
        call = {"from": sender, "data": "0x" + data.hex(), "gas": hex(GAS), "gasPrice": "0x0"}
        if to is not None:
            call["to"] = to
        receipt = self._receipt(self.ask("eth_sendTransaction", call))
        assert receipt["status"] == "0x1", f"reverted: {self.why(call)}"
        return receipt

    def _receipt(self, transaction: str) -> dict[str, Any]:
        for _ in range(1_000):
            receipt: dict[str, Any] | None = self.ask("eth_getTransactionReceipt", transaction)
            if receipt is not None:
                return receipt
            time.sleep(0.01)
        raise AssertionError("a transaction is not mined")

    def why(self, call: dict[str, str]) -> str:
        try:
            self.ask("eth_call", call, "latest")
        except AssertionError as told:
            return str(told)
        return "not any more"

    def _wait(self) -> None:
        for _ in range(600):
            assert self._process.poll() is None, f"anvil ended: see {self._log.name}"
            try:
                self.ask("eth_chainId")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        self.stop()
        raise AssertionError("anvil does not answer")


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port
