# SPDX-License-Identifier: Apache-2.0
"""Events and calls, both ways, against the ABI that the compiler wrote."""

from typing import Any

import pytest
from eth_abi.abi import decode
from hypothesis import given
from hypothesis import strategies as st

from node.chain import contracts
from node.chain.codec import EventCodec, EventMalformed, Log, topics
from node.chain.contracts import act_call, load_artifact, present_call, preview_call
from node.chain.hexes import data, to_bytes, to_int
from node.chain.reverts import selector
from node.crypto.typed import checksummed
from node.domain.digest import keccak
from node.domain.entries import (
    Act,
    Acted,
    Block,
    Chunk,
    Founded,
    Founding,
    LedgerEvent,
    Position,
    Presented,
    Submission,
)

LEDGER_ID = keccak(b"ledger")
LEDGER, REGISTRY = checksummed(b"\x11" * 20), checksummed(b"\x22" * 20)
CODEC = EventCodec(LEDGER_ID, LEDGER, REGISTRY)

hashes = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20).map(checksummed)
blobs = st.binary(max_size=80)


def _uint(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


blocks = st.builds(Block, _uint(40), hashes, hashes, _uint(40))
submissions = st.builds(
    Submission, st.just(LEDGER_ID), _uint(16), _uint(8), hashes, _uint(32), _uint(64), hashes, _uint(64)
)
chunks = st.builds(Chunk, _uint(32), _uint(32), blobs, blobs, st.lists(hashes, max_size=4).map(tuple), blobs, blobs)
acts = st.builds(
    Act, _uint(8), _uint(16), _uint(64), addresses, addresses, _uint(16), _uint(64), _uint(64), blobs, _uint(64)
)
signatures = st.lists(blobs, max_size=3).map(tuple)
foundings = st.lists(st.builds(Founding, st.text(max_size=10), addresses, addresses), max_size=3).map(tuple)


@st.composite
def events(draw: st.DrawFn) -> LedgerEvent:
    block = draw(blocks)
    where = (Position(block.number, draw(_uint(16)), draw(_uint(16))), block, draw(hashes))
    kind = draw(st.sampled_from([Presented, Acted, Founded]))
    if kind is Presented:
        return Presented(*where, draw(submissions), draw(chunks), draw(_uint(64)), draw(blobs))
    if kind is Acted:
        return Acted(*where, draw(acts), draw(signatures))
    return Founded(*where, draw(hashes), draw(_uint(8)), draw(foundings))


@given(events())
def test_an_event_survives_the_way_out_and_back(event: LedgerEvent) -> None:
    log = CODEC.encode(event)
    assert CODEC.decode(log, event.block) == event
    shown = {
        "address": log.address.lower(),
        "topics": [data(t) for t in log.topics],
        "data": data(log.data),
        "blockNumber": hex(log.block_number),
        "blockHash": data(log.block_hash),
        "transactionHash": data(log.tx_hash),
        "transactionIndex": hex(log.position.transaction),
        "logIndex": hex(log.position.log),
    }
    assert Log.parse(shown) == log


@given(events(), st.data())
def test_a_damaged_event_is_an_error_and_never_another_event(event: LedgerEvent, choose: st.DataObject) -> None:
    log = CODEC.encode(event)
    cut = choose.draw(st.integers(0, len(log.data) - 1))
    short = Log(log.address, log.topics, log.data[:cut], log.block_number, log.block_hash, log.tx_hash, log.position)
    try:
        found = CODEC.decode(short, event.block)
    except EventMalformed:
        return
    assert found == event  # only padding was cut


def test_topics_that_contradict_the_data_are_an_error() -> None:
    block = Block(1, LEDGER_ID, LEDGER_ID, 1)
    log = CODEC.encode(Acted(Position(1, 0, 0), block, LEDGER_ID, Act(3, 4, 5), ()))
    for at in (1, 2):
        heads = tuple(keccak(b"other") if i == at else t for i, t in enumerate(log.topics))
        with pytest.raises(EventMalformed):
            CODEC.decode(Log(log.address, heads, log.data, 1, LEDGER_ID, LEDGER_ID, log.position), block)


def test_a_stranger_that_emits_the_same_event_is_not_heard() -> None:
    block = Block(1, LEDGER_ID, LEDGER_ID, 1)
    log = CODEC.encode(Acted(Position(1, 0, 0), block, LEDGER_ID, Act(3, 4, 5), ()))
    for address in (LEDGER, checksummed(b"\x33" * 20)):
        assert CODEC.decode(Log(address, log.topics, log.data, 1, LEDGER_ID, LEDGER_ID, log.position), block) is None


# ---- against the compiler's ABI


def _type(parameter: dict[str, Any]) -> str:
    if not parameter["type"].startswith("tuple"):
        return parameter["type"]
    return f"({','.join(_type(p) for p in parameter['components'])}){parameter['type'][5:]}"


def _signatures(contract: Any, kind: str) -> set[str]:
    abi = load_artifact(contract).abi
    return {f"{e['name']}({','.join(_type(i) for i in e['inputs'])})" for e in abi if e["type"] == kind}


def test_the_types_written_here_are_the_compilers() -> None:
    emitted = {keccak(s.encode()) for c in ("CaseLedger", "MembershipRegistry") for s in _signatures(c, "event")}
    assert set(topics()) <= emitted
    functions = _signatures("CaseLedger", "function") | _signatures("MembershipRegistry", "function")
    assert {contracts.PRESENT, contracts.PREVIEW, contracts.ACT} <= functions


@given(submissions, chunks, acts, signatures)
def test_calldata_decodes_to_what_was_meant(
    submission: Submission, chunk: Chunk, act: Act, signed: tuple[bytes, ...]
) -> None:
    call = present_call(submission, chunk)
    assert call[:4] == selector(contracts.PRESENT)
    s, c = decode([contracts.SUBMISSION_TYPE, contracts.CHUNK_TYPE], call[4:])
    assert (Submission(LEDGER_ID, *s), Chunk(*c[:4], tuple(c[4]), *c[5:])) == (submission, chunk)
    a, given_signatures = decode([contracts.ACT_TYPE, "bytes[]"], act_call(act, signed)[4:])
    assert a[:3] == (act.kind, act.org, act.number)
    assert (checksummed(to_bytes(a[3])), a[8], given_signatures) == (act.first, act.data, signed)
    org, action, entries = decode(["uint16", "uint8", "bytes"], preview_call(1, 2, chunk.entries)[4:])
    assert (org, action, entries) == (1, 2, chunk.entries)


@pytest.mark.parametrize("bad", ["", "12", "0xzz", "x0"])
def test_only_hexadecimal_is_taken(bad: str) -> None:
    with pytest.raises(ValueError):
        to_int(bad)
    with pytest.raises(ValueError):
        to_bytes(bad)


# ---- web3.py as the oracle


@pytest.fixture(scope="module")
def oracle() -> Any:
    from web3 import Web3

    return Web3()


def test_web3_encodes_the_same_calls(oracle: Any) -> None:
    ledger = oracle.eth.contract(abi=load_artifact("CaseLedger").abi)
    registry = oracle.eth.contract(abi=load_artifact("MembershipRegistry").abi)
    s = Submission(LEDGER_ID, 4, 1, keccak(b"root"), 3, 5, keccak(b"wraps"), 9)
    c = Chunk(1, 2, b"m" * 65, b"c" * 65, (keccak(b"a"), keccak(b"b")), b"", b"entries")
    act = Act(1, 4, 1, LEDGER, REGISTRY, 2, 7, 8, "单位".encode(), 9)
    fields = (contracts.submission_fields(s), contracts.chunk_fields(c))
    assert present_call(s, c) == to_bytes(ledger.encode_abi("present", fields))
    assert preview_call(4, 1, b"x") == to_bytes(ledger.encode_abi("preview", (4, 1, b"x")))
    signed = [b"s" * 65, b"t" * 65]
    assert act_call(act, signed) == to_bytes(registry.encode_abi("act", (contracts.act_fields(act), signed)))
    founders = [Founding("治理", LEDGER, REGISTRY)]
    made = contracts.registry_creation(LEDGER_ID, 1, founders)
    bytecode = load_artifact("MembershipRegistry").bytecode
    factory = oracle.eth.contract(abi=load_artifact("MembershipRegistry").abi, bytecode=bytecode)
    assert made == to_bytes(factory.constructor(LEDGER_ID, 1, [("治理", LEDGER, REGISTRY)]).data_in_transaction)


def test_web3_reads_the_same_events(oracle: Any) -> None:
    block = Block(5, keccak(b"block"), keccak(b"parent"), 6)
    where = (Position(5, 1, 2), block, keccak(b"tx"))
    s = Submission(LEDGER_ID, 4, 1, keccak(b"root"), 3, 5, keccak(b"wraps"), 9)
    c = Chunk(1, 2, b"m" * 65, b"c" * 65, (keccak(b"a"),), b"w", b"entries")
    log = CODEC.encode(Presented(*where, s, c, 77, b"\x00\x04"))
    receipt = {
        "address": log.address,
        "topics": list(log.topics),
        "data": log.data,
        "blockNumber": 5,
        "blockHash": block.hash,
        "transactionHash": log.tx_hash,
        "transactionIndex": 1,
        "logIndex": 2,
    }
    abi = load_artifact("CaseLedger").abi
    arguments = oracle.eth.contract(abi=abi).events.Presented().process_log(receipt)["args"]
    assert (arguments["org"], arguments["root"], arguments["taken"], arguments["outcomes"]) == (4, s.root, 77, b"\0\4")
    assert dict(arguments["submission"])["validUntil"] == 9
    assert dict(arguments["chunk"])["entries"] == b"entries"
