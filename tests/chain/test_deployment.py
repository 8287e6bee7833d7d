# SPDX-License-Identifier: Apache-2.0
"""Where the contracts stand: the file, the check at start, finality."""

from dataclasses import replace
from pathlib import Path

import pytest

from node.chain.connection import Connection
from node.chain.contracts import ContractName, load_artifact, view
from node.chain.deployment import (
    ChainIdDiffers,
    ContractDiffers,
    ContractMissing,
    ContractNotOfRelease,
    DeploymentFileMalformed,
    GenesisDiffers,
    check_deployment,
    deploy,
    read_deployment,
    write_deployment,
)
from node.chain.embedded.network import EmbeddedNetwork
from node.chain.finality import Depth, FinalityUnknown, Immediate, Tag, parse_finality
from node.chain.hexes import to_bytes
from node.chain.registry_errors import TooFewGovernors
from node.chain.sender import Sender
from node.crypto.addresses import checksummed
from node.domain.digest import keccak
from node.domain.errors import AllianceError
from tests.chain.proxy import Proxy
from tests.chain.tiny import CARRIER, FOUNDERS, Tiny


def test_the_file_says_what_was_deployed(alliance: Tiny, tmp_path: Path) -> None:
    path = tmp_path / "deployment.json"
    write_deployment(path, alliance.deployment)
    assert read_deployment(path) == alliance.deployment
    assert [p.name for p in tmp_path.iterdir()] == ["deployment.json"]


@pytest.mark.parametrize("change", [("0x", "0y"), ('"block"', '"blocks"'), ("{", "["), ('"id": "0x', '"id": "0x00')])
def test_a_file_that_somebody_touched_is_refused(alliance: Tiny, tmp_path: Path, change: tuple[str, str]) -> None:
    path = tmp_path / "deployment.json"
    write_deployment(path, alliance.deployment)
    path.write_text(path.read_text().replace(*change, 1))
    with pytest.raises(DeploymentFileMalformed):
        read_deployment(path)
    with pytest.raises(DeploymentFileMalformed):
        read_deployment(tmp_path / "missing.json")


def test_the_contracts_know_their_ids(alliance: Tiny) -> None:
    at = alliance.deployment
    assert view(alliance.connection, at.ledger.address, "id()", ["bytes32"]) == (at.ledger.id,)
    (registry,) = view(alliance.connection, at.ledger.address, "registry()", ["address"])
    assert registry == at.registry.address.lower()
    assert view(alliance.connection, at.registry.address, "nextNumber(uint16)", ["uint64"], [99]) >= (0,)


def test_the_check_at_start(alliance: Tiny) -> None:
    check_deployment(alliance.connection, alliance.deployment)


@pytest.mark.parametrize(
    ("field", "error"),
    [
        ({"chain_id": 5}, ChainIdDiffers),
        ({"genesis_hash": keccak(b"other")}, GenesisDiffers),
        ({"ledger": ("address", CARRIER.address)}, ContractMissing),
        ({"ledger": ("code_hash", keccak(b"other"))}, ContractDiffers),
        ({"registry": ("code_hash", keccak(b"other"))}, ContractDiffers),
    ],
)
def test_another_chain_or_contract_is_noticed(
    alliance: Tiny, field: dict[str, object], error: type[AllianceError]
) -> None:
    ((name, value),) = field.items()
    if isinstance(value, tuple):
        value = replace(getattr(alliance.deployment, name), **{value[0]: value[1]})
    with pytest.raises(error):
        check_deployment(alliance.connection, replace(alliance.deployment, **{name: value}))


@pytest.mark.parametrize("name", ["registry", "ledger"])
@pytest.mark.parametrize("change", ["end", "byte"])
def test_a_contract_of_other_sources_is_refused_however_it_was_recorded(alliance: Tiny, name: str, change: str) -> None:
    sender = Sender(alliance.connection, alliance.deployment.chain_id)
    code = sender.code(getattr(alliance.deployment, name).address)
    code = code + b"\x00" if change == "end" else code[:-1] + bytes([code[-1] ^ 1])
    copying = bytes.fromhex(f"61{len(code):04x}80600a3d393df3")  # creation code that leaves what follows it
    tx_hash, raw = sender.build(CARRIER, sender.nonce(CARRIER.address), None, copying + code, 8_000_000)
    sender.send_raw(raw)
    at = checksummed(to_bytes(sender.wait(tx_hash)["contractAddress"]))
    assert sender.code(at) == code
    other = replace(getattr(alliance.deployment, name), address=at, code_hash=keccak(code))
    with pytest.raises(ContractNotOfRelease):
        check_deployment(alliance.connection, replace(alliance.deployment, **{name: other}))


@pytest.mark.parametrize("contract", ["MembershipRegistry", "CaseLedger"])
def test_only_what_the_constructor_writes_may_differ(contract: ContractName) -> None:
    artifact = load_artifact(contract)
    places = {at for start, length in artifact.immutables for at in range(start, start + length)}
    assert 0 < len(places) < len(artifact.deployed) / 10
    for at in (0, *range(min(places) - 1, max(places) + 2), len(artifact.deployed) - 1):
        code = bytearray(artifact.deployed)
        code[at] ^= 0xFF
        assert artifact.made(bytes(code)) is (at in places), at
    assert not artifact.made(b"")
    assert not artifact.made(artifact.deployed[: max(places) - 31])


def test_a_chain_started_fresh_with_the_same_id_is_noticed(alliance: Tiny, tmp_path: Path) -> None:
    fresh = EmbeddedNetwork.start(tmp_path, now=lambda: 1_700_000_000)
    connection = Connection(fresh.url)
    assert fresh.chain_id == alliance.deployment.chain_id
    with pytest.raises(GenesisDiffers):
        check_deployment(connection, alliance.deployment)
    connection.close()
    fresh.stop()


def test_a_founding_that_the_registry_refuses_is_told_by_name(connection: Connection) -> None:
    with pytest.raises(TooFewGovernors):
        deploy(connection, CARRIER, keccak(b"r"), keccak(b"l"), 9, FOUNDERS)


@pytest.mark.parametrize(
    ("policy", "meant"),
    [
        ("immediate", Immediate()),
        ("depth:12", Depth(12)),
        ("tag:finalized", Tag("finalized")),
        ("tag:safe", Tag("safe")),
    ],
)
def test_policies_by_name(policy: str, meant: object) -> None:
    assert parse_finality(policy) == meant


@pytest.mark.parametrize(
    "policy", ["", "depth:", "depth:-1", "depth:x", "tag:latest", "immediate:1", "later", "depth:²"]
)
def test_a_policy_that_is_none(policy: str) -> None:
    with pytest.raises(FinalityUnknown):
        parse_finality(policy)


def test_what_is_final_by_each_policy(proxy: Proxy) -> None:
    def script(request: dict[str, object]) -> dict[str, object]:
        if request["method"] == "eth_blockNumber":
            return {"result": "0x64"}
        tags = {"safe": {"number": "0x50"}, "finalized": None}
        return {"result": tags[request["params"][0]]}  # type: ignore[index]

    proxy.script = script
    connection = Connection(proxy.url)
    assert Immediate().final_number(connection) == 100
    assert Depth(12).final_number(connection) == 88
    assert Depth(200).final_number(connection) == -1
    assert Tag("safe").final_number(connection) == 80
    assert Tag("finalized").final_number(connection) == -1
    connection.close()
