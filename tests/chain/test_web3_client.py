# SPDX-License-Identifier: Apache-2.0
"""The embedded chain as somebody else's client sees it: web3.py with its own formatters, no code of ours between."""

from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3
from web3.exceptions import ContractCustomError

from node.chain.contracts import load_artifact
from node.chain.networks import Network
from node.domain.digest import keccak
from tests.chain.tiny import FOUNDERS, OFFICE


@pytest.fixture
def web3(embedded: Network) -> Iterator[Web3]:
    from web3.providers import HTTPProvider

    provider = HTTPProvider(embedded.url)
    yield Web3(provider)
    provider._request_session_manager.session_cache.clear()


def _send(web3: Web3, account: Any, transaction: dict[str, Any]) -> Any:
    signed = account.sign_transaction(transaction)
    return web3.eth.wait_for_transaction_receipt(web3.eth.send_raw_transaction(signed.raw_transaction))


def test_it_deploys_calls_reads_logs_and_gets_custom_errors(web3: Web3) -> None:
    account = Account.from_key(keccak(b"a stranger with web3"))
    artifact = load_artifact("MembershipRegistry")
    factory = web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
    founders = [(f.name, f.first, f.second) for f in FOUNDERS]
    options = {"from": account.address, "nonce": web3.eth.get_transaction_count(account.address)}
    built = factory.constructor(keccak(b"web3"), 2, founders).build_transaction(options)  # type: ignore[arg-type]
    receipt = _send(web3, account, dict(built))
    assert receipt["status"] == 1
    registry = web3.eth.contract(address=receipt["contractAddress"], abi=artifact.abi)
    assert registry.functions.threshold().call() == 2
    (founded,) = registry.events.Founded().get_logs(from_block=receipt["blockNumber"])
    assert founded["args"]["registry"] == keccak(b"web3")
    assert founded["transactionHash"] == receipt["transactionHash"]
    act = (2, OFFICE, 1, "0x" + "00" * 20, "0x" + "00" * 20, 0, 0, 0, b"", 2**40)
    with pytest.raises(ContractCustomError) as caught:
        registry.functions.act(act, []).call()
    assert caught.value.data.startswith("0x" + keccak(b"UnknownOrg(uint16)")[:4].hex())


def test_blocks_transactions_and_fees_have_its_shapes(web3: Web3) -> None:
    account = Account.from_key(keccak(b"another stranger"))
    filled = {
        "from": account.address,
        "to": account.address,
        "value": 0,
        "chainId": web3.eth.chain_id,
        "nonce": web3.eth.get_transaction_count(account.address),
        "gas": web3.eth.estimate_gas({"to": account.address, "from": account.address}),
        "gasPrice": web3.eth.gas_price,
    }
    receipt = _send(web3, account, filled)
    block = web3.eth.get_block(receipt["blockNumber"], full_transactions=True)
    (shown,) = block["transactions"]
    assert shown == web3.eth.get_transaction(receipt["transactionHash"])
    assert shown["from"] == account.address  # type: ignore[call-overload]
    assert web3.eth.get_block("finalized")["hash"] == block["hash"]
    assert web3.eth.fee_history(2, "latest", [10])["baseFeePerGas"] == [0, 0, 0]
    assert web3.client_version.startswith("alliance-embedded/")
