# SPDX-License-Identifier: Apache-2.0
"""The composition root: the one place that builds adapters and hands them on.

Nothing heavy is imported before it is needed, and no adapter is built before somebody uses it: ``--help`` knows no
chain, a list of cases asks for no passphrase, and ``case list`` works while the chain is away.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from node.domain.errors import Refused
from node.late import Late
from node.machine import SystemClock, SystemRandom, read_passphrase

if TYPE_CHECKING:
    from node.chain.adapter import ChainAdapter
    from node.chain.connection import Connection
    from node.chain.deployment import Deployment
    from node.chain.networks import Network
    from node.cli.node import CreateNode, OpenNode
    from node.corebank.desk import DebitDesk
    from node.corebank.simulated import SimulatedBank
    from node.crypto.fields import FieldCipher
    from node.crypto.keyring import KeyRing
    from node.crypto.node_key import NodeKey
    from node.domain.entries import Founding
    from node.domain.ports import Chain
    from node.jobs import Tell, Worker
    from node.ledger.follower import Follower
    from node.ledger.outbox import Outbox
    from node.services.audit.verifying import Ledger
    from node.services.context import Context, Contracts
    from node.settings import Loaded, Settings
    from node.store.database import Store


class HomeMissing(Refused):
    """There is no node in that folder. Values: ``home``."""

    code = "home_missing"


class HomeTaken(Refused):
    """The folder has files already. Values: ``home``."""

    code = "home_taken"


class ChainUnset(Refused):
    """Neither settings nor environment say where the chain is."""

    code = "chain_unset"


class Runtime:
    """One node in one folder; every part is built when it is first asked for."""

    def __init__(self, home: Path, ask: Callable[[], bytes], passphrase_file: Path | None = None) -> None:
        """``ask`` gives the passphrase where no file is named; ``passphrase_file`` goes above the settings.

        Raises HomeMissing, SettingsWrong.
        """
        from node import settings

        if not (home / settings.FILE).is_file():
            raise HomeMissing(home=str(home))
        self.home = home
        self.loaded: Loaded = settings.load(home)
        self.settings: Settings = self.loaded.settings
        self.clock = SystemClock()
        self.random = SystemRandom()
        self._ask = ask
        self._passphrase_file = passphrase_file

    @property
    def passphrase_path(self) -> Path | None:
        """The file with the passphrase: named for this run, else by the settings."""
        return self._passphrase_file or self.loaded.passphrase_path(self.home)

    @cached_property
    def passphrase(self) -> bytes:
        """From the file, else asked for. Raises PassphraseReadable, PassphraseMissing."""
        path = self.passphrase_path
        return self._ask() if path is None else read_passphrase(path)

    @cached_property
    def node_key(self) -> NodeKey:
        from node.crypto.node_key import open_node_key

        return open_node_key(self.home / "keys" / "node.key", self.passphrase)

    @cached_property
    def keyring(self) -> KeyRing:
        """The keys, unlocked."""
        from node.crypto.keyring import KeyRing

        cost = 1 << self.settings.keystore_cost
        return KeyRing(self.home / "keys", self.random, self.passphrase, self.node_key, cost)

    @cached_property
    def listed_keys(self) -> KeyRing:
        """The keys, locked: names and addresses."""
        from node.crypto.keyring import KeyRing

        return KeyRing(self.home / "keys", self.random)

    @cached_property
    def cipher(self) -> FieldCipher:
        from node.crypto.fields import FieldCipher

        return FieldCipher(self.node_key, self.random)

    @property
    def has_database(self) -> bool:
        """Whether a database is there already; asking makes none."""
        return bool(self.settings.database_url) or (self.home / "node.db").is_file()

    @cached_property
    def store(self) -> Store:
        from node.store.database import Store
        from node.store.migrate import migrate

        store = Store(self.settings.database_url or f"sqlite:///{self.home / 'node.db'}")
        migrate(store.engine)
        return store

    @cached_property
    def deployment(self) -> Deployment:
        from node.chain.deployment import read_deployment

        return read_deployment(self.home / self.settings.deployment)

    @cached_property
    def contracts(self) -> Contracts:
        from node.services.context import Contracts

        at = self.deployment
        return Contracts(at.chain_id, at.ledger.id, at.ledger.address, at.registry.id, at.registry.address)

    @property
    def chain_url(self) -> str:
        """Raises ChainUnset."""
        if not self.settings.chain_url:
            raise ChainUnset()
        return self.settings.chain_url

    @cached_property
    def connection(self) -> Connection:
        """The network. Raises ChainUnset."""
        import stamina.instrumentation

        from node.chain.connection import Connection

        stamina.instrumentation.set_on_retry_hooks(())  # it would print each retry to stdout
        return Connection(self.chain_url)

    @cached_property
    def chain(self) -> ChainAdapter:
        """The chain, with chain id, genesis and code checked. Raises ChainUnset and what the check raises."""
        from node.chain.adapter import ChainAdapter
        from node.chain.deployment import check_deployment
        from node.chain.finality import parse_finality

        check_deployment(self.connection, self.deployment)
        return ChainAdapter(self.connection, self.deployment, parse_finality(self.settings.finality))

    @cached_property
    def corebank(self) -> SimulatedBank | None:
        if self.settings.corebank == "none":
            return None
        from node.corebank.books import Books
        from node.corebank.simulated import SimulatedBank

        path = self.home / "corebank.db"
        if path.is_file():
            return SimulatedBank(Books(path))
        return SimulatedBank.create(path, day=self.clock.now().astimezone().date(), key=self.random.token(32))

    @cached_property
    def desk(self) -> DebitDesk:
        """The debit desk of a bank's node; its journal is a file of its own, never restored with the database."""
        from node.corebank.desk import DebitDesk
        from node.corebank.journal import SqliteJournal
        from node.services.bank.orders import accepted_fen

        assert self.corebank is not None
        journal = SqliteJournal(self.home / "debits.db")
        return DebitDesk(self.corebank, journal, self.clock, accepted_fen=lambda day: accepted_fen(self.context, day))

    @cached_property
    def context(self) -> Context:
        from node.domain.workdays import seed
        from node.services.context import Context, Deadlines

        at = self.settings
        return Context(
            store=self.store,
            chain=self._late_chain,
            contracts=self.contracts,
            keyring=cast("KeyRing", Late(lambda: self.keyring)),
            cipher=cast("FieldCipher", Late(lambda: self.cipher)),
            clock=self.clock,
            random=self.random,
            evidence=self.home / "evidence",
            corebank=self.corebank,
            calendar=seed(),
            deadlines=Deadlines(at.valid_workdays, at.acknowledge_workdays, at.reply_workdays),
            made_up_ids=at.mode != "production",
            letter_prefix=at.letter_prefix,
            service_officer=at.service_officer,
            officers={name: self.listed_keys.address(name) for name in self.listed_keys.names()},
        )

    @cached_property
    def follower(self) -> Follower:
        from node.ledger.follower import Follower

        contracts = self.contracts
        first = self.deployment.block
        return Follower(self.store, self._late_chain, contracts.ledger, contracts.ledger_domain, first)

    @cached_property
    def outbox(self) -> Outbox:
        """Sends under two keys, so that a stop does not wait behind an import."""
        from node.ledger.outbox import Outbox
        from node.store.own_work import Lane

        senders = {
            Lane.NORMAL: self.keyring.signer(self.settings.sender),
            Lane.STOP: self.keyring.signer(self.settings.stop_sender),
        }
        return Outbox(self.store, self._late_chain, senders, self.clock)

    def worker(self, tell: Tell) -> Worker:
        """What keeps this node going; without a sender's key it follows and sends nothing."""
        from node.jobs import House, Worker

        here = self.listed_keys.names()
        outbox = self.outbox if {self.settings.sender, self.settings.stop_sender} <= set(here) else None
        desk = None if self.corebank is None else self.desk
        return Worker(House(self.context, self.follower, outbox, desk, self.settings.poll_s), tell)

    def auditing(self) -> Ledger:
        """What an auditor looks at: the chain, the contracts, and their storage as of a block."""
        from node.audit.views import ChainViews
        from node.services.audit.verifying import Ledger

        return Ledger(self.chain, self.deployment, lambda block: ChainViews(self.connection, self.deployment, block))

    def deploy(self, threshold: int, governors: Sequence[Founding]) -> Deployment:
        """Create both contracts under the sender's key and keep where they stand. Raises what deploying raises."""
        from node.chain.deployment import deploy, write_deployment

        sender, ids = self.keyring.signer(self.settings.sender), (self.random.token(32), self.random.token(32))
        deployment = deploy(self.connection, sender, *ids, threshold, governors)
        write_deployment(self.home / self.settings.deployment, deployment)
        return deployment

    def network(self) -> Network:
        """The network that the settings name, to fund accounts on it. Raises ChainUnset."""
        from node.chain.networks import start_network

        return start_network(self.chain_url, self.home)

    @cached_property
    def _late_chain(self) -> Chain:
        return cast("Chain", Late(lambda: self.chain))

    def close(self) -> None:
        """Give back what was opened."""
        if "store" in self.__dict__:
            self.store.close()


def create_home(home: Path, values: Mapping[str, str | int | float], passphrase: bytes) -> Runtime:
    """A new node in an absent or empty folder: settings, node key. Raises HomeTaken, SettingsWrong, PassphraseEmpty."""
    from node import settings
    from node.crypto.node_key import create_node_key

    if home.exists() and any(home.iterdir()):
        raise HomeTaken(home=str(home))
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.write(home, values)
    runtime = Runtime(home, lambda: passphrase)
    (home / "keys").mkdir(mode=0o700, exist_ok=True)
    create_node_key(home / "keys" / "node.key", passphrase, runtime.random, 1 << runtime.settings.keystore_cost)
    return runtime


def main() -> None:
    """``alliance-node``."""
    from node.cli.app import run

    # a cached_property is a property to whoever reads it; pyright does not see that
    sys.exit(run(sys.argv[1:], cast("OpenNode", Runtime), cast("CreateNode", create_home)))
