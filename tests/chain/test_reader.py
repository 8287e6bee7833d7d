# SPDX-License-Identifier: Apache-2.0
"""Reading the log: every block once and in order, however the network limits, lies or moves."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.chain.codec import topics
from node.chain.connection import Connection, Patience
from node.chain.failures import (
    AnswerMalformed,
    BlockMissing,
    ChainMoved,
    HistoryMissing,
    RangeTooWide,
    RpcFailure,
)
from node.chain.hexes import quantity, to_int
from node.chain.reader import LogReader
from tests.chain.proxy import Proxy
from tests.chain.tiny import Tiny

QUICK = Patience(tries=1, answer_s=5)
BESU_LIMIT = {"code": -32005, "message": "Requested range exceeds maximum RPC range limit"}
HOSTED_LIMIT = {"code": -32602, "message": "query returned more than 10000 results"}


def _reader(url: str, alliance: Tiny, **options: Any) -> LogReader:
    at = alliance.deployment
    return LogReader(Connection(url, QUICK), [at.registry.address, at.ledger.address], topics(), **options)


def _all(reader: LogReader, alliance: Tiny, first: int = 0) -> list[Any]:
    return list(reader.read(first, alliance.chain.head().number))


def _limiting(blocks: int, error: dict[str, Any]) -> Any:
    def script(request: dict[str, Any]) -> dict[str, Any] | None:
        if request["method"] != "eth_getLogs":
            return None
        (query,) = request["params"]
        wide = to_int(query["toBlock"]) - to_int(query["fromBlock"]) + 1 > blocks
        return {"error": error} if wide else None

    return script


@pytest.fixture
def whole(alliance: Tiny) -> list[Any]:
    """What is to be read: more than 20 blocks, the last one with a chunk, the one before it empty."""
    alliance.network.advance(1)
    while alliance.chain.head().number < 20:
        alliance.network.advance(1)
    alliance.present(*alliance.chunk([alliance.request(70_000 + alliance.chain.head().number)]))
    return _all(_reader(alliance.network.url, alliance), alliance)


@pytest.mark.parametrize("error", [BESU_LIMIT, HOSTED_LIMIT, {"code": -32000, "message": "a text nobody knows"}])
def test_a_range_that_is_too_wide_is_halved(
    proxy: Proxy, alliance: Tiny, whole: list[Any], error: dict[str, Any]
) -> None:
    proxy.script = _limiting(3, error)
    reader = _reader(proxy.url, alliance)
    assert _all(reader, alliance) == whole
    assert reader.width <= 6


def test_it_grows_again_while_the_network_is_quick(alliance: Tiny, whole: list[Any]) -> None:
    reader = _reader(alliance.network.url, alliance, widest=16)
    reader.width = 1
    assert _all(reader, alliance) == whole
    assert reader.width > 1


def test_it_shrinks_when_answers_are_slow(alliance: Tiny, whole: list[Any]) -> None:
    clock = iter(range(0, 10_000, 10))
    reader = _reader(alliance.network.url, alliance, monotonic=lambda: float(next(clock)))
    reader.width = 8
    assert _all(reader, alliance) == whole
    assert reader.width == 1


def test_one_block_that_cannot_be_read_is_an_error(proxy: Proxy, alliance: Tiny, whole: list[Any]) -> None:
    proxy.script = _limiting(0, BESU_LIMIT)
    with pytest.raises(RangeTooWide):
        _all(_reader(proxy.url, alliance), alliance)


def test_a_header_alone_that_fails_stops_the_read(proxy: Proxy, alliance: Tiny, whole: list[Any]) -> None:
    def script(request: dict[str, Any]) -> dict[str, Any] | None:
        bad = request["method"] == "eth_getBlockByNumber" and request["params"][0] == quantity(7)
        return {"error": {"code": -32000, "message": "db closed"}} if bad else None

    proxy.script = script
    blocks = _reader(proxy.url, alliance).read(0, 15)
    assert [next(blocks)[0].number for _ in range(7)] == list(range(7))
    with pytest.raises(RpcFailure):
        next(blocks)


def test_pruned_blocks_are_named_and_blocks_to_come_are_others(proxy: Proxy, alliance: Tiny, whole: list[Any]) -> None:
    def script(request: dict[str, Any]) -> dict[str, Any] | None:
        gone = request["method"] == "eth_getBlockByNumber" and to_int(request["params"][0]) < 10
        return {"result": None} if gone else None

    proxy.script = script
    with pytest.raises(HistoryMissing) as caught:
        list(_reader(proxy.url, alliance).read(4, 12))
    assert caught.value.values["first"] == 4
    with pytest.raises(BlockMissing):
        list(_reader(alliance.network.url, alliance).read(10_000, 10_001))


@pytest.mark.parametrize("lie", ["log of another block", "header of another chain", "log outside"])
def test_headers_and_logs_of_different_chains_are_read_again(
    proxy: Proxy, alliance: Tiny, whole: list[Any], lie: str
) -> None:
    """Three times, then it is told; once, and nobody notices."""
    real = Connection(alliance.network.url)
    times = [1]

    def script(request: dict[str, Any]) -> dict[str, Any] | None:
        last = alliance.chain.head().number
        if request["method"] == "eth_getLogs" and lie.startswith("log"):
            times[0] -= 1
            logs = copy.deepcopy(real.read("eth_getLogs", *request["params"]))
            if times[0] >= 0 and logs:
                field, value = ("blockHash", "0x" + "ab" * 32) if "another" in lie else ("blockNumber", "0xffff")
                logs[-1][field] = value
            return {"result": logs}
        if request["method"] == "eth_getBlockByNumber" and request["params"][0] == quantity(last - 1):
            times[0] -= 1
            if times[0] >= 0 and lie.startswith("header"):
                return {"result": {**real.read(request["method"], *request["params"]), "hash": "0x" + "cd" * 32}}
        return None

    proxy.script = script
    assert _all(_reader(proxy.url, alliance), alliance) == whole
    times[0] = 1_000
    with pytest.raises(ChainMoved):
        _all(_reader(proxy.url, alliance), alliance)
    real.close()


def test_a_reorganisation_between_two_windows_is_told(proxy: Proxy, alliance: Tiny, whole: list[Any]) -> None:
    def script(request: dict[str, Any]) -> dict[str, Any] | None:
        if request["method"] == "eth_getBlockByNumber" and to_int(request["params"][0]) == 8:
            block = Connection(alliance.network.url).read(request["method"], *request["params"])
            return {"result": {**block, "parentHash": "0x" + "ef" * 32}}
        return None

    proxy.script = script
    reader = _reader(proxy.url, alliance, widest=4)
    reader.width = 4  # 0..3, 4..7, 8..
    with pytest.raises(ChainMoved) as caught:
        list(reader.read(0, 12))
    assert caught.value.values == {"block": 8}


def test_nonsense_is_not_taken_for_a_block(proxy: Proxy, alliance: Tiny, whole: list[Any]) -> None:
    def script(request: dict[str, Any]) -> dict[str, Any] | None:
        return {"result": {"number": "7"}} if request["method"] == "eth_getBlockByNumber" else None

    proxy.script = script
    with pytest.raises(AnswerMalformed):
        list(_reader(proxy.url, alliance).read(0, 3))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 30), st.integers(1, 30))
def test_any_range_and_any_width_give_the_same_blocks(
    alliance: Tiny, whole: list[Any], first: int, count: int, width: int, widest: int
) -> None:
    reader = _reader(alliance.network.url, alliance, widest=max(width, widest))
    reader.width = width
    last = min(first + count - 1, 20)
    assert list(reader.read(first, last)) == whole[first : last + 1]
