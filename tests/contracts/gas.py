# SPDX-License-Identifier: Apache-2.0
"""What an entry costs: gasUsed of receipts on Anvil (paris), the way an office and a bank would really write.

100 entries to one recipient in chunks of 50; 600-byte payloads (616 sealed) of random non-zero bytes; both signatures
with every chunk, the wraps for both sides with the first. Everything is drawn from one seed and times are fixed, so a
change of one unit of gas is a change of the contracts.

    .venv/bin/python -m tests.contracts.gas            # writes contracts/snapshots/gas.json
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_account import Account

from node.crypto.merkle import Tree
from node.crypto.records import pack_records
from node.crypto.typed import act_digest, entry_hash, ledger_domain, registry_domain, submission_digest
from node.domain.digest import keccak
from node.domain.entries import Act, Action, Entry, SignRole, Submission
from node.domain.transitions import ActKind
from tests.contracts.anvil import GENESIS, Anvil
from tests.contracts.forge import CONTRACTS, ROOT

SNAPSHOT = CONTRACTS / "snapshots" / "gas.json"
ENTRIES, CHUNK, SEALED, WRAP = 100, 50, 616, 1168
ORDER_FEN, CONSENT_FEN = 123_457, 987_654
CHAIN_ID = 31337
DEPLOYER = "0x" + "d1" * 20
GOVERNORS, OFFICE, BANK = (1, 2, 3), 4, 5
SUBMISSION_TYPE = "(uint16,uint8,bytes32,uint32,uint64,bytes32,uint64)"
CHUNK_TYPE = "(uint32,uint32,bytes,bytes,bytes32[],bytes,bytes)"
ACT_TYPE = "(uint8,uint16,uint64,address,address,uint16,uint64,uint64,bytes,uint64)"


@dataclass(slots=True)
class Trail:
    """What the next entries of a case name."""

    case_id: bytes
    head: bytes = b""
    consent: bytes = b""
    order: bytes = b""
    debit: bytes = b""
    dispute: bytes = b""


class Alliance:
    """Three governors, an office and a bank on Anvil, and the cases that they work on."""

    def __init__(self, chain: Anvil) -> None:
        self._chain, self._rng, self._numbers = chain, random.Random(600), {0: 0}
        self._ledger_id, self._registry_id = self._bytes(32), self._bytes(32)
        founders = [("governor", self._who(g, 0), self._who(g, 1)) for g in GOVERNORS]
        arguments = encode(["bytes32", "uint8", "(string,address,address)[]"], [self._registry_id, 2, founders])
        self._registry = self._deploy("MembershipRegistry", arguments)
        self._numbers |= dict.fromkeys(GOVERNORS, 1)
        self._ledger = self._deploy("CaseLedger", encode(["bytes32", "address"], [self._ledger_id, self._registry]))
        for org, role in ((OFFICE, 1), (BANK, 2)):
            self._admit(org, role)
        account = {"code": 1, "data": "基金账户".encode()}
        self._act(ActKind.ADD_FUND_ACCOUNT, OFFICE, (*self._admins(OFFICE), *self._governors()), **account)

    # ------------------------------------------------------------------------------------------------- members

    def _deploy(self, name: str, arguments: bytes) -> str:
        artifact = json.loads((ROOT / "node/chain/artifacts" / f"{name}.json").read_bytes())
        code = bytes.fromhex(artifact["bytecode"].removeprefix("0x"))
        address: str = self._chain.send(DEPLOYER, None, code + arguments)["contractAddress"]
        return address

    def _admit(self, org: int, role: int) -> None:
        admins = {"first": self._who(org, 0), "second": self._who(org, 1)}
        self._numbers[org] = 0
        self._act(ActKind.ADMIT, org, self._governors(), code=role, data=b"member", **admins)
        limits = {"order_limit_fen": 10**9, "day_limit_fen": 10**12}
        self._act(ActKind.SET_LIMITS, org, self._governors(), **limits)
        for purpose, permission in ((2, 1), (3, 2)):
            self._act(ActKind.ADD_OFFICER, org, self._admins(org), first=self._who(org, purpose), code=permission)
        self._act(ActKind.ADD_SENDER, org, self._admins(org), first=self._sender(org))
        self._act(ActKind.REGISTER_KEY, org, self._admins(org), code=1, data=self._bytes(1216))

    def _act(self, kind: ActKind, org: int, keys: Sequence[bytes], **fields: Any) -> None:
        self._numbers[org] += 1
        act = Act(kind, org, self._numbers[org], valid_until=GENESIS + 10**6, **fields)
        digest = act_digest(registry_domain(CHAIN_ID, self._registry), self._registry_id, act)
        told = (act.kind, act.org, act.number, act.first, act.second, act.code)
        rest = (act.order_limit_fen, act.day_limit_fen, act.data, act.valid_until)
        signatures = [_sign(key, digest) for key in keys]
        self._call(
            DEPLOYER, self._registry, f"act({ACT_TYPE},bytes[])", [ACT_TYPE, "bytes[]"], [told + rest, signatures]
        )

    def _call(self, sender: str, to: str, signature: str, types: list[str], values: list[Any]) -> dict[str, Any]:
        return self._chain.send(sender, to, keccak(signature.encode())[:4] + encode(types, values))

    def _key(self, org: int, purpose: int) -> bytes:
        return keccak(b"gas key %d %d" % (org, purpose))

    def _who(self, org: int, purpose: int) -> str:
        return str(Account.from_key(self._key(org, purpose)).address)

    def _sender(self, org: int) -> str:
        return "0x" + keccak(b"gas sender %d" % org)[12:].hex()

    def _admins(self, org: int) -> tuple[bytes, bytes]:
        return self._key(org, 0), self._key(org, 1)

    def _governors(self) -> tuple[bytes, bytes]:
        return self._key(1, 0), self._key(2, 0)

    def _bytes(self, size: int) -> bytes:
        """Random bytes, none of them zero: a zero byte of calldata is cheaper."""
        return bytes(self._rng.randrange(1, 256) for _ in range(size))

    # ------------------------------------------------------------------------------------------------- entries

    def cases(self) -> list[Trail]:
        return [Trail(self._bytes(32)) for _ in range(ENTRIES)]

    def write(self, action: Action, org: int, cases: Sequence[Trail]) -> list[int]:
        """gasUsed of the receipts of one entry on each case; all must be taken."""
        entries = [self._entry(action, org, case) for case in cases]
        hashes = [entry_hash(self._ledger_id, e) for e in entries]
        tree = Tree(hashes)
        wraps = b"".join(o.to_bytes(2, "big") + (1).to_bytes(4, "big") + self._bytes(WRAP) for o in self._sides(org))
        total = sum(e.amount_fen for e in entries)
        until = GENESIS + 10**6
        s = Submission(self._ledger_id, org, action, tree.root, len(entries), total, keccak(wraps), until)
        used = []
        for place in range(0, len(entries), CHUNK):
            some = entries[place : place + CHUNK]
            used.append(self._present(s, place, some, tree.range_proof(place, len(some)), wraps if place == 0 else b""))
        for case, e, h in zip(cases, entries, hashes, strict=True):
            _note(case, e, h, self._ledger_id)
        return used

    def _sides(self, org: int) -> tuple[int, int]:
        return (OFFICE, BANK) if org == OFFICE else (BANK, OFFICE)

    def _present(self, s: Submission, place: int, some: Sequence[Entry], proof: Sequence[bytes], wraps: bytes) -> int:
        domain = ledger_domain(CHAIN_ID, self._ledger)
        maker = _sign(self._key(s.org, 2), submission_digest(domain, s, SignRole.MAKER))
        checker = _sign(self._key(s.org, 3), submission_digest(domain, s, SignRole.CHECKER))
        header = (s.org, s.action, s.root, s.count, s.sum_fen, s.wraps, s.valid_until)
        chunk = (place, len(some), maker, checker, list(proof), wraps, pack_records(some))
        types = [SUBMISSION_TYPE, CHUNK_TYPE]
        receipt = self._call(self._sender(s.org), self._ledger, f"present({','.join(types)})", types, [header, chunk])
        assert len(receipt["logs"]) == 1, "an entry was refused"
        return int(receipt["gasUsed"], 16)

    def _entry(self, action: Action, org: int, case: Trail) -> Entry:
        e = Entry(action, org, OFFICE, case.case_id, self._bytes(32), self._bytes(SEALED))
        match action:
            case Action.REQUEST:
                return replace(e, recipient=BANK, due_at=GENESIS + 432_000)
            case Action.ACKNOWLEDGE | Action.DECLINE:
                return replace(e, head=case.head)
            case Action.REPLY:
                return replace(e, head=case.head, debitable=1)
            case Action.CONSENT:
                terms = {"not_before": GENESIS, "expires_at": GENESIS + 10**6, "in_parts": 1}
                return replace(e, head=case.head, amount_fen=CONSENT_FEN, claim_fen=CONSENT_FEN, **terms)
            case Action.ORDER:
                return replace(e, head=case.head, consent=case.consent, amount_fen=ORDER_FEN, fund_account=1)
            case Action.ACCEPT:
                return replace(e, head=case.head, target=case.order, consent=case.consent, amount_fen=ORDER_FEN)
            case Action.DEBIT:
                return replace(e, target=case.order, consent=case.consent, amount_fen=ORDER_FEN)
            case Action.SETTLE | Action.REVERSE:
                return replace(e, target=case.debit, amount_fen=ORDER_FEN)
            case Action.CANCEL:
                return replace(e, target=case.order)
            case Action.REVOKE:
                return replace(e, target=case.consent)
            case Action.RESOLVE:
                return replace(e, target=case.dispute)
            case Action.DISPUTE | Action.CLOSE:
                return e


def _note(case: Trail, e: Entry, h: bytes, ledger_id: bytes) -> None:
    first = keccak(ledger_id + OFFICE.to_bytes(32, "big") + case.case_id)
    case.head = keccak((case.head or first) + h)
    match e.action:
        case Action.CONSENT:
            case.consent = h
        case Action.ORDER:
            case.order = h
        case Action.DEBIT:
            case.debit = h
        case Action.DISPUTE:
            case.dispute = h
        case _:
            pass


def _sign(key: bytes, digest: bytes) -> bytes:
    return bytes(Account.unsafe_sign_hash(digest, key).signature)


def story(alliance: Alliance) -> Iterator[tuple[str, list[int]]]:
    """Every action once in the life of 100 cases, each with its receipts; what only leads there is not told."""
    declined, cases = alliance.cases(), alliance.cases()
    alliance.write(Action.REQUEST, OFFICE, declined)
    yield "DECLINE", alliance.write(Action.DECLINE, BANK, declined)
    steps: list[tuple[str, Action, int]] = [
        ("REQUEST", Action.REQUEST, OFFICE),
        ("ACKNOWLEDGE", Action.ACKNOWLEDGE, BANK),
        ("REPLY", Action.REPLY, BANK),
        ("CONSENT", Action.CONSENT, OFFICE),
        ("ORDER", Action.ORDER, OFFICE),
        ("ACCEPT", Action.ACCEPT, BANK),
        ("DEBIT", Action.DEBIT, BANK),
        ("SETTLE", Action.SETTLE, OFFICE),
        ("REVERSE by the office", Action.REVERSE, OFFICE),
        ("", Action.ORDER, OFFICE),
        ("", Action.ACCEPT, BANK),
        ("", Action.DEBIT, BANK),
        ("REVERSE by the bank", Action.REVERSE, BANK),
        ("", Action.ORDER, OFFICE),
        ("CANCEL", Action.CANCEL, OFFICE),
        ("DISPUTE", Action.DISPUTE, OFFICE),
        ("RESOLVE", Action.RESOLVE, OFFICE),
        ("REVOKE", Action.REVOKE, OFFICE),
        ("CLOSE", Action.CLOSE, OFFICE),
    ]
    for name, action, org in steps:
        used = alliance.write(action, org, cases)
        if name:
            yield name, used


def measure(log: Path) -> dict[str, dict[str, Any]]:
    """By action: gasUsed of both receipts, and their sum by entry, rounded up."""
    with Anvil(log) as chain:
        told = dict(story(Alliance(chain)))
    return {name: {"entry": -(-sum(used) // ENTRIES), "receipts": used} for name, used in sorted(told.items())}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "anvil.log")
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for name, cost in found.items():
        print(f"{name:24}{cost['entry']:8,}")


if __name__ == "__main__":
    main()
