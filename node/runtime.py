# SPDX-License-Identifier: Apache-2.0
"""The composition root: the one place that builds adapters and hands them on."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from node import settings as configuration
from node.corebank.desk import DebitDesk
from node.corebank.journal import SqliteJournal
from node.corebank.simulated import SimulatedBank
from node.crypto.fields import FieldCipher
from node.crypto.keyring import KeyRing
from node.crypto.node_key import NodeKey, create_node_key, open_node_key
from node.domain.errors import Refused
from node.domain.workdays import seed
from node.services.bank.orders import accepted_fen
from node.services.context import Context, Contracts, Deadlines
from node.store.database import Store
from node.store.migrate import migrate

if TYPE_CHECKING:
    from node.chain.adapter import ChainAdapter
    from node.chain.deployment import Deployment
    from node.ledger.follower import Follower
    from node.ledger.outbox import Outbox


class HomeMissing(Refused):
    """There is no node in that folder. Values: ``home``."""

    code = "home_missing"


class HomeTaken(Refused):
    """The folder has files already. Values: ``home``."""

    code = "home_taken"


class ChainUnset(Refused):
    """Neither settings nor environment say where the chain is."""

    code = "chain_unset"


class PassphraseReadable(Refused):
    """Others can read the passphrase file. Values: ``file``."""

    code = "passphrase_readable"


class PassphraseMissing(Refused):
    """The passphrase file is not there, or is empty. Values: ``file``."""

    code = "passphrase_missing"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemRandom:
    """The machine's randomness."""

    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)


class Runtime:
    """One node in one folder; every part is built when it is first asked for."""

    def __init__(self, home: Path, ask: Callable[[], bytes]) -> None:
        """``ask`` gives the passphrase where no file is named. Raises HomeMissing, SettingsWrong."""
        if not (home / configuration.FILE).is_file():
            raise HomeMissing(home=str(home))
        self.home = home
        self.loaded = configuration.load(home)
        self.settings = self.loaded.settings
        self.clock = SystemClock()
        self.random = SystemRandom()
        self._ask = ask

    @cached_property
    def passphrase(self) -> bytes:
        """From the file that the settings name, else asked for. Raises PassphraseReadable, PassphraseMissing."""
        if not self.settings.passphrase_file:
            return self._ask()
        return read_passphrase(self.home / self.settings.passphrase_file)

    @cached_property
    def node_key(self) -> NodeKey:
        return open_node_key(self.home / "keys" / "node.key", self.passphrase)

    @cached_property
    def keyring(self) -> KeyRing:
        """The keys, unlocked."""
        return KeyRing(
            self.home / "keys", self.random, self.passphrase, self.node_key, 1 << self.settings.keystore_cost
        )

    @cached_property
    def listed_keys(self) -> KeyRing:
        """The keys, locked: names and addresses."""
        return KeyRing(self.home / "keys", self.random)

    @cached_property
    def cipher(self) -> FieldCipher:
        return FieldCipher(self.node_key, self.random)

    @cached_property
    def store(self) -> Store:
        store = Store(self.settings.database_url or f"sqlite:///{self.home / 'node.db'}")
        migrate(store.engine)
        return store

    @cached_property
    def deployment(self) -> Deployment:
        from node.chain.deployment import read_deployment

        return read_deployment(self.home / self.settings.deployment)

    @cached_property
    def contracts(self) -> Contracts:
        at = self.deployment
        return Contracts(at.chain_id, at.ledger.id, at.ledger.address, at.registry.id, at.registry.address)

    @cached_property
    def chain(self) -> ChainAdapter:
        """The chain, with chain id, genesis and code checked. Raises ChainUnset and what the check raises."""
        from node.chain.adapter import ChainAdapter
        from node.chain.connection import Connection
        from node.chain.deployment import check_deployment
        from node.chain.finality import parse_finality

        if not self.settings.chain_url:
            raise ChainUnset()
        connection = Connection(self.settings.chain_url)
        check_deployment(connection, self.deployment)
        return ChainAdapter(connection, self.deployment, parse_finality(self.settings.finality))

    @cached_property
    def corebank(self) -> SimulatedBank | None:
        if self.settings.corebank == "none":
            return None
        from node.corebank.books import Books

        path = self.home / "corebank.db"
        if path.is_file():
            return SimulatedBank(Books(path))
        today = self.clock.now().astimezone().date()
        return SimulatedBank.create(path, day=today, key=self.random.token(32))

    @cached_property
    def desk(self) -> DebitDesk:
        """The debit desk of a bank's node; its journal is a file of its own, never restored with the database."""
        assert self.corebank is not None
        journal = SqliteJournal(self.home / "debits.db")
        return DebitDesk(self.corebank, journal, self.clock, accepted_fen=lambda day: accepted_fen(self.context, day))

    @cached_property
    def context(self) -> Context:
        return Context(
            store=self.store,
            chain=self.chain,
            contracts=self.contracts,
            keyring=self.keyring,
            cipher=self.cipher,
            clock=self.clock,
            random=self.random,
            evidence=self.home / "evidence",
            corebank=self.corebank,
            calendar=seed(),
            deadlines=Deadlines(
                self.settings.valid_workdays, self.settings.acknowledge_workdays, self.settings.reply_workdays
            ),
            made_up_ids=self.settings.mode != "production",
            letter_prefix=self.settings.letter_prefix,
            service_officer=self.settings.service_officer,
            officers={name: self.listed_keys.address(name) for name in self.listed_keys.names()},
        )

    @cached_property
    def follower(self) -> Follower:
        from node.ledger.follower import Follower

        contracts = self.contracts
        return Follower(self.store, self.chain, contracts.ledger, contracts.ledger_domain, self.deployment.block)

    @cached_property
    def outbox(self) -> Outbox:
        """Sends under two keys, so that a stop does not wait behind an import."""
        from node.ledger.outbox import Outbox
        from node.store.own_work import Lane

        senders = {
            Lane.NORMAL: self.keyring.signer(self.settings.sender),
            Lane.STOP: self.keyring.signer(self.settings.stop_sender),
        }
        return Outbox(self.store, self.chain, senders, self.clock)

    def close(self) -> None:
        """Give back what was opened."""
        if "store" in self.__dict__:
            self.store.close()


def create_home(home: Path, values: dict[str, str | int | float], passphrase: bytes) -> Runtime:
    """A new node in an absent or empty folder: settings, node key. Raises HomeTaken, SettingsWrong, PassphraseEmpty."""
    if home.exists() and any(home.iterdir()):
        raise HomeTaken(home=str(home))
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    configuration.write(home, values)
    runtime = Runtime(home, lambda: passphrase)
    (home / "keys").mkdir(mode=0o700, exist_ok=True)
    create_node_key(home / "keys" / "node.key", passphrase, runtime.random, 1 << runtime.settings.keystore_cost)
    return runtime


def read_passphrase(path: Path) -> bytes:
    """The first line of a file that only its owner can read. Raises PassphraseReadable, PassphraseMissing."""
    try:
        if os.stat(path).st_mode & 0o077:
            raise PassphraseReadable(file=str(path))
        passphrase = path.read_bytes().splitlines()[0]
    except (OSError, IndexError):
        raise PassphraseMissing(file=str(path)) from None
    if not passphrase:
        raise PassphraseMissing(file=str(path))
    return passphrase
