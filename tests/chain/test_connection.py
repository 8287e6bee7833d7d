# SPDX-License-Identifier: Apache-2.0
"""One connection: retries of reads alone, a breaker, time-outs, and nothing that leaves for elsewhere."""

import socket
from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.chain.breaker import Breaker
from node.chain.connection import Connection, Patience
from node.chain.failures import (
    AnswerMalformed,
    ChainBusy,
    ChainResting,
    ChainTimedOut,
    ChainUnreachable,
    RpcFailure,
)
from node.chain.reverts import RevertUnknown
from tests.chain.proxy import Proxy

QUICK = Patience(connect_s=0.5, answer_s=0.3, tries=3, all_tries_s=5, first_wait_s=0.01)
MALFORMED = [b"{", b"[]", b"3", b'{"id":1}', b'{"id":1,"error":"x"}', b"<html>"]


@pytest.fixture
def rpc(proxy: Proxy) -> Iterator[Connection]:
    connection = Connection(proxy.url, QUICK)
    yield connection
    connection.close()


@pytest.mark.parametrize("trouble", ["cut", "cut after", 429, 502, 503])
def test_a_read_is_tried_again_and_a_send_is_not(proxy: Proxy, rpc: Connection, trouble: str | int) -> None:
    times = iter([trouble, trouble, None])
    proxy.raw = lambda _: next(times)
    assert rpc.read("eth_chainId") == "0x133f2c8"
    assert proxy.seen == ["eth_chainId"] * 3
    times = iter([trouble, None])
    with pytest.raises((ChainUnreachable, ChainBusy)):
        rpc.send("eth_sendRawTransaction", "0x00")
    assert proxy.seen.count("eth_sendRawTransaction") == 1


def test_a_slow_answer_is_a_time_out_and_says_what_was_asked(proxy: Proxy, rpc: Connection) -> None:
    proxy.raw = lambda _: 0.6
    with pytest.raises(ChainTimedOut) as caught:
        rpc.send("eth_blockNumber")
    assert caught.value.values["method"] == "eth_blockNumber"


def test_an_error_answer_is_not_tried_again(proxy: Proxy, rpc: Connection) -> None:
    proxy.script = lambda _: {"error": {"code": -32000, "message": "something new"}}
    with pytest.raises(RpcFailure) as caught:
        rpc.read("eth_chainId")
    assert caught.value.values == {"method": "eth_chainId", "rpc_code": -32000, "detail": "something new"}
    assert len(proxy.seen) == 1


@pytest.mark.parametrize("body", MALFORMED)
def test_an_answer_that_breaks_the_protocol(proxy: Proxy, rpc: Connection, body: bytes) -> None:
    proxy.raw = lambda _: body
    with pytest.raises(AnswerMalformed):
        rpc.read("eth_chainId")


@pytest.mark.parametrize("body", [b"[]", b'{"id":1,"result":"0x1"}', b'[{"id":99,"result":"0x1"}]', b"[3]"])
def test_a_batch_that_is_not_answered_one_by_one(proxy: Proxy, rpc: Connection, body: bytes) -> None:
    proxy.raw = lambda _: body
    with pytest.raises(AnswerMalformed):
        rpc.read_many([("eth_chainId", [])])


def test_a_batch_in_another_order_is_put_right(proxy: Proxy, rpc: Connection) -> None:
    requests = [("eth_chainId", []), ("net_version", []), ("eth_gasPrice", [])]
    proxy.raw = lambda asked: _reversed(asked)
    assert rpc.read_many(requests) == ["eth_chainId", "net_version", "eth_gasPrice"]
    assert rpc.read_many([]) == []


def _reversed(asked: list[dict[str, object]]) -> bytes:
    return orjson.dumps([{"id": a["id"], "result": a["method"]} for a in reversed(asked)])


def test_nobody_there(proxy: Proxy) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rpc = Connection(f"http://user:secret@127.0.0.1:{port}", QUICK)
    with pytest.raises(ChainUnreachable) as caught:
        rpc.read("eth_chainId")
    assert "secret" not in str(caught.value)
    assert caught.value.values["host"] == f"127.0.0.1:{port}"


def test_after_failures_in_a_row_nothing_is_asked_until_one_trial(proxy: Proxy) -> None:
    now = [0.0]
    rpc = Connection(proxy.url, Patience(answer_s=0.3, tries=1), monotonic=lambda: now[0])
    proxy.raw = lambda _: 503
    for _ in range(5):
        with pytest.raises(ChainBusy):
            rpc.read("eth_chainId")
    with pytest.raises(ChainResting):
        rpc.read("eth_chainId")
    assert len(proxy.seen) == 5
    now[0] = 5.1
    with pytest.raises(ChainBusy):
        rpc.read("eth_chainId")
    with pytest.raises(ChainResting):
        rpc.read("eth_chainId")
    now[0], proxy.raw = 10.3, lambda _: None
    assert rpc.read("eth_chainId")
    assert rpc.read("eth_chainId")
    rpc.close()


@given(st.lists(st.sampled_from(["ok", "fail", "wait"]), max_size=60))
def test_the_breaker_lets_through_what_it_should(steps: list[str]) -> None:
    """Open exactly while the last three results were failures and less than the rest time has gone by since."""
    now, in_a_row, opened_at = 0.0, 0, -100.0
    breaker = Breaker(lambda: now, failures=3, rest_s=10)
    for step in steps:
        now += 1
        if step == "wait":
            now += 10
            continue
        wait = breaker.wait_s()
        if in_a_row >= 3 and now < opened_at + 10:
            assert wait == pytest.approx(opened_at + 10 - now)
            continue
        assert wait == 0
        if step == "ok":
            breaker.succeeded()
            in_a_row = 0
        else:
            breaker.failed()
            in_a_row += 1
            if in_a_row >= 3:
                opened_at = now


def test_one_trial_at_a_time_after_the_rest() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0], failures=1, rest_s=10)
    breaker.failed()
    now[0] = 11
    assert breaker.wait_s() == 0
    assert breaker.wait_s() == 10  # until the trial's result is known, the others wait
    breaker.succeeded()
    assert breaker.wait_s() == 0


def test_a_contract_cannot_send_us_elsewhere(proxy: Proxy, rpc: Connection) -> None:
    """CCIP-Read (EIP-3668) stays off: OffchainLookup is a revert like any unknown one; no connection leaves."""
    lookup = "0x556f1830" + "00" * 160
    proxy.script = lambda _: {"error": {"code": 3, "message": "execution reverted", "data": lookup}}
    with pytest.raises(RevertUnknown):
        rpc.read("eth_call", {"to": "0x" + "11" * 20}, "latest")
    assert proxy.seen == ["eth_call"]


def test_a_redirect_is_not_followed(proxy: Proxy, rpc: Connection) -> None:
    proxy.raw = lambda _: 302
    with pytest.raises(AnswerMalformed):
        rpc.send("eth_chainId")
    assert proxy.seen == ["eth_chainId"]
