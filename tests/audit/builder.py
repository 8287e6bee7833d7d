# SPDX-License-Identifier: Apache-2.0
"""A log as the contracts would write it, built in memory: real keys, real typed data, real trees, random ciphertext.

The builder shares no rule with the reducer: whoever writes an entry says whether the ledger refuses it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from node.chain.deployment import Deployed, Deployment
from node.crypto.merkle import Tree
from node.crypto.records import pack_records
from node.crypto.signer import LocalSigner
from node.crypto.typed import (
    act_digest,
    checksummed,
    entry_hash,
    ledger_domain,
    registry_domain,
    submission_digest,
)
from node.domain.digest import keccak
from node.domain.entries import (
    Act,
    Acted,
    Action,
    Block,
    CaseKey,
    Chunk,
    Entry,
    Founded,
    Founding,
    LedgerEvent,
    OrgRole,
    Position,
    Presented,
    SignRole,
    Submission,
)
from node.domain.transitions import ActKind, Rule

NOON = 1_767_240_000  # 2026-01-01 12:00, Beijing time
DAY = 86_400
FIRST_BLOCK = 7


def person(seed: str) -> LocalSigner:
    """A key from a seed."""
    return LocalSigner(keccak(seed.encode()))


@dataclass
class Org:
    """An organisation's people."""

    id: int
    name: str
    admins: tuple[LocalSigner, LocalSigner]
    maker: LocalSigner
    checker: LocalSigner
    service: LocalSigner
    sender: LocalSigner


@dataclass
class LogBuilder:
    """Writes blocks. ``write`` and ``act`` open a new block each, ``step_s`` seconds after the last one."""

    seed: int = 1
    step_s: int = 2
    now: int = NOON
    given: Deployment | None = None  # contracts that stand already, founded by ``founding``
    blocks: list[tuple[Block, list[LedgerEvent]]] = field(default_factory=list)
    heads: dict[CaseKey, bytes] = field(default_factory=dict)
    taken: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.deployment = self.given or Deployment(
            chain_id=31337,
            genesis_hash=self.bytes(32),
            registry=Deployed(checksummed(self.bytes(20)), self.bytes(32), self.bytes(32)),
            ledger=Deployed(checksummed(self.bytes(20)), self.bytes(32), self.bytes(32)),
            block=FIRST_BLOCK,
        )
        self._ledger = ledger_domain(self.deployment.chain_id, self.deployment.ledger.address)
        self._registry = registry_domain(self.deployment.chain_id, self.deployment.registry.address)
        self._numbers: dict[int, int] = {}
        self.governors = governors()
        self.orgs: dict[int, Org] = {g.id: g for g in self.governors}
        block, position, tx = self._next()
        self._emit(Founded(position, block, tx, self.deployment.registry.id, 2, founding()))

    # ---------------------------------------------------------------------------------------------------- blocks

    def bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def wait(self, seconds: int) -> None:
        self.now += seconds

    def empty(self) -> None:
        """A block without events."""
        self._next()

    def _next(self) -> tuple[Block, Position, bytes]:
        self.now += self.step_s
        number = FIRST_BLOCK + len(self.blocks)
        parent = self.blocks[-1][0].hash if self.blocks else self.bytes(32)
        block = Block(number, self.bytes(32), parent, self.now)
        self.blocks.append((block, []))
        return block, Position(number, 0, 0), self.bytes(32)

    def _emit(self, event: LedgerEvent) -> None:
        self.blocks[-1][1].append(event)

    # ---------------------------------------------------------------------------------------------- the registry

    def act(self, kind: ActKind, org: int, signers: Sequence[LocalSigner] | None = None, **fields: object) -> Act:
        """One act, signed by those who must (or by ``signers``)."""
        number = self._numbers.get(org, 0) + 1
        act = replace(Act(kind, org, number, valid_until=self.now + DAY), **fields)  # type: ignore[arg-type]
        self._numbers[org] = number
        digest = act_digest(self._registry, self.deployment.registry.id, act)
        block, position, tx = self._next()
        who = self.signers(kind, org) if signers is None else signers
        self._emit(Acted(position, block, tx, act, tuple(key.sign_digest(digest) for key in who)))
        return act

    def signers(self, kind: ActKind, org: int) -> list[LocalSigner]:
        governors = [self.governors[0].admins[0], self.governors[2].admins[1]]
        if kind == ActKind.ADD_FUND_ACCOUNT:
            return [*self.orgs[org].admins, *governors]
        if kind == ActKind.PAUSE and org == 0:
            return list(self.governors[0].admins)
        own = kind in (ActKind.LOWER_LIMITS, ActKind.PAUSE) or 10 <= kind <= 16
        return list(self.orgs[org].admins) if own else governors

    def admit(self, role: OrgRole, name: str, limit_fen: int = 10**9) -> Org:
        """An organisation with its officers, key and limits; an office gets a fund account too."""
        org = _org(len(self.orgs) + 1, name)
        self.orgs[org.id] = org
        first, second = (key.address for key in org.admins)
        self.act(ActKind.ADMIT, org.id, code=int(role), first=first, second=second, data=name.encode())
        self.act(ActKind.ADD_OFFICER, org.id, first=org.maker.address, code=1)
        self.act(ActKind.ADD_OFFICER, org.id, first=org.checker.address, code=2)
        self.act(ActKind.ADD_OFFICER, org.id, first=org.service.address, code=8)
        self.act(ActKind.ADD_SENDER, org.id, first=org.sender.address)
        self.act(ActKind.SET_LIMITS, org.id, order_limit_fen=limit_fen, day_limit_fen=limit_fen)
        self.act(ActKind.REGISTER_KEY, org.id, code=1, data=self.bytes(1216))
        if role is OrgRole.OFFICE:
            self.act(ActKind.ADD_FUND_ACCOUNT, org.id, code=1, data=f"{name} 社会保险基金专户".encode())
        return org

    # ------------------------------------------------------------------------------------------------ the ledger

    def entry(self, action: Action, org: Org, key: CaseKey, **fields: object) -> Entry:
        entry = Entry(action, org.id, key.office, key.case_id, self.bytes(32), self.bytes(316))
        return replace(entry, **fields)  # type: ignore[arg-type]

    def hash(self, entry: Entry) -> bytes:
        return entry_hash(self.deployment.ledger.id, entry)

    def sign(self, submission: Submission, key: LocalSigner, role: SignRole) -> bytes:
        return key.sign_digest(submission_digest(self._ledger, submission, role))

    def write(
        self,
        org: Org,
        entries: Sequence[Entry],
        *,
        refused: Mapping[int, Rule] | None = None,
        sizes: Sequence[int] | None = None,
        service: bool = False,
        valid_s: int = DAY,
        signers: tuple[LocalSigner, LocalSigner] | None = None,
        more_fen: int = 0,
    ) -> list[bytes]:
        """One submission, in chunks of ``sizes``, a block each; gives the entry hashes. ``refused``: place -> rule.

        ``signers``: others than the organisation's maker and checker; ``more_fen``: how much the signed sum is off.
        """
        hashes = [self.hash(entry) for entry in entries]
        tree, wraps = Tree(hashes), self.bytes(64)
        submission = Submission(
            ledger=self.deployment.ledger.id,
            org=org.id,
            action=entries[0].action,
            root=tree.root,
            count=len(entries),
            sum_fen=sum(entry.amount_fen for entry in entries) + more_fen,
            wraps=keccak(wraps),
            valid_until=self.now + valid_s,
        )
        first, second = signers or (org.service if service else org.maker, org.checker)
        maker = self.sign(submission, first, SignRole.SERVICE if service else SignRole.MAKER)
        checker = b"" if service else self.sign(submission, second, SignRole.CHECKER)
        place = 0
        for size in sizes or [len(entries)]:
            outcomes = bytes((refused or {}).get(place + i, 0) for i in range(size))
            for i, outcome in enumerate(outcomes):
                if outcome == 0:
                    self._chain(entries[place + i], hashes[place + i])
            self.taken += outcomes.count(0)
            packed = pack_records(entries[place : place + size])
            chunk = Chunk(place, size, maker, checker, tree.range_proof(place, size), b"" if place else wraps, packed)
            block, position, tx = self._next()
            self._emit(Presented(position, block, tx, submission, chunk, self.taken, outcomes))
            place += size
        return hashes

    def _chain(self, entry: Entry, hashed: bytes) -> None:
        first = keccak(self.deployment.ledger.id + entry.office.to_bytes(32, "big") + entry.case_id)
        self.heads[entry.key] = keccak(self.heads.get(entry.key, first) + hashed)


def governors() -> list[Org]:
    return [_org(i, f"治理单位{i}") for i in (1, 2, 3)]


def founding() -> tuple[Founding, ...]:
    return tuple(Founding(g.name, g.admins[0].address, g.admins[1].address) for g in governors())


def _org(org: int, name: str) -> Org:
    keys = [person(f"{org}/{who}") for who in ("admin-1", "admin-2", "maker", "checker", "service", "sender")]
    return Org(org, name, (keys[0], keys[1]), keys[2], *keys[3:])
