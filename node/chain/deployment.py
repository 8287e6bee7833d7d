# SPDX-License-Identifier: Apache-2.0
"""Where the contracts stand: deploying them, the file that says so, and the check at every start.

The file is public and handed to every member: chain id, genesis, addresses, ids, code hashes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from node.chain.connection import Connection
from node.chain.contracts import ContractName, ledger_creation, load_artifact, registry_creation
from node.chain.hexes import address, data, to_bytes, to_int
from node.chain.sender import Sender
from node.crypto.typed import address_bytes, checksummed
from node.domain.digest import keccak
from node.domain.entries import Founding
from node.domain.errors import Broken, Refused
from node.domain.ports import Signer


class ChainIdDiffers(Refused):
    """The network is not the recorded one. Values: ``recorded``, ``found``."""

    code = "chain_id_differs"


class GenesisDiffers(Refused):
    """Same chain id, another chain: reset, or a look-alike. Values: ``recorded``, ``found``."""

    code = "chain_genesis_differs"


class ContractMissing(Refused):
    """No code at the recorded address; a call to it would succeed and do nothing. Values: ``contract``, ``address``."""

    code = "chain_contract_missing"


class ContractDiffers(Broken):
    """Other code than recorded. Values: ``contract``, ``address``, ``recorded``, ``found``."""

    code = "chain_contract_differs"


class ContractNotOfRelease(Broken):
    """As recorded, but not what this release's sources compile to. Values: ``contract``, ``address``."""

    code = "chain_contract_not_of_release"


class DeploymentFileMalformed(Refused):
    """Missing, or not what this program writes. Values: ``file``."""

    code = "deployment_file_malformed"


class DeploymentFailed(Refused):
    """The network took the creation, and it reverted or left no code. Values: ``contract``, ``detail``."""

    code = "deployment_failed"


@dataclass(frozen=True, slots=True)
class Deployed:
    """One contract: checksummed address, the random 32-byte id it was given, keccak of its code."""

    address: str
    id: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Deployment:
    """Both contracts on one network; ``block`` is the one of the registry, where the log begins."""

    chain_id: int
    genesis_hash: bytes
    registry: Deployed
    ledger: Deployed
    block: int


def deploy(
    connection: Connection,
    signer: Signer,
    registry_id: bytes,
    ledger_id: bytes,
    threshold: int,
    governors: Sequence[Founding],
) -> Deployment:
    """Create registry and ledger; waits for both blocks. Raises DeploymentFailed, a contract's error, or a failure."""
    chain_id = to_int(connection.read("eth_chainId"))
    sender = Sender(connection, chain_id)
    founding = registry_creation(registry_id, threshold, governors)
    registry, block = _create(sender, signer, "MembershipRegistry", founding)
    ledger, _ = _create(sender, signer, "CaseLedger", ledger_creation(ledger_id, registry))
    return Deployment(
        chain_id=chain_id,
        genesis_hash=_genesis(connection),
        registry=Deployed(registry, registry_id, _code_hash(sender, "MembershipRegistry", registry)),
        ledger=Deployed(ledger, ledger_id, _code_hash(sender, "CaseLedger", ledger)),
        block=block,
    )


def _create(sender: Sender, signer: Signer, contract: str, creation: bytes) -> tuple[str, int]:
    gas = sender.estimate(signer.address, None, creation)
    tx_hash, raw = sender.build(signer, sender.nonce(signer.address), None, creation, gas)
    sender.send_raw(raw)
    receipt = sender.wait(tx_hash)
    if receipt.get("status") != "0x1":
        raise DeploymentFailed(contract=contract, detail="reverted")
    return address(to_bytes(receipt["contractAddress"])), to_int(receipt["blockNumber"])


def _code_hash(sender: Sender, contract: str, at: str) -> bytes:
    code = sender.code(at)
    if not code:
        raise DeploymentFailed(contract=contract, detail="no code")
    return keccak(code)


def _genesis(connection: Connection) -> bytes:
    return to_bytes(connection.read("eth_getBlockByNumber", "0x0", False)["hash"])


def check_deployment(connection: Connection, recorded: Deployment) -> None:
    """At every start: this network, this genesis, the recorded code, and that it is this release's contract.

    The record alone proves nothing: whoever hands over a record can record another contract. Raises one of the errors
    above, or a failure.
    """
    found_id = to_int(connection.read("eth_chainId"))
    if found_id != recorded.chain_id:
        raise ChainIdDiffers(recorded=recorded.chain_id, found=found_id)
    genesis = _genesis(connection)
    if genesis != recorded.genesis_hash:
        raise GenesisDiffers(recorded=data(recorded.genesis_hash), found=data(genesis))
    sender = Sender(connection, recorded.chain_id)
    contracts: tuple[tuple[ContractName, Deployed], ...] = (
        ("MembershipRegistry", recorded.registry),
        ("CaseLedger", recorded.ledger),
    )
    for contract, at in contracts:
        code = sender.code(at.address)
        if not code:
            raise ContractMissing(contract=contract, address=at.address)
        found = keccak(code)
        if found != at.code_hash:
            raise ContractDiffers(contract=contract, address=at.address, recorded=data(at.code_hash), found=data(found))
        if not load_artifact(contract).made(code):
            raise ContractNotOfRelease(contract=contract, address=at.address)


def write_deployment(path: Path, deployment: Deployment) -> None:
    """As JSON, whole or not at all."""
    shown = {
        "chain_id": deployment.chain_id,
        "genesis_hash": data(deployment.genesis_hash),
        "registry": _shown(deployment.registry),
        "ledger": _shown(deployment.ledger),
        "block": deployment.block,
    }
    fresh = path.with_suffix(".new")
    fresh.write_bytes(orjson.dumps(shown, option=orjson.OPT_INDENT_2) + b"\n")
    os.replace(fresh, path)


def read_deployment(path: Path) -> Deployment:
    """Raises DeploymentFileMalformed."""
    try:
        shown: dict[str, Any] = orjson.loads(path.read_bytes())
        return Deployment(
            chain_id=int(shown["chain_id"]),
            genesis_hash=_hash(shown["genesis_hash"]),
            registry=_deployed(shown["registry"]),
            ledger=_deployed(shown["ledger"]),
            block=int(shown["block"]),
        )
    except (OSError, KeyError, TypeError, ValueError, Refused):
        raise DeploymentFileMalformed(file=path.name) from None


def _shown(deployed: Deployed) -> dict[str, str]:
    return {"address": deployed.address, "id": data(deployed.id), "code_hash": data(deployed.code_hash)}


def _deployed(shown: dict[str, str]) -> Deployed:
    at = checksummed(address_bytes(shown["address"]))
    return Deployed(at, _hash(shown["id"]), _hash(shown["code_hash"]))


def _hash(shown: str) -> bytes:
    value = to_bytes(shown)
    if len(value) != 32:
        raise ValueError("not 32 bytes")
    return value
