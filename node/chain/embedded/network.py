# SPDX-License-Identifier: Apache-2.0
"""An embedded chain that lives in a folder: its identity in ``chain.json``, its blocks in ``chain.sqlite``."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import orjson

from node.chain.embedded.database import SqliteDatabase
from node.chain.embedded.evm import Evm
from node.chain.embedded.faucet import FAUCET_WEI, Faucet
from node.chain.embedded.methods import Methods
from node.chain.embedded.server import RpcServer
from node.domain.errors import Broken, Conflict, Unavailable

DEFAULT_CHAIN_ID = 20_181_704


class ChainFolderInUse(Conflict):
    """Another process serves this folder's chain."""

    code = "chain_folder_in_use"


class PortTaken(Unavailable):
    """The port that the folder keeps is used by somebody else."""

    code = "chain_port_taken"


class ChainFolderDamaged(Broken):
    """chain.json does not say what it should."""

    code = "chain_folder_damaged"


@dataclass(frozen=True, slots=True)
class ChainIdentity:
    """What makes a chain this one. ``genesis_time`` in Unix seconds; the port is kept so that nodes find it again."""

    chain_id: int
    genesis_time: int
    port: int


class EmbeddedNetwork:
    """A running chain. Use ``start``; ``stop`` ends it, and starting again on the folder goes on where it was."""

    def __init__(self, identity: ChainIdentity, server: RpcServer, database: SqliteDatabase, lock: IO[bytes]) -> None:
        self.chain_id = identity.chain_id
        self.url = f"http://127.0.0.1:{server.server_port}"
        self._server = server
        self._database = database
        self._lock = lock
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="embedded-chain", daemon=True)
        self._thread.start()

    @classmethod
    def start(
        cls,
        folder: Path,
        port: int = 0,
        chain_id: int = DEFAULT_CHAIN_ID,
        now: Callable[[], int] = lambda: int(time.time()),
    ) -> EmbeddedNetwork:
        """Found the chain in an empty folder, or open the one that is there (then ``chain_id`` is the folder's).

        Raises ChainFolderInUse, PortTaken or ChainFolderDamaged.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder)
        try:
            known = _read_identity(folder / "chain.json")
            identity = known or ChainIdentity(chain_id, now(), port)
            database = SqliteDatabase(folder / "chain.sqlite")
            try:
                faucet = Faucet(identity.chain_id)
                evm = Evm(database, identity.chain_id, identity.genesis_time, {faucet.address: FAUCET_WEI}, now)
                server = _bind(Methods(evm, faucet), port or identity.port)
            except BaseException:
                database.close()
                raise
        except BaseException:
            lock.close()
            raise
        served = ChainIdentity(identity.chain_id, identity.genesis_time, server.server_port)
        if served != known:
            _write_identity(folder / "chain.json", served)
        return cls(served, server, database, lock)

    def wait(self) -> None:
        """Serve until the process is told to end."""
        self._thread.join()

    def stop(self) -> None:
        """Finish the request under way and release port and folder."""
        self._server.stop()
        self._thread.join()
        self._database.close()
        self._lock.close()


def _lock(folder: Path) -> IO[bytes]:
    lock = (folder / "chain.lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise ChainFolderInUse(folder=folder.name) from None
    return lock


def _bind(methods: Methods, port: int) -> RpcServer:
    try:
        return RpcServer(methods, port)
    except OSError:
        raise PortTaken(port=port) from None


def _read_identity(path: Path) -> ChainIdentity | None:
    if not path.exists():
        return None
    try:
        return ChainIdentity(**orjson.loads(path.read_bytes()))
    except (orjson.JSONDecodeError, TypeError):
        raise ChainFolderDamaged(file=path.name) from None


def _write_identity(path: Path, identity: ChainIdentity) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(orjson.dumps(asdict(identity), option=orjson.OPT_INDENT_2) + b"\n")
    os.replace(fresh, path)
