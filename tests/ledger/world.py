# SPDX-License-Identifier: Apache-2.0
"""An alliance on a chain in memory: two governors, one office, two banks, each with people who sign."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from node.crypto.merkle import Tree
from node.crypto.records import pack_records
from node.crypto.signer import LocalSigner
from node.crypto.typed import submission_digest
from node.domain.digest import keccak
from node.domain.entries import ZERO32, Act, Action, CaseKey, Chunk, Entry, Founding, OrgRole, SignRole
from node.domain.transitions import ActKind
from node.ledger.compose import Composed, compose
from tests.ledger.memory_chain import MemoryChain

FOREVER = 2**40
LIMIT = 10**9


@dataclass(frozen=True)
class House:
    """An organisation's keys."""

    id: int
    maker: LocalSigner
    checker: LocalSigner
    service: LocalSigner
    sender: LocalSigner
    stop_sender: LocalSigner


def key(name: str) -> LocalSigner:
    return LocalSigner(keccak(name.encode()))


class World:
    """Builds entries with random ids and ciphertexts; ``say`` signs, sends and mines one submission."""

    def __init__(self, depth: int = 0, seed: int = 1) -> None:
        self.chain = MemoryChain(depth)
        self.random = random.Random(seed)
        self._acts: dict[int, int] = {}
        self._orgs = 2
        pairs = [(key(f"g{n}a").address, key(f"g{n}b").address) for n in (1, 2)]
        self.chain.found([Founding(f"治理{n}", a, b) for n, (a, b) in enumerate(pairs, 1)], threshold=2)
        self.office = self._admit(OrgRole.OFFICE)
        self.bank = self._admit(OrgRole.BANK)
        self.other = self._admit(OrgRole.BANK)
        self.act(ActKind.ADD_FUND_ACCOUNT, self.office.id, code=1, data="专户".encode())

    def act(self, kind: ActKind, org: int, **fields: Any) -> Act:
        act = self.next_act(kind, org, **fields)
        self._acts[org] = act.number
        self.chain.carry_out(act)
        return act

    def next_act(self, kind: ActKind, org: int, **fields: Any) -> Act:
        return Act(kind, org, self._acts.get(org, 0) + 1, valid_until=FOREVER, **fields)

    def _admit(self, role: OrgRole) -> House:
        self._orgs += 1
        n = self._orgs
        house = House(n, *(key(f"{n}{who}") for who in ("maker", "checker", "service", "sender", "stop")))
        self.act(ActKind.ADMIT, n, code=role, first=key(f"{n}a").address, second=key(f"{n}b").address, data=b"x")
        self.act(ActKind.ADD_OFFICER, n, first=house.maker.address, code=1)
        self.act(ActKind.ADD_OFFICER, n, first=house.checker.address, code=2)
        self.act(ActKind.ADD_OFFICER, n, first=house.service.address, code=8)
        self.act(ActKind.ADD_SENDER, n, first=house.sender.address)
        self.act(ActKind.ADD_SENDER, n, first=house.stop_sender.address)
        self.act(ActKind.REGISTER_KEY, n, code=1, data=bytes(1216))
        self.act(ActKind.SET_LIMITS, n, order_limit_fen=LIMIT, day_limit_fen=LIMIT)
        return house

    # ---------------------------------------------------------------------------------------------------- entries

    def case_key(self) -> CaseKey:
        return CaseKey(self.office.id, self.random.randbytes(32))

    def entry(self, action: Action, house: House, case: CaseKey, **fields: Any) -> Entry:
        commitment, sealed = self.random.randbytes(32), self.random.randbytes(316)
        return replace(Entry(action, house.id, case.office, case.case_id, commitment, sealed), **fields)

    def head(self, case: CaseKey) -> bytes:
        return self.chain.state.cases[case].head

    def request(self, case: CaseKey | None = None, to: House | None = None) -> Entry:
        recipient, due = (to or self.bank).id, self.chain.now + 86_400
        return self.entry(Action.REQUEST, self.office, case or self.case_key(), recipient=recipient, due_at=due)

    def reply(self, case: CaseKey, debitable: int = 1) -> Entry:
        return self.entry(Action.REPLY, self.bank, case, head=self.head(case), debitable=debitable)

    def consent(self, case: CaseKey, fen: int, *, claim: int | None = None, days: int = 30, in_parts: int = 1) -> Entry:
        until = self.chain.now + days * 86_400
        terms = {
            "claim_fen": claim or fen,
            "not_before": self.chain.now - 60,
            "expires_at": until,
            "in_parts": in_parts,
        }
        standing = self.chain.state.cases[case].standing
        return self.entry(
            Action.CONSENT, self.office, case, head=self.head(case), consent=standing, amount_fen=fen, **terms
        )

    def order(self, case: CaseKey, fen: int) -> Entry:
        standing = self.chain.state.cases[case].standing
        fields = {"head": self.head(case), "consent": standing, "amount_fen": fen, "fund_account": 1}
        return self.entry(Action.ORDER, self.office, case, **fields)

    def accept(self, case: CaseKey) -> Entry:
        order = self.chain.state.cases[case].opened
        assert order is not None
        fields = {"target": order.hash, "consent": order.consent, "amount_fen": order.amount_fen}
        return self.entry(Action.ACCEPT, self.bank, case, head=self.head(case), **fields)

    def debit(self, case: CaseKey, fen: int) -> Entry:
        order = self.chain.state.cases[case].opened
        assert order is not None
        fields = {"target": order.hash, "consent": order.consent, "amount_fen": fen}
        return self.entry(Action.DEBIT, self.bank, case, **fields)

    def on_debit(self, action: Action, house: House, case: CaseKey) -> Entry:
        debit = self.chain.state.cases[case].debits[-1]
        return self.entry(action, house, case, target=debit.hash, amount_fen=debit.amount_fen)

    # -------------------------------------------------------------------------------------------------- submissions

    def compose(self, entries: Sequence[Entry], valid_until: int = FOREVER) -> Composed:
        return compose(self.chain.ledger.id, entries, self.random.randbytes(40), valid_until)

    def sign(self, composed: Composed, signer: LocalSigner, role: SignRole) -> bytes:
        return signer.sign_digest(submission_digest(self.chain.domain, composed.submission, role))

    def chunks(self, house: House, composed: Composed, sizes: Sequence[int] = ()) -> list[Chunk]:
        tree, place, chunks = Tree(composed.hashes), 0, list[Chunk]()
        maker, checker = (
            self.sign(composed, house.maker, SignRole.MAKER),
            self.sign(composed, house.checker, SignRole.CHECKER),
        )
        for size in sizes or [len(composed.entries)]:
            packed = pack_records(composed.entries[place : place + size])
            wraps = b"" if place else composed.wraps
            chunks.append(Chunk(place, size, maker, checker, tree.range_proof(place, size), wraps, packed))
            place += size
        return chunks

    def say(self, house: House, entries: Sequence[Entry], sizes: Sequence[int] = ()) -> Composed:
        """One submission, in chunks of ``sizes``, each in a block of its own; every chunk must go through."""
        composed = self.compose(entries)
        for chunk in self.chunks(house, composed, sizes):
            nonce = self.chain.nonce(house.sender.address)
            tx, raw = self.chain.sign_present(house.sender, nonce, composed.submission, chunk)
            self.chain.send_raw(raw)
            if self.chain.automine:
                assert self.chain.mined(tx), self.chain.revert_reason(raw)
        return composed

    def story(self) -> list[CaseKey]:
        """Two cases: one paid, settled, given back, closed; one with a refusal beside it. Gives their keys."""
        a, b = self.case_key(), self.case_key()
        self.say(self.office, [self.request(a), self.request(b), self.request(to=self.office)], sizes=[2, 1])
        self.chain.empty()
        self.say(self.bank, [self.reply(a), self.reply(b)])
        self.say(self.office, [self.consent(a, 1_000), self.consent(b, 500)])
        self.say(self.office, [self.order(a, 600), self.order(b, 500)])
        self.say(self.bank, [self.accept(a)])
        self.say(self.bank, [self.debit(a, 400)])
        self.say(self.office, [self.entry(Action.CANCEL, self.office, b, target=self.chain.state.cases[b].open_order)])
        self.say(self.office, [self.on_debit(Action.SETTLE, self.office, a)])
        self.say(self.office, [self.on_debit(Action.REVERSE, self.office, a)])
        self.say(self.office, [self.entry(Action.DISPUTE, self.office, b)])
        stale = self.entry(Action.REPLY, self.bank, b, head=ZERO32, debitable=1)
        self.say(self.bank, [stale])
        self.say(self.office, [self.entry(Action.CLOSE, self.office, a)])
        return [a, b]
