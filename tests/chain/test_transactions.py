# SPDX-License-Identifier: Apache-2.0
"""Raw transactions against eth-account's, and what they cost."""

from typing import Any

import pytest
import rlp
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from node.chain.connection import Connection
from node.chain.sender import GAS_CAP, NotMined, Sender
from node.chain.transactions import Intent, Price, TransactionMalformed, read, sign
from node.crypto.signer import LocalSigner
from node.crypto.typed import checksummed
from node.domain.digest import keccak
from tests.chain.proxy import Proxy

secrets = st.integers(1, 2**200).map(lambda n: n.to_bytes(32, "big"))
intents = st.builds(
    Intent,
    chain_id=st.integers(1, 2**40),
    nonce=st.integers(0, 2**32),
    to=st.none() | st.binary(min_size=20, max_size=20).map(checksummed),
    data=st.binary(max_size=100),
    gas=st.integers(21_000, 2**24),
)


@settings(max_examples=50, deadline=None)
@given(intents, secrets, st.integers(0, 2**40), st.integers(0, 2**40) | st.none())
def test_eth_account_signs_the_same_bytes(intent: Intent, secret: bytes, fee: int, tip: int | None) -> None:
    signer = LocalSigner(secret)
    tx_hash, raw = sign(intent, Price(fee, tip), signer)
    fields: dict[str, Any] = {
        "chainId": intent.chain_id,
        "nonce": intent.nonce,
        "to": intent.to or b"",
        "value": 0,
        "gas": intent.gas,
        "data": intent.data,
    }
    price = {"gasPrice": fee} if tip is None else {"maxFeePerGas": fee, "maxPriorityFeePerGas": tip}
    oracle = Account.from_key(secret).sign_transaction({**fields, **price})
    assert (tx_hash, raw) == (bytes(oracle.hash), bytes(oracle.raw_transaction))
    sent = read(raw)
    assert (sent.sender, sent.data, sent.gas) == (signer.address, intent.data, intent.gas)
    assert sent.to == (b"" if intent.to is None else bytes.fromhex(intent.to[2:]))


def test_a_signature_with_a_small_number_is_read_back() -> None:
    signer = LocalSigner(keccak(b"small"))
    raws = [sign(Intent(1, n, None, b"", 21_000), Price(0, 0), signer)[1] for n in range(2_000)]
    for at in (-1, -2):  # s, r: a leading zero is not written
        short = next(raw for raw in raws if len(rlp.decode(raw[1:])[at]) < 32)
        assert read(short).sender == signer.address


@given(st.binary(max_size=60))
def test_bytes_that_are_no_transaction_are_told(junk: bytes) -> None:
    with pytest.raises(TransactionMalformed):
        read(junk)


@pytest.mark.parametrize(
    ("base_fee", "price"),
    [
        ("0x0", Price(0, 0)),
        ("0x7", Price(2 * 7 + 10**9, 10**9)),
        (None, Price(5, None)),
    ],
)
def test_the_price_comes_from_the_network(proxy: Proxy, base_fee: str | None, price: Price) -> None:
    """Nothing where the base fee is zero, whatever the tip is said to be; legacy where there is none."""
    answers = {
        "eth_getBlockByNumber": {"number": "0x1"} if base_fee is None else {"baseFeePerGas": base_fee},
        "eth_gasPrice": "0x5",
        "eth_maxPriorityFeePerGas": "0x77",
    }
    proxy.script = lambda request: {"result": answers[request["method"]]}
    connection = Connection(proxy.url)
    assert Sender(connection, 1).price() == price
    connection.close()


def test_the_nonce_is_by_the_mined_count(proxy: Proxy) -> None:
    asked: list[Any] = []
    proxy.script = lambda request: asked.append(request["params"]) or {"result": "0x9"}
    connection = Connection(proxy.url)
    assert Sender(connection, 1).nonce("0x" + "11" * 20) == 9
    assert asked == [["0x" + "11" * 20, "latest"]]
    connection.close()


def test_no_transaction_gets_more_gas_than_any_chain_gives(connection: Connection) -> None:
    sender = Sender(connection, 20181704)
    _, raw = sender.build(LocalSigner(keccak(b"x")), 0, "0x" + "11" * 20, b"", 10**9)
    assert read(raw).gas == GAS_CAP


def test_waiting_ends(connection: Connection) -> None:
    slept: list[float] = []
    with pytest.raises(NotMined):
        Sender(connection, 20181704).wait(keccak(b"never"), timeout_s=3, sleep=slept.append)
    assert 3 <= sum(slept) < 5
