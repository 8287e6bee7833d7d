# SPDX-License-Identifier: Apache-2.0
"""The embedded chain by itself: it lasts, it is one, and it answers like the others."""

import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from eth_account import Account

from node.chain.connection import Connection
from node.chain.embedded.network import (
    ChainFolderDamaged,
    ChainFolderInUse,
    EmbeddedNetwork,
    PortTaken,
)
from node.chain.failures import (
    AlreadyKnown,
    GasOutOfRange,
    MethodMissing,
    NonceUsed,
    RpcFailure,
    SenderUnfunded,
    TransactionRejected,
)
from node.chain.hexes import data, quantity, to_int
from node.chain.reverts import RevertUnknown
from node.chain.solidity_errors import RevertedWithText
from node.domain.digest import keccak

SOMEBODY = "0x" + "11" * 20
# Runtime code: log1(calldata[32:], topic = calldata[:32]), then store block.timestamp in slot 7.
LOGGER = "602036036020600037600035602036036000a14260075500"
# Creation code that returns the runtime behind it.
CREATE = "60{size:02x}600c60003960{size:02x}6000f3"
SERVE = """
import sys
from pathlib import Path
from node.chain.embedded.network import EmbeddedNetwork
network = EmbeddedNetwork.start(Path(sys.argv[1]))
print(network.url, flush=True)
network.wait()
"""


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: int = 1_800_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chain(tmp_path: Path, clock: Clock) -> Iterator[EmbeddedNetwork]:
    network = EmbeddedNetwork.start(tmp_path / "chain", now=clock)
    yield network
    network.stop()


@pytest.fixture
def rpc(chain: EmbeddedNetwork) -> Iterator[Connection]:
    connection = Connection(chain.url)
    yield connection
    connection.close()


def _block(rpc: Connection, at: str = "latest") -> dict[str, object]:
    return rpc.read("eth_getBlockByNumber", at, False)


def _send(rpc: Connection, nonce: int, to: str | None, call: str = "", gas: int = 500_000, **fields: object) -> str:
    account = Account.from_key(keccak(b"sender"))
    transaction = {
        "chainId": to_int(rpc.read("eth_chainId")),
        "nonce": nonce,
        "to": to if to is not None else b"",
        "data": "0x" + call,
        "value": 0,
        "gas": gas,
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
        **fields,
    }
    signed = account.sign_transaction({k: v for k, v in transaction.items() if v is not None})
    return rpc.send("eth_sendRawTransaction", data(signed.raw_transaction))


def _create(rpc: Connection, runtime: str, nonce: int = 0) -> str:
    tx_hash = _send(rpc, nonce, None, CREATE.format(size=len(runtime) // 2) + runtime)
    return rpc.read("eth_getTransactionReceipt", tx_hash)["contractAddress"]


# ---- it lasts


def test_kill_nine_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    """Three lives of one chain, each ended by SIGKILL in the middle of sending."""
    hashes: dict[int, str] = {}
    last_tx, nonce = None, 0
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", SERVE, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            rpc = Connection(child.stdout.readline().strip())
            blocks = rpc.read_many([("eth_getBlockByNumber", [quantity(n), False]) for n in hashes])
            assert [b["hash"] for b in blocks] == list(hashes.values())
            sender = Account.from_key(keccak(b"sender")).address
            mined = to_int(rpc.read("eth_getTransactionCount", sender, "latest"))
            assert mined >= nonce
            assert last_tx is None or rpc.read("eth_getTransactionReceipt", last_tx)["status"] == "0x1"
            nonce = mined
            killer = threading.Timer(0.15, child.send_signal, [signal.SIGKILL])
            killer.start()
            try:
                while True:
                    last_tx = _send(rpc, nonce, SOMEBODY)
                    nonce += 1
                    head = rpc.send("eth_getBlockByNumber", "latest", False)
                    hashes[to_int(str(head["number"]))] = str(head["hash"])
            except Exception:
                pass
            killer.join()
            child.wait()
            rpc.close()
    assert len(hashes) > 10


def test_a_folder_is_reopened_where_it_was(tmp_path: Path, clock: Clock) -> None:
    first = EmbeddedNetwork.start(tmp_path, now=clock, chain_id=77)
    rpc = Connection(first.url)
    rpc.send("alliance_fund", SOMEBODY)
    rpc.send("evm_increaseTime", 86_400)
    rpc.send("evm_mine")
    before = _block(rpc)
    rpc.close()
    first.stop()
    second = EmbeddedNetwork.start(tmp_path, now=clock)
    rpc = Connection(second.url)
    assert (second.url, second.chain_id) == (first.url, 77)  # the nodes find it where it was
    assert _block(rpc) == before
    rpc.send("evm_mine")
    assert to_int(str(_block(rpc)["timestamp"])) == clock.now + 86_400
    rpc.close()
    second.stop()
    identity = orjson.loads((tmp_path / "chain.json").read_bytes())
    assert set(identity) == {"chain_id", "genesis_time", "port"}  # and no key


def test_a_folder_serves_once(chain: EmbeddedNetwork, tmp_path: Path) -> None:
    with pytest.raises(ChainFolderInUse):
        EmbeddedNetwork.start(tmp_path / "chain")


def test_a_taken_port_is_named(chain: EmbeddedNetwork, tmp_path: Path) -> None:
    port = int(chain.url.rpartition(":")[2])
    with pytest.raises(PortTaken) as caught:
        EmbeddedNetwork.start(tmp_path / "other", port=port)
    assert caught.value.values == {"port": port}
    network = EmbeddedNetwork.start(tmp_path / "other")  # nothing stayed locked
    network.stop()


def test_a_damaged_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "chain.json").write_text('{"chain_id": 1}')
    with pytest.raises(ChainFolderDamaged):
        EmbeddedNetwork.start(tmp_path)


def test_stop_ends_idle_connections_too(tmp_path: Path) -> None:
    network = EmbeddedNetwork.start(tmp_path)
    rpc = Connection(network.url)
    assert rpc.read("eth_chainId")
    network.stop()
    with pytest.raises(Exception) as caught:
        rpc.send("eth_chainId")
    assert caught.value.code == "chain_unreachable"  # type: ignore[attr-defined]
    rpc.close()


# ---- time


def test_block_time_follows_the_clock_however_fast_transactions_come(rpc: Connection, clock: Clock) -> None:
    for nonce in range(5):
        _send(rpc, nonce, SOMEBODY)
    assert _block(rpc)["timestamp"] == quantity(clock.now)
    clock.now += 3
    _send(rpc, 5, SOMEBODY)
    assert _block(rpc)["timestamp"] == quantity(clock.now)
    clock.now -= 100
    _send(rpc, 6, SOMEBODY)
    assert _block(rpc)["timestamp"] == quantity(clock.now + 100)  # never back


def test_the_next_blocks_time_can_be_set_and_later_ones_go_on_from_it(rpc: Connection, clock: Clock) -> None:
    rpc.send("evm_setNextBlockTimestamp", clock.now + 500)
    rpc.send("evm_mine")
    assert _block(rpc)["timestamp"] == quantity(clock.now + 500)
    clock.now += 10
    rpc.send("evm_mine")
    assert _block(rpc)["timestamp"] == quantity(clock.now + 500)
    with pytest.raises(RpcFailure):
        rpc.send("evm_setNextBlockTimestamp", clock.now - 1)


def test_a_call_sees_the_time_of_the_block_that_would_come(rpc: Connection, clock: Clock) -> None:
    contract = _create(rpc, "4260005260206000f3")  # returns block.timestamp
    clock.now += 60
    assert to_int(rpc.read("eth_call", {"to": contract}, "latest")) == clock.now
    _send(rpc, 1, contract)
    assert to_int(rpc.read("eth_call", {"to": contract}, "0x1")) == clock.now  # the block that did come


# ---- transactions


def test_a_free_transaction_of_an_unfunded_sender_is_mined_at_once(rpc: Connection) -> None:
    tx_hash = _send(rpc, 0, SOMEBODY)
    receipt = rpc.read("eth_getTransactionReceipt", tx_hash)
    block = rpc.read("eth_getBlockByHash", receipt["blockHash"], True)
    assert (receipt["status"], receipt["gasUsed"], block["baseFeePerGas"]) == ("0x1", quantity(21_000), "0x0")
    (shown,) = block["transactions"]
    assert shown == rpc.read("eth_getTransactionByHash", tx_hash)
    assert (shown["hash"], shown["type"], shown["to"]) == (tx_hash, "0x2", "0x" + "11" * 20)


def test_a_legacy_transaction_is_taken_too(rpc: Connection) -> None:
    tx_hash = _send(rpc, 0, SOMEBODY, maxFeePerGas=None, maxPriorityFeePerGas=None, gasPrice=0)
    assert rpc.read("eth_getTransactionByHash", tx_hash)["type"] == "0x0"


def test_a_later_nonce_waits_for_the_ones_before_it(rpc: Connection) -> None:
    second = _send(rpc, 1, SOMEBODY)
    assert rpc.read("eth_getTransactionReceipt", second) is None
    assert rpc.read("eth_getTransactionByHash", second)["blockNumber"] is None
    with pytest.raises(AlreadyKnown):
        _send(rpc, 1, SOMEBODY)
    first = _send(rpc, 0, SOMEBODY)
    numbers = [rpc.read("eth_getTransactionReceipt", t)["blockNumber"] for t in (first, second)]
    assert numbers == ["0x1", "0x2"]


def test_what_the_pool_does_not_take(rpc: Connection) -> None:
    _send(rpc, 0, SOMEBODY)
    with pytest.raises(AlreadyKnown):
        _send(rpc, 0, SOMEBODY)
    with pytest.raises(NonceUsed):
        _send(rpc, 0, SOMEBODY, "00")
    with pytest.raises(GasOutOfRange):
        _send(rpc, 1, SOMEBODY, gas=10**9)
    with pytest.raises(GasOutOfRange):
        _send(rpc, 1, SOMEBODY, gas=20_999)
    with pytest.raises(SenderUnfunded):
        _send(rpc, 1, SOMEBODY, value=1)
    with pytest.raises(TransactionRejected):
        _send(rpc, 1, SOMEBODY, chainId=5)
    with pytest.raises(TransactionRejected):
        rpc.send("eth_sendRawTransaction", "0x02c0")
    assert rpc.read("eth_blockNumber") == "0x1"


def test_the_faucet_funds(rpc: Connection) -> None:
    rpc.send("alliance_fund", SOMEBODY, quantity(12345))
    assert to_int(rpc.read("eth_getBalance", SOMEBODY, "latest")) == 12345


def test_storage_and_code_are_shown_also_of_older_blocks(rpc: Connection, clock: Clock) -> None:
    contract = _create(rpc, LOGGER)
    _send(rpc, 1, contract, "00" * 32)
    assert rpc.read("eth_getCode", contract, "latest") == "0x" + LOGGER
    assert rpc.read("eth_getCode", contract, "0x0") == "0x"
    assert to_int(rpc.read("eth_getStorageAt", contract, "0x7", "latest").replace("0x", "0x0")) == clock.now
    assert int(rpc.read("eth_getStorageAt", contract, "0x7", "0x1"), 16) == 0


# ---- reverts and estimates


def test_revert_data_comes_with_code_three(rpc: Connection, chain: EmbeddedNetwork) -> None:
    text = keccak(b"Error(string)")[:4] + (32).to_bytes(32, "big") + (2).to_bytes(32, "big") + b"no".ljust(32, b"\0")
    runtime = f"60{len(text):02x}600c60003960{len(text):02x}6000fd" + text.hex()
    contract = _create(rpc, runtime)
    with pytest.raises(RevertedWithText) as caught:
        rpc.read("eth_call", {"to": contract}, "latest")
    assert caught.value.values == {"text": "no"}
    with pytest.raises(RevertedWithText):
        rpc.read("eth_estimateGas", {"to": contract})
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [{"to": contract}, "latest"]}
    error = _post(chain.url, orjson.dumps(body))["error"]
    assert error == {"code": 3, "message": "execution reverted", "data": data(text)}
    tx_hash = _send(rpc, 1, contract)
    assert rpc.read("eth_getTransactionReceipt", tx_hash)["status"] == "0x0"
    silent = _create(rpc, "60006000fd", 2)
    with pytest.raises(RevertUnknown):
        rpc.read("eth_call", {"to": silent}, "latest")


def test_an_estimate_is_enough_and_not_wasteful(rpc: Connection) -> None:
    contract = _create(rpc, LOGGER)
    call = "aa" * 64
    sender = Account.from_key(keccak(b"sender")).address
    estimate = to_int(rpc.read("eth_estimateGas", {"from": sender, "to": contract, "data": "0x" + call}))
    receipt = rpc.read("eth_getTransactionReceipt", _send(rpc, 1, contract, call, gas=estimate))
    assert receipt["status"] == "0x1"
    assert to_int(receipt["gasUsed"]) <= estimate < 1.1 * to_int(receipt["gasUsed"])
    for gas in (quantity(20_000), quantity(22_500)):
        with pytest.raises(GasOutOfRange):
            rpc.read("eth_call", {"to": contract, "data": "0x" + call, "gas": gas}, "latest")


# ---- logs


def test_logs_by_range_address_topic_and_block_hash(rpc: Connection) -> None:
    one, two = _create(rpc, LOGGER), _create(rpc, LOGGER, 1)
    red, blue = "aa" * 32, "bb" * 32
    for nonce, (contract, topic) in enumerate([(one, red), (two, red), (one, blue)], start=2):
        _send(rpc, nonce, contract, topic + f"{nonce:02x}")

    def logs(**query: object) -> list[str]:
        return [log["data"] for log in rpc.read("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest", **query})]

    assert logs() == ["0x02", "0x03", "0x04"]
    assert logs(address=one) == ["0x02", "0x04"]
    assert logs(address=[one, two], topics=[["0x" + red]]) == ["0x02", "0x03"]
    assert logs(topics=[["0x" + red, "0x" + blue]], fromBlock="0x4", toBlock="0x5") == ["0x03", "0x04"]
    assert logs(topics=[None]) == ["0x02", "0x03", "0x04"]
    assert logs(topics=[None, "0x" + red]) == []
    assert logs(fromBlock="0x4", toBlock="0x1000") == ["0x03", "0x04"]
    block = _block(rpc, "0x4")
    (log,) = rpc.read("eth_getLogs", {"blockHash": block["hash"]})
    assert (log["data"], log["blockHash"], log["logIndex"], log["address"]) == ("0x03", block["hash"], "0x0", two)
    assert log == rpc.read("eth_getTransactionReceipt", log["transactionHash"])["logs"][0]
    with pytest.raises(RpcFailure):
        rpc.read("eth_getLogs", {"blockHash": "0x" + "00" * 32})


# ---- the server


def _post(url: str, body: bytes, kind: str = "application/json") -> dict[str, object]:
    request = urllib.request.Request(url, body, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return orjson.loads(answer.read())


def test_tags_are_the_head_and_unknown_things_are_null(rpc: Connection) -> None:
    _send(rpc, 0, SOMEBODY)
    blocks = {tag: _block(rpc, tag)["number"] for tag in ("latest", "safe", "finalized", "pending", "earliest")}
    assert blocks == dict.fromkeys(("latest", "safe", "finalized", "pending"), "0x1") | {"earliest": "0x0"}
    nothing = "0x" + "00" * 32
    assert _block(rpc, "0x99") is None
    for method in ("eth_getTransactionByHash", "eth_getTransactionReceipt"):
        assert rpc.read(method, nothing) is None
    assert rpc.read("eth_getBlockByHash", nothing, False) is None
    assert rpc.read("net_version") == "20181704"
    assert rpc.read("eth_feeHistory", "0x2", "latest", [50])["baseFeePerGas"] == ["0x0"] * 3


def test_a_batch_is_answered_one_by_one_and_bad_requests_are_named(chain: EmbeddedNetwork, rpc: Connection) -> None:
    good = {"jsonrpc": "2.0", "id": 7, "method": "eth_chainId", "params": []}
    answers = _post(chain.url, orjson.dumps([good, {"id": 8, "method": "eth_nothing"}, 3]))
    assert [a.get("id") for a in answers] == [7, 8, None]  # type: ignore[attr-defined, union-attr]
    assert [a.get("error", {}).get("code") for a in answers] == [None, -32601, -32600]  # type: ignore[attr-defined, union-attr]
    assert _post(chain.url, b"{")["error"]["code"] == -32700  # type: ignore[index]
    assert _post(chain.url, b"[]")["error"]["code"] == -32600  # type: ignore[index]
    wrong = _post(chain.url, orjson.dumps({**good, "method": "eth_getBalance", "params": ["x"]}))
    assert wrong["error"]["code"] == -32602  # type: ignore[index]
    with pytest.raises(MethodMissing):
        rpc.read("debug_traceTransaction", "0x")


def test_a_web_page_cannot_speak_to_it(chain: EmbeddedNetwork) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        _post(chain.url, b"{}", "text/plain")
    assert caught.value.code == 415
    caught.value.close()


def test_many_threads_send_at_once(rpc: Connection, chain: EmbeddedNetwork) -> None:
    failed: list[Exception] = []

    def fund(start: int) -> None:
        own = Connection(chain.url)
        try:
            for n in range(10):
                own.send("alliance_fund", "0x" + f"{start + n:040x}")
        except Exception as error:
            failed.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=fund, args=(100 * t + 1,)) for t in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert rpc.read("eth_blockNumber") == quantity(60)
