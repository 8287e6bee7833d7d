# SPDX-License-Identifier: Apache-2.0
"""Writes tests/crypto/vectors/: fixed inputs and outputs that another implementation can be held against.

    .venv/bin/python -m tests.crypto.vector_files

HPKE draws its own randomness, so the wraps of sealing.json are new each time it is written; all else is repeatable.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from node.crypto.canonical import canonical, commitment, pad
from node.crypto.merkle import Tree
from node.crypto.records import pack_record
from node.crypto.sealing import seal
from node.crypto.signer import LocalSigner
from node.crypto.submission_file import build
from node.crypto.typed import (
    act_digest,
    check_code,
    entry_hash,
    registry_domain,
    submission_digest,
    submission_struct_hash,
    typed_data_json,
)
from node.domain.digest import keccak
from node.domain.entries import Act, Action, SignRole
from tests.crypto import sealed
from tests.crypto.conftest import SeededRandom
from tests.crypto.submissions import DOMAIN, LEDGER, entries_of, signable_of, submission_of

FOLDER = Path(__file__).parent / "vectors"
SECRET = b"\x07" * 32  # a key of the tests, known to all
REGISTRY = keccak(b"a registry of the tests")
MAX = 2**53 - 1
PAYLOADS: list[Any] = [
    {},
    {"b": 1, "a": [True, None, -1]},
    {"name": "测试甲一", "salt": "00" * 32, "amount_fen": MAX},
    {"text": '\u0000\u001f"\\/\u007f\u2028𠮷', "empty": ""},
    {"note": "甲" * 400},
]


def typed() -> dict[str, Any]:
    """Records, entry hashes, digests, check codes and signatures, one submission an action; and acts."""
    submissions: list[dict[str, Any]] = []
    for action in Action:
        entries = entries_of(action, 2)
        submission = submission_of(entries)
        digest = submission_digest(DOMAIN, submission, SignRole.MAKER)
        submissions.append(
            {
                "typedData": typed_data_json(submission, DOMAIN, role=SignRole.MAKER),
                "records": [pack_record(entry).hex() for entry in entries],
                "entryHashes": [entry_hash(LEDGER, entry).hex() for entry in entries],
                "structHash": submission_struct_hash(submission, SignRole.MAKER).hex(),
                "digest": digest.hex(),
                "checkCode": check_code(submission),
                "signature": LocalSigner(SECRET).sign_digest(digest).hex(),
            }
        )
    acts: list[dict[str, Any]] = []
    for kind in range(1, 18):
        act = Act(kind, kind % 3, kind * 10**9, code=kind, data=bytes(range(kind)), order_limit_fen=MAX)
        domain = registry_domain(31337, DOMAIN.address)
        acts.append(
            {
                "typedData": typed_data_json(act, domain, registry=REGISTRY),
                "digest": act_digest(domain, REGISTRY, act).hex(),
            }
        )
    return {"secret": SECRET.hex(), "address": LocalSigner(SECRET).address, "submissions": submissions, "acts": acts}


def merkle() -> list[dict[str, Any]]:
    """Trees over keccak(uint32 i), with the proof of one range of each."""
    trees: list[dict[str, Any]] = []
    for count, place, number in [(1, 0, 1), (2, 1, 1), (3, 1, 2), (5, 4, 1), (7, 2, 3), (8, 0, 8), (100, 33, 17)]:
        tree = Tree([keccak(i.to_bytes(4, "big")) for i in range(count)])
        proof = [sibling.hex() for sibling in tree.range_proof(place, number)]
        trees.append({"count": count, "root": tree.root.hex(), "place": place, "number": number, "proof": proof})
    return trees


def canonical_forms() -> list[dict[str, Any]]:
    """Canonical bytes, commitments, padded lengths."""
    forms: list[dict[str, Any]] = []
    for value in PAYLOADS:
        data = canonical(value)
        forms.append(
            {"value": value, "canonical": data.hex(), "commitment": commitment(data).hex(), "padded": len(pad(data))}
        )
    return forms


def sealing() -> dict[str, Any]:
    """A sealed letter from office 1 to bank 2, whose hybrid keys come from seeds of 64 and 32 equal bytes."""
    keys = {org: sealed.memory_keys(org).registered for org in (sealed.OFFICE, sealed.BANK)}
    letters = [sealed.letter(1, sealed.BANK)]
    done = seal(sealed.LEDGER, keys[sealed.OFFICE], letters, keys, SeededRandom(1))
    return {
        "ledger": sealed.LEDGER.hex(),
        "writer": sealed.OFFICE,
        "recipient": sealed.BANK,
        "seeds": {"1": "01", "2": "02"},
        "action": Action(done.entries[0].action).name,
        "record": pack_record(done.entries[0]).hex(),
        "wraps": done.wraps.hex(),
        "payload": dict(letters[0].payload),
    }


def submission_file() -> Any:
    """A submission file of two orders."""
    entries = entries_of(Action.ORDER, 2)
    return json.loads(build(signable_of(entries), entries).dumps())


REPEATABLE = {
    "typed.json": typed,
    "merkle.json": merkle,
    "canonical.json": canonical_forms,
    "order.submission.json": submission_file,
}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, make in {**REPEATABLE, "sealing.json": sealing}.items():
        text = json.dumps(make(), indent=1, ensure_ascii=False)
        (FOLDER / name).write_text(text + "\n", encoding="utf-8")
