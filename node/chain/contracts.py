# SPDX-License-Identifier: Apache-2.0
"""Typed bindings of the two contracts: what to send, to deploy and to ask. Types as in the frozen interfaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Literal

import orjson
from eth_abi.abi import decode, encode

from node.chain.connection import Connection, Request
from node.chain.hexes import data, to_bytes
from node.chain.reverts import selector
from node.domain.entries import Act, Chunk, Founding, Submission

SUBMISSION_TYPE: Final = "(uint16,uint8,bytes32,uint32,uint64,bytes32,uint64)"
CHUNK_TYPE: Final = "(uint32,uint32,bytes,bytes,bytes32[],bytes,bytes)"
ACT_TYPE: Final = "(uint8,uint16,uint64,address,address,uint16,uint64,uint64,bytes,uint64)"
GOVERNOR_TYPE: Final = "(string,address,address)"
PRESENT: Final = f"present({SUBMISSION_TYPE},{CHUNK_TYPE})"
PREVIEW: Final = "preview(uint16,uint8,bytes)"
ACT: Final = f"act({ACT_TYPE},bytes[])"

ContractName = Literal["MembershipRegistry", "CaseLedger"]

_VIEWS_A_BATCH = 100  # answers stay below what a node sends in one body


@dataclass(frozen=True, slots=True)
class Artifact:
    """What the compiler made of one contract; committed, so that a node needs no compiler."""

    name: ContractName
    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed: bytes  # runtime code, zeros where the constructor writes an immutable
    immutables: tuple[tuple[int, int], ...]  # (start, length) of each such place, in bytes

    def made(self, code: bytes) -> bool:
        """Whether runtime code found on a chain is this contract's, whatever it was constructed with."""
        found = bytearray(code)
        for start, length in self.immutables:
            found[start : start + length] = bytes(length)
        return len(code) == len(self.deployed) and bytes(found) == self.deployed


def load_artifact(name: ContractName) -> Artifact:
    """From the package's own data."""
    made: dict[str, Any] = orjson.loads(files("node.chain").joinpath(f"artifacts/{name}.json").read_bytes())
    places = [(p["start"], p["length"]) for found in made["immutableReferences"].values() for p in found]
    return Artifact(name, made["abi"], to_bytes(made["bytecode"]), to_bytes(made["deployedBytecode"]), tuple(places))


def submission_fields(s: Submission) -> tuple[Any, ...]:
    """In the order of ``SUBMISSION_TYPE``; the ledger's id is not among them, the contract knows its own."""
    return (s.org, s.action, s.root, s.count, s.sum_fen, s.wraps, s.valid_until)


def chunk_fields(c: Chunk) -> tuple[Any, ...]:
    """In the order of ``CHUNK_TYPE``."""
    return (c.place, c.number, c.maker, c.checker, list(c.proof), c.wraps, c.entries)


def act_fields(a: Act) -> tuple[Any, ...]:
    """In the order of ``ACT_TYPE``."""
    limits = (a.order_limit_fen, a.day_limit_fen)
    return (a.kind, a.org, a.number, a.first, a.second, a.code, *limits, a.data, a.valid_until)


def present_call(submission: Submission, chunk: Chunk) -> bytes:
    """Calldata that presents a chunk to the ledger."""
    fields = [submission_fields(submission), chunk_fields(chunk)]
    return selector(PRESENT) + encode([SUBMISSION_TYPE, CHUNK_TYPE], fields)


def preview_call(org: int, action: int, entries: bytes) -> bytes:
    """Calldata of the read-only check; its answer is the revert ``Previewed``."""
    return selector(PREVIEW) + encode(["uint16", "uint8", "bytes"], [org, action, entries])


def act_call(act: Act, signatures: Sequence[bytes]) -> bytes:
    """Calldata that carries an act to the registry."""
    return selector(ACT) + encode([ACT_TYPE, "bytes[]"], [act_fields(act), list(signatures)])


def registry_creation(registry_id: bytes, threshold: int, governors: Sequence[Founding]) -> bytes:
    """Creation code of a registry with its founding governors (M is ``threshold``)."""
    founders = [(g.name, g.first, g.second) for g in governors]
    arguments = encode(["bytes32", "uint8", f"{GOVERNOR_TYPE}[]"], [registry_id, threshold, founders])
    return load_artifact("MembershipRegistry").bytecode + arguments


def ledger_creation(ledger_id: bytes, registry: str) -> bytes:
    """Creation code of a ledger that reads that registry."""
    return load_artifact("CaseLedger").bytecode + encode(["bytes32", "address"], [ledger_id, registry])


def view(
    connection: Connection, address: str, signature: str, results: Sequence[str], arguments: Sequence[Any] = ()
) -> tuple[Any, ...]:
    """Ask a view function, ``name(types)``, now. Raises one of the connection's failures."""
    return view_many(connection, address, signature, results, [arguments], "latest")[0]


def view_many(
    connection: Connection,
    address: str,
    signature: str,
    results: Sequence[str],
    arguments: Sequence[Sequence[Any]],
    block: str,
) -> list[tuple[Any, ...]]:
    """The same for many arguments, in batches, as of ``block`` (a quantity or a tag)."""
    types = [t for t in signature.partition("(")[2][:-1].split(",") if t]
    calls = [data(selector(signature) + encode(types, list(values))) for values in arguments]
    requests: list[Request] = [("eth_call", [{"to": address, "data": call}, block]) for call in calls]
    answers: list[Any] = []
    for at in range(0, len(requests), _VIEWS_A_BATCH):
        answers += connection.read_many(requests[at : at + _VIEWS_A_BATCH])
    return [decode(list(results), to_bytes(answer)) for answer in answers]
