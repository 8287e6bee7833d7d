# SPDX-License-Identifier: Apache-2.0
"""An alliance on a chain: two governors, one office, two banks, each with people who sign."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from node.chain.fake import FakeChain
from node.crypto.merkle import Tree
from node.crypto.records import pack_records
from node.crypto.signer import LocalSigner
from node.crypto.typed import Domain, act_digest, ledger_domain, registry_domain, submission_digest
from node.domain.case import Case, LedgerIdentity
from node.domain.digest import keccak
from node.domain.entries import ZERO32, Act, Action, CaseKey, Chunk, Entry, Founding, OrgRole, SignRole
from node.domain.ports import Chain
from node.domain.transitions import ActKind
from node.ledger.compose import Composed, compose

FOREVER = 2**40
LIMIT = 10**9


def key(name: str) -> LocalSigner:
    return LocalSigner(keccak(name.encode()))


GOVERNORS = [(key("g1a"), key("g1b")), (key("g2a"), key("g2b"))]
FOUNDERS = [Founding(f"治理{n}", a.address, b.address) for n, (a, b) in enumerate(GOVERNORS, 1)]
CARRIER = key("carrier")  # sends acts


@dataclass(frozen=True)
class House:
    """An organisation's keys."""

    id: int
    admins: tuple[LocalSigner, LocalSigner]
    maker: LocalSigner
    checker: LocalSigner
    service: LocalSigner
    sender: LocalSigner
    stop_sender: LocalSigner


def house(n: int) -> House:
    return House(
        n, (key(f"{n}a"), key(f"{n}b")), *(key(f"{n}{who}") for who in ("m", "c", "service", "sender", "stop"))
    )


class World:
    """Builds entries with random ids and ciphertexts; ``say`` signs, sends and mines one submission."""

    def __init__(
        self,
        chain: Chain,
        domain: Domain,
        registry: tuple[Domain, bytes],
        case: Callable[[CaseKey], Case],
        wait: Callable[[bytes], object] = lambda _: None,
    ) -> None:
        self.chain = chain
        self.domain = domain
        self.ledger = LedgerIdentity(chain.ledger_id, domain.address)
        self.case = case
        self._registry = registry
        self._wait = wait
        self.random = random.Random(1)
        self.numbers: dict[int, int] = {0: 0}
        self.office, self.bank, self.other = house(3), house(4), house(5)
        for admitted, role in ((self.office, OrgRole.OFFICE), (self.bank, OrgRole.BANK), (self.other, OrgRole.BANK)):
            self._admit(admitted, role)
        self.act(ActKind.ADD_FUND_ACCOUNT, self.office.id, code=1, data="专户".encode())

    @property
    def now(self) -> int:
        return self.chain.head().timestamp

    # ------------------------------------------------------------------------------------------------------- acts

    def act(self, kind: ActKind, org: int, **fields: Any) -> Act:
        act, signatures = self.signed_act(kind, org, **fields)
        tx, raw = self.chain.sign_act(CARRIER, self.chain.nonce(CARRIER.address), act, signatures)
        self.chain.send_raw(raw)
        self._wait(tx)
        assert self.chain.mined(tx), self.chain.revert_reason(raw)
        return act

    def signed_act(self, kind: ActKind, org: int, **fields: Any) -> tuple[Act, list[bytes]]:
        self.numbers[org] = self.numbers.get(org, 0) + 1
        act = Act(kind, org, self.numbers[org], **{"valid_until": FOREVER, **fields})
        domain, registry_id = self._registry
        digest = act_digest(domain, registry_id, act)
        return act, [signer.sign_digest(digest) for signer in self._signers(kind, org)]

    def _signers(self, kind: ActKind, org: int) -> list[LocalSigner]:
        governors = [pair[0] for pair in GOVERNORS]
        own = house(org).admins
        if kind == ActKind.ADD_FUND_ACCOUNT:
            return [*own, *governors]
        if kind in (ActKind.LOWER_LIMITS, ActKind.PAUSE) or 10 <= kind <= 16:
            return list(own if org else GOVERNORS[0])
        return governors

    def _admit(self, admitted: House, role: OrgRole) -> None:
        n, (first, second) = admitted.id, admitted.admins
        self.act(ActKind.ADMIT, n, code=int(role), first=first.address, second=second.address, data=b"x%d" % n)
        self.act(ActKind.ADD_OFFICER, n, first=admitted.maker.address, code=1)
        self.act(ActKind.ADD_OFFICER, n, first=admitted.checker.address, code=2)
        self.act(ActKind.ADD_OFFICER, n, first=admitted.service.address, code=8)
        self.act(ActKind.ADD_SENDER, n, first=admitted.sender.address)
        self.act(ActKind.ADD_SENDER, n, first=admitted.stop_sender.address)
        self.act(ActKind.REGISTER_KEY, n, code=1, data=bytes(1216))
        self.act(ActKind.SET_LIMITS, n, order_limit_fen=LIMIT, day_limit_fen=LIMIT)

    # ---------------------------------------------------------------------------------------------------- entries

    def case_key(self) -> CaseKey:
        return CaseKey(self.office.id, self.random.randbytes(32))

    def entry(self, action: Action, house: House, case: CaseKey, **fields: Any) -> Entry:
        commitment, sealed = self.random.randbytes(32), self.random.randbytes(316)
        return replace(Entry(action, house.id, case.office, case.case_id, commitment, sealed), **fields)

    def head(self, case: CaseKey) -> bytes:
        return self.case(case).head

    def request(self, case: CaseKey | None = None, to: House | None = None) -> Entry:
        recipient, due = (to or self.bank).id, self.now + 86_400
        return self.entry(Action.REQUEST, self.office, case or self.case_key(), recipient=recipient, due_at=due)

    def reply(self, case: CaseKey, debitable: int = 1) -> Entry:
        return self.entry(Action.REPLY, self.bank, case, head=self.head(case), debitable=debitable)

    def consent(self, case: CaseKey, fen: int, *, claim: int | None = None, days: int = 30, in_parts: int = 1) -> Entry:
        until = self.now + days * 86_400
        terms = {
            "claim_fen": claim or fen,
            "not_before": self.now - 60,
            "expires_at": until,
            "in_parts": in_parts,
        }
        standing = self.case(case).standing
        return self.entry(
            Action.CONSENT, self.office, case, head=self.head(case), consent=standing, amount_fen=fen, **terms
        )

    def order(self, case: CaseKey, fen: int) -> Entry:
        standing = self.case(case).standing
        fields = {"head": self.head(case), "consent": standing, "amount_fen": fen, "fund_account": 1}
        return self.entry(Action.ORDER, self.office, case, **fields)

    def accept(self, case: CaseKey) -> Entry:
        order = self.case(case).opened
        assert order is not None
        fields = {"target": order.hash, "consent": order.consent, "amount_fen": order.amount_fen}
        return self.entry(Action.ACCEPT, self.bank, case, head=self.head(case), **fields)

    def debit(self, case: CaseKey, fen: int) -> Entry:
        order = self.case(case).opened
        assert order is not None
        fields = {"target": order.hash, "consent": order.consent, "amount_fen": fen}
        return self.entry(Action.DEBIT, self.bank, case, **fields)

    def on_debit(self, action: Action, house: House, case: CaseKey) -> Entry:
        debit = self.case(case).debits[-1]
        return self.entry(action, house, case, target=debit.hash, amount_fen=debit.amount_fen)

    # -------------------------------------------------------------------------------------------------- submissions

    def compose(self, entries: Sequence[Entry], valid_until: int = FOREVER) -> Composed:
        return compose(self.ledger.id, entries, self.random.randbytes(40), valid_until)

    def sign(self, composed: Composed, signer: LocalSigner, role: SignRole) -> bytes:
        return signer.sign_digest(submission_digest(self.domain, composed.submission, role))

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
        """One submission, in chunks of ``sizes``, each in a transaction of its own; every chunk must go through."""
        composed = self.compose(entries)
        for chunk in self.chunks(house, composed, sizes):
            nonce = self.chain.nonce(house.sender.address)
            tx, raw = self.chain.sign_present(house.sender, nonce, composed.submission, chunk)
            self.chain.send_raw(raw)
            self._wait(tx)
            assert self.chain.mined(tx), self.chain.revert_reason(raw)
        return composed

    def story(self) -> list[CaseKey]:
        """Two cases: one paid, settled, given back, closed; one with a refusal beside it. Gives their keys."""
        a, b = self.case_key(), self.case_key()
        self.say(self.office, [self.request(a), self.request(b), self.request(to=self.office)], sizes=[2, 1])
        self.say(self.bank, [self.reply(a), self.reply(b)])
        self.say(self.office, [self.consent(a, 1_000), self.consent(b, 500)])
        self.say(self.office, [self.order(a, 600), self.order(b, 500)])
        self.say(self.bank, [self.accept(a)])
        self.say(self.bank, [self.debit(a, 400)])
        self.say(self.office, [self.entry(Action.CANCEL, self.office, b, target=self.case(b).open_order)])
        self.say(self.office, [self.on_debit(Action.SETTLE, self.office, a)])
        self.say(self.office, [self.on_debit(Action.REVERSE, self.office, a)])
        self.say(self.office, [self.entry(Action.DISPUTE, self.office, b)])
        stale = self.entry(Action.REPLY, self.bank, b, head=ZERO32, debitable=1)
        self.say(self.bank, [stale])
        self.say(self.office, [self.entry(Action.CLOSE, self.office, a)])
        return [a, b]


class FakeWorld(World):
    """In memory; what stands on the chain is read from the fake itself."""

    chain: FakeChain

    def __init__(self, depth: int = 0) -> None:
        fake = FakeChain(FOUNDERS, depth=depth)
        registry = registry_domain(fake.chain_id, fake.registry_address), fake.registry_id
        domain = ledger_domain(fake.chain_id, fake.ledger_address)
        super().__init__(fake, domain, registry, lambda case: fake.state.cases[case])
