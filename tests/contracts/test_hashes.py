# SPDX-License-Identifier: Apache-2.0
"""Python, eth-account, Solidity and viem hash the same entries and submissions alike.

The file: "AHASHES" 01 · count:4 · item*count, an item being its size:4 and
ledger:32 · entry hash:32 · submission hash:32 · digest:32 · submission:88 · record, all big-endian, a submission being
org:2 · action:1 · role:1 · root:32 · count:4 · sum:8 · wraps:32 · validUntil:8.
"""

import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from node.crypto.records import pack_record
from node.crypto.typed import ENTRY_TYPE, SUBMISSION_TYPE, entry_hash, ledger_domain, submission_digest
from node.crypto.typed import submission_struct_hash as submission_hash
from node.domain.entries import Action, Entry, SignRole, Submission
from tests.contracts.forge import CONTRACTS, environment, forge_test, tool

pytestmark = pytest.mark.node_js

COUNT = 10_000
SEED = 712
DOMAIN = ledger_domain(31337, "0x00000000000000000000000000000000000a11ce")


@dataclass(frozen=True, slots=True)
class Item:
    ledger: bytes
    entry: Entry
    submission: Submission
    role: SignRole


def number(rng: random.Random, bits: int) -> int:
    """Any number of that width, the smallest and largest often."""
    return rng.choice((0, 1, 2**bits - 1, 2 ** (bits - 1), rng.getrandbits(bits), rng.getrandbits(bits)))


def word(rng: random.Random) -> bytes:
    return rng.choice((bytes(32), b"\xff" * 32, rng.randbytes(32), rng.randbytes(32), rng.randbytes(32)))


def draw(rng: random.Random) -> Item:
    ledger, action, org = word(rng), rng.choice(list(Action)), number(rng, 16)
    entry = Entry(
        action=action,
        org=org,
        office=number(rng, 16),
        case_id=word(rng),
        commitment=word(rng),
        sealed=rng.randbytes(rng.choice((0, 1, 31, 32, 33, 316))),
        recipient=number(rng, 16),
        head=word(rng),
        target=word(rng),
        consent=word(rng),
        amount_fen=number(rng, 64),
        claim_fen=number(rng, 64),
        not_before=number(rng, 40),
        expires_at=number(rng, 40),
        due_at=number(rng, 40),
        fund_account=number(rng, 16),
        debitable=number(rng, 8),
        in_parts=number(rng, 8),
    )
    submission = Submission(
        ledger, org, action, word(rng), number(rng, 32), number(rng, 64), word(rng), number(rng, 64)
    )
    return Item(ledger, entry, submission, rng.choice(list(SignRole)))


def packed(item: Item) -> bytes:
    s = item.submission
    header = b"".join(
        (
            s.org.to_bytes(2, "big"),
            bytes((s.action, item.role)),
            s.root,
            s.count.to_bytes(4, "big"),
            s.sum_fen.to_bytes(8, "big"),
            s.wraps,
            s.valid_until.to_bytes(8, "big"),
        )
    )
    hashes = (
        entry_hash(item.ledger, item.entry) + submission_hash(s, item.role) + submission_digest(DOMAIN, s, item.role)
    )
    body = item.ledger + hashes + header + pack_record(item.entry)
    return len(body).to_bytes(4, "big") + body


@pytest.fixture(scope="module")
def items() -> list[Item]:
    rng = random.Random(SEED)
    return [draw(rng) for _ in range(COUNT)]


@pytest.fixture(scope="module")
def file(items: list[Item], drawn: Path) -> Path:
    path = drawn / "hashes.bin"
    path.write_bytes(b"AHASHES\x01" + len(items).to_bytes(4, "big") + b"".join(packed(item) for item in items))
    return path


def test_solidity_agrees(file: Path) -> None:
    (result,) = forge_test("--match-contract", "HashesTest", settings={"HASHES": str(file)})
    assert result.status == "Success", result.reason


def test_viem_agrees(file: Path) -> None:
    ran = subprocess.run(
        [tool("node"), "test/js/hashes.mjs", str(file)],
        cwd=CONTRACTS,
        env=environment(),
        capture_output=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert json.loads(ran.stdout) == {"count": COUNT, "differ": []}


def test_eth_account_agrees(items: list[Item]) -> None:
    for item in items:
        s = item.submission
        message = {
            "ledger": s.ledger,
            "org": s.org,
            "role": item.role.name,
            "action": Action(s.action).name,
            "root": s.root,
            "count": s.count,
            "sum": s.sum_fen,
            "wraps": s.wraps,
            "validUntil": s.valid_until,
        }
        signable = encode_typed_data(domain(), members(SUBMISSION_TYPE), message)
        assert signable.body == submission_hash(s, item.role)
        assert keccak(b"\x19" + signable.version + signable.header + signable.body) == submission_digest(
            DOMAIN, s, item.role
        )
        assert encode_typed_data(domain(), members(ENTRY_TYPE), clear(item)).body == entry_hash(item.ledger, item.entry)


def domain() -> dict[str, object]:
    return {"name": DOMAIN.name, "version": "1", "chainId": DOMAIN.chain_id, "verifyingContract": DOMAIN.address}


def members(declaration: str) -> dict[str, list[dict[str, str]]]:
    """``Name(type field,…)`` as the JSON form of EIP-712 has it."""
    name, rest = declaration.rstrip(")").split("(")
    pairs = [field.split(" ") for field in rest.split(",")]
    return {name: [{"type": kind, "name": field} for kind, field in pairs]}


def clear(item: Item) -> dict[str, object]:
    e = item.entry
    return {
        "ledger": item.ledger,
        "action": e.action,
        "org": e.org,
        "office": e.office,
        "caseId": e.case_id,
        "recipient": e.recipient,
        "head": e.head,
        "target": e.target,
        "consent": e.consent,
        "amount": e.amount_fen,
        "claim": e.claim_fen,
        "notBefore": e.not_before,
        "expiresAt": e.expires_at,
        "dueAt": e.due_at,
        "fundAccount": e.fund_account,
        "debitable": e.debitable,
        "inParts": e.in_parts,
        "commitment": e.commitment,
        "sealedHash": keccak(e.sealed),
    }
