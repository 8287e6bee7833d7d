# SPDX-License-Identifier: Apache-2.0
"""Local networks, started and stopped by the program itself, with their senders funded; or one that runs already.

``chain-config/<kind>/network.json`` says how each is started: chain id, finality, script, arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from node.chain.connection import Connection
from node.chain.failures import MethodMissing
from node.chain.finality import Finality, Immediate, parse_finality
from node.chain.hexes import quantity, to_int
from node.domain.errors import Refused

FUNDING_WEI = 10**20
_FUND_METHODS = ("alliance_fund", "anvil_setBalance", "hardhat_setBalance", "evm_setAccountBalance")


class NetworkUnknown(Refused):
    """Neither a kind that we start nor an http(s) URL. Values: ``kind``."""

    code = "network_kind_unknown"


class Network(Protocol):
    """A network that can be reached at ``url``. ``stop`` ends what the program started, and nothing else."""

    @property
    def url(self) -> str: ...
    @property
    def chain_id(self) -> int: ...
    @property
    def finality(self) -> Finality: ...

    def fund(self, address: str) -> None:
        """Give an account what it needs for gas; nothing happens where gas is free or the operator's business."""
        ...

    def advance(self, seconds: int) -> None:
        """Move block time forward and make a block. Raises MethodMissing on a network that is no test network."""
        ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RunningNetwork:
    """A network behind a URL, and how to end it."""

    url: str
    chain_id: int
    finality: Finality
    fund_methods: tuple[str, ...]
    connection: Connection
    end: Callable[[], None]

    def fund(self, address: str) -> None:
        for method in self.fund_methods:
            try:
                self.connection.send(method, address, quantity(FUNDING_WEI))
            except MethodMissing:
                continue
            return

    def advance(self, seconds: int) -> None:
        self.connection.send("evm_increaseTime", seconds)
        self.connection.send("evm_mine")

    def stop(self) -> None:
        self.connection.close()
        self.end()


def start_network(kind: str, folder: Path, port: int = 0, root: Path | None = None) -> Network:
    """``embedded``, ``hardhat``, ``ganache``, ``anvil``, or the URL of a network that runs already.

    ``folder`` keeps the embedded chain, and the simulators' logs. ``root``: the checkout with ``chain-config`` and
    ``contracts/node_modules``. A URL's blocks count as final at once (consortium engines are); give its own policy to
    ``ChainAdapter`` otherwise. Raises NetworkUnknown, and what the network's start raises.
    """
    if kind.startswith(("http://", "https://")):
        connection = Connection(kind)
        chain_id = to_int(connection.read("eth_chainId"))
        return RunningNetwork(kind, chain_id, Immediate(), _FUND_METHODS, connection, _nothing)
    root = root or Path(__file__).resolve().parents[2]
    if kind == "embedded":
        return _start_embedded(folder, port)
    if kind not in ("hardhat", "ganache", "anvil"):
        raise NetworkUnknown(kind=kind)
    from node.chain.simulators import start_simulator

    config: dict[str, Any] = orjson.loads((root / "chain-config" / kind / "network.json").read_bytes())
    simulator = start_simulator(kind, config, folder, port, root)
    connection = Connection(simulator.url)
    finality = parse_finality(config["finality"])
    return RunningNetwork(simulator.url, config["chain_id"], finality, (config["fund"],), connection, simulator.stop)


def _start_embedded(folder: Path, port: int) -> Network:
    from node.chain.embedded.network import EmbeddedNetwork  # py-evm takes a second to import

    embedded = EmbeddedNetwork.start(folder, port)
    connection = Connection(embedded.url)
    return RunningNetwork(embedded.url, embedded.chain_id, Immediate(), ("alliance_fund",), connection, embedded.stop)


def _nothing() -> None:
    """What the program did not start it does not stop."""
