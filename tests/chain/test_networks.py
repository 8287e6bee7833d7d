# SPDX-License-Identifier: Apache-2.0
"""The contract test of each network: what the node relies on, before the suite trusts a simulator."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from node.chain.connection import Connection
from node.chain.contracts import present_call
from node.chain.failures import NonceUsed
from node.chain.hexes import data, quantity, to_bytes, to_int
from node.chain.ledger_errors import NotOfficer, NotSender
from node.chain.networks import Network, NetworkUnknown, start_network
from node.chain.registry_errors import ActNumber
from node.chain.transactions import read
from node.domain.digest import keccak
from node.domain.entries import Act, Acted, Founded, Presented
from node.domain.errors import Unavailable
from tests.chain.tiny import CARRIER, OFFICE, Tiny, key

KINDS = [
    "embedded",
    pytest.param("anvil", marks=pytest.mark.node_js),
    pytest.param("hardhat", marks=pytest.mark.node_js),
    pytest.param("ganache", marks=pytest.mark.node_js),
]


@pytest.fixture(scope="module", params=KINDS)
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    network = start_network(request.param, tmp_path_factory.mktemp(request.param))
    connection = Connection(network.url)
    try:
        alliance = Tiny(network, connection)
        alliance.set_up()
        yield alliance
    finally:
        connection.close()
        network.stop()


def test_every_block_comes_with_its_events_in_order(tiny: Tiny) -> None:
    final = tiny.chain.final_number()
    blocks = list(tiny.chain.events(0, final))
    assert [b.number for b, _ in blocks] == list(range(final + 1))
    assert all(after.parent == before.hash for (before, _), (after, _) in itertools.pairwise(blocks))
    assert blocks[0][0].hash == tiny.deployment.genesis_hash
    events = [e for _, found in blocks for e in found]
    founded, *acts = events
    assert isinstance(founded, Founded)
    assert founded.block.number == tiny.deployment.block
    assert (founded.registry, founded.threshold) == (tiny.deployment.registry.id, 2)
    assert founded.governors[0].name == "治理0"
    first = [e.act for e in acts if isinstance(e, Acted)][:3]
    assert [(a.org, a.kind) for a in first] == [(OFFICE, 1), (OFFICE, 4), (OFFICE, 10)]
    assert first[0].first == tiny.office.admins[0].address
    assert [e.position for e in events] == sorted(e.position for e in events)


def test_a_chunk_goes_in_and_comes_back_byte_for_byte(tiny: Tiny) -> None:
    entries = [tiny.request(n) for n in range(5)]
    submission, chunk = tiny.chunk(entries)
    assert tiny.chain.preview(OFFICE, 1, chunk.entries) == bytes(5)
    tx_hash, _ = tiny.present(submission, chunk)
    assert tiny.chain.mined(tx_hash) is True
    head = tiny.chain.head()
    ((block, (event,)),) = list(tiny.chain.events(head.number, head.number))
    assert isinstance(event, Presented)
    assert (block, event.tx_hash) == (head, tx_hash)
    assert (event.submission, event.chunk) == (submission, chunk)
    assert (event.outcomes, event.taken) == (bytes(5), 5)
    assert tiny.chain.preview(OFFICE, 1, chunk.entries) == bytes([4]) * 5  # CASE: they exist now


def test_a_revert_is_known_by_name_before_and_after_it_is_mined(tiny: Tiny) -> None:
    submission, chunk = tiny.chunk([tiny.request(100)])
    with pytest.raises(NotSender) as caught:
        tiny.chain.try_present(CARRIER.address, submission, chunk)
    assert caught.value.values == {"account": CARRIER.address, "org": OFFICE}
    with pytest.raises(NotSender):
        tiny.sender.estimate(CARRIER.address, tiny.deployment.ledger.address, present_call(submission, chunk))
    nonce = tiny.chain.nonce(CARRIER.address)
    tx_hash, raw = tiny.chain.sign_present(CARRIER, nonce, submission, chunk)
    tiny.chain.send_raw(raw)  # no error, although Hardhat answers with one
    tiny.sender.wait(tx_hash)
    assert tiny.chain.mined(tx_hash) is False
    assert tiny.chain.revert_reason(raw) == f"NotSender(account={CARRIER.address}, org={OFFICE})"
    assert tiny.chain.nonce(CARRIER.address) == nonce + 1


def test_sending_the_same_bytes_again_is_no_error(tiny: Tiny) -> None:
    sender = key(777)
    tiny.network.fund(sender.address)
    act, signatures = tiny.signed(Act(12, OFFICE, 0, sender.address), tiny.office.admins)
    tiny.carry(act, signatures)
    for n in (0, 1):  # Ganache treats the nonce 0 in a way of its own
        tx_hash, raw = tiny.present(*tiny.chunk([tiny.request(200 + n)]), sender=sender)
        tiny.chain.send_raw(raw)
        assert tiny.chain.mined(tx_hash) is True
        assert tiny.chain.nonce(sender.address) == n + 1


def test_another_transaction_with_a_used_nonce_is_an_error(tiny: Tiny) -> None:
    """Not with nonce 0: Ganache takes that for none at all and gives it the next one."""
    _, raw = tiny.chain.sign_act(CARRIER, 1, Act(11, OFFICE, 999), [b""])
    with pytest.raises(NonceUsed):
        tiny.chain.send_raw(raw)


def test_acts_out_of_turn_and_strangers_are_named(tiny: Tiny) -> None:
    expected = tiny.numbers[OFFICE]
    late = tiny.signed(Act(10, OFFICE, 99, CARRIER.address, code=1), tiny.office.admins)
    tiny.numbers[OFFICE] = expected
    with pytest.raises(ActNumber) as number:
        tiny.chain.try_act(CARRIER.address, *late)
    assert number.value.values == {"expected": expected, "given": 99}
    submission, chunk = tiny.chunk([tiny.request(300)])
    forged = replace(chunk, maker=chunk.checker, checker=chunk.maker)
    with pytest.raises(NotOfficer):
        tiny.chain.try_present(tiny.office.sender.address, submission, forged)


def test_logs_by_block_hash_are_that_blocks_or_the_node_does_not_use_them(tiny: Tiny) -> None:
    tiny.present(*tiny.chunk([tiny.request(400)]))
    wanted = tiny.chain.head()
    tiny.network.advance(1)
    logs = tiny.connection.read("eth_getLogs", {"blockHash": data(wanted.hash)})
    assert {log["blockHash"] for log in logs} == {data(wanted.hash)}


def test_time_moves_and_never_goes_back(tiny: Tiny) -> None:
    before = tiny.chain.head()
    tiny.network.advance(86_400)
    after = tiny.chain.head()
    assert after.number == before.number + 1
    assert 86_400 <= after.timestamp - before.timestamp < 86_400 + 60
    tiny.present(*tiny.chunk([tiny.request(500)]))
    assert after.timestamp <= tiny.chain.head().timestamp < after.timestamp + 60


def test_a_full_chunk_fits_its_gas_limit_and_the_networks(tiny: Tiny) -> None:
    entries = [tiny.request(1_000 + n) for n in range(50)]
    submission, chunk = tiny.chunk(entries, wraps=bytes(2 * 1174))
    tx_hash, raw = tiny.present(submission, chunk)
    receipt = tiny.sender.receipt(tx_hash)
    assert receipt is not None
    assert receipt["status"] == "0x1"
    assert to_int(receipt["gasUsed"]) < 50 * 80_000
    assert len(raw) < 120 * 1024


def test_an_unknown_block_and_transaction_are_not_there(tiny: Tiny) -> None:
    assert tiny.chain.mined(keccak(b"never sent")) is None
    with pytest.raises(Unavailable):
        tiny.chain.block(10_000_000)
    assert tiny.connection.read("eth_getBlockByNumber", quantity(10_000_000), False) is None


def test_a_network_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(NetworkUnknown):
        start_network("besu", tmp_path)


def test_a_url_is_used_as_it_is_and_funds_where_it_can(embedded: Network, tmp_path: Path) -> None:
    network = start_network(embedded.url, tmp_path)
    account = "0x" + keccak(b"somebody")[12:].hex()
    network.fund(account)
    connection = Connection(network.url)
    assert to_int(connection.read("eth_getBalance", account, "latest")) > 0
    network.stop()
    assert connection.read("eth_chainId") == quantity(embedded.chain_id)  # stop ends nothing that it did not start
    connection.close()


def test_raw_bytes_are_read_back(tiny: Tiny) -> None:
    _, raw = tiny.chain.sign_act(CARRIER, 12, Act(11, OFFICE, 3), [b"x"])
    sent = read(raw)
    assert sent.sender == CARRIER.address
    assert sent.to == to_bytes(tiny.deployment.registry.address)
