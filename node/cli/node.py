# SPDX-License-Identifier: Apache-2.0
"""What the command line is handed: one node in its folder, and how one is opened or made. ``runtime`` has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from node.chain.adapter import ChainAdapter
    from node.chain.connection import Connection
    from node.chain.deployment import Deployment
    from node.chain.networks import Network
    from node.corebank.desk import DebitDesk
    from node.corebank.simulated import SimulatedBank
    from node.crypto.keyring import KeyRing
    from node.domain.entries import Founding
    from node.domain.errors import Value
    from node.domain.messages import Lang
    from node.domain.ports import Clock, Random
    from node.ledger.follower import Follower
    from node.services.audit.verifying import Ledger
    from node.services.context import Context, Contracts
    from node.store.database import Store


class Preferences(Protocol):
    """The settings that commands look at themselves."""

    @property
    def mode(self) -> str: ...
    @property
    def lang(self) -> Lang: ...
    @property
    def name(self) -> str: ...
    @property
    def chain_url(self) -> str: ...
    @property
    def deployment(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def stop_sender(self) -> str: ...


class Loaded(Protocol):
    """Where each setting came from."""

    @property
    def sources(self) -> Mapping[str, str]: ...


class Done(Protocol):
    """What a worker has done: figures by name."""

    block: int
    head: int
    final: int
    sent: int
    recorded: int
    refused: int
    acknowledged: int
    debited: int
    waiting: dict[int, str]


class Stop(Protocol):
    """What tells a worker to end."""

    def is_set(self) -> bool: ...
    def set(self) -> None: ...
    def wait(self, timeout: float | None = None) -> bool: ...


class Worker(Protocol):
    """Keeps a node going."""

    @property
    def done(self) -> Done: ...
    def settle(self, timeout_s: float) -> Done: ...
    def run(self, stop: Stop, patience_s: float = ...) -> bool: ...


class Node(Protocol):
    """One node in its folder; every part is built when it is first asked for."""

    home: Path

    @property
    def settings(self) -> Preferences: ...
    @property
    def loaded(self) -> Loaded: ...
    @property
    def passphrase_path(self) -> Path | None: ...
    @property
    def has_database(self) -> bool: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def random(self) -> Random: ...
    @property
    def keyring(self) -> KeyRing: ...
    @property
    def listed_keys(self) -> KeyRing: ...
    @property
    def store(self) -> Store: ...
    @property
    def deployment(self) -> Deployment: ...
    @property
    def contracts(self) -> Contracts: ...
    @property
    def connection(self) -> Connection: ...
    @property
    def chain(self) -> ChainAdapter: ...
    @property
    def corebank(self) -> SimulatedBank | None: ...
    @property
    def desk(self) -> DebitDesk: ...
    @property
    def context(self) -> Context: ...
    @property
    def follower(self) -> Follower: ...
    def worker(self, tell: Callable[[str, dict[str, Value]], None]) -> Worker: ...
    def auditing(self) -> Ledger: ...
    def deploy(self, threshold: int, governors: Sequence[Founding]) -> Deployment: ...
    def network(self) -> Network: ...
    def close(self) -> None: ...


class OpenNode(Protocol):
    """Opens the node in a folder. Raises what ``runtime`` raises: HomeMissing, SettingsWrong."""

    def __call__(self, home: Path, ask: Callable[[], bytes], passphrase_file: Path | None = None) -> Node: ...


class CreateNode(Protocol):
    """Makes a node in an absent or empty folder. Raises HomeTaken, SettingsWrong, PassphraseEmpty."""

    def __call__(self, home: Path, values: Mapping[str, str | int | float], passphrase: bytes) -> Node: ...
