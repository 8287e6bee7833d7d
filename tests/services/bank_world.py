# SPDX-License-Identifier: Apache-2.0
"""A bank's node beside an office that writes whatever the ledger takes; the chain is in memory, the seals are real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from node.crypto import sealing
from node.crypto.fields import FieldCipher
from node.crypto.node_key import NodeKey
from node.crypto.signer import LocalSigner
from node.domain.bodies import make_body
from node.domain.entries import Action, CaseKey, Entry
from node.domain.payloads import build
from node.domain.transitions import ActKind
from node.domain.workdays import seed
from node.ledger.compose import compose
from node.machine import SystemClock, SystemRandom
from node.services import evidence
from node.services.context import Context, Contracts, Deadlines
from node.store.database import Store
from tests.crypto.sealed import MemoryKeys, memory_keys
from tests.ledger.conftest import follow
from tests.ledger.world import FOREVER, FakeWorld, House, house

SERVICE = "zidong"
CARD = "0000000000000000018"
NOBODY = {"name": "测试甲一", "id": "369999194501010012"}
LETTER: Mapping[str, Any] = {
    "letter_number": "样例协〔2026〕1号", "agency": "样例经办机构", "bank": "样例银行", "person_name": NOBODY["name"],
    "person_id": NOBODY["id"], "account": CARD, "account_type": "card", "insurance": "EMPLOYEE_PENSION",
    "category": "PEN-02", "region": "360100", "ineligible_from": "2024-02-29", "stopped_on": "2025-07-31",
    "amount_fen": 50_000, "items": ["name"], "purpose": "x", "legal_basis": "x",
}  # fmt: skip
AGREED: Mapping[str, Any] = {
    "number": "同意1号", "signer_name": NOBODY["name"], "signer_id": NOBODY["id"], "capacity": "payee",
    "account": CARD, "valid_until": "2099-12-31",
}  # fmt: skip


@dataclass
class BankKeys:
    """The bank's keyring: its encryption key, and its service officer."""

    encryption: MemoryKeys
    service: LocalSigner

    def private_key(self, version: int) -> Any:
        return self.encryption.private_key(version)

    def handed_over(self) -> dict[int, Any]:
        return {}

    def signer(self, name: str) -> LocalSigner:
        assert name == SERVICE
        return self.service


class BankWorld(FakeWorld):
    """``ctx`` is the bank's; what the office says is sealed to it."""

    def __init__(self, store: Store, root: Path, depth: int = 0) -> None:
        super().__init__(depth)
        self._store = store
        self.sealed_by: dict[int, MemoryKeys] = {}
        for org in (self.office.id, self.bank.id):
            keys = self.sealed_by[org] = memory_keys(org)
            keys.version = 2
            self.act(ActKind.REGISTER_KEY, org, code=2, data=keys.registered.public)
        random, contracts = SystemRandom(), Contracts(
            self.chain.chain_id, self.ledger.id, self.ledger.address, self._registry[1], self.chain.registry_address
        )  # fmt: skip
        keys = BankKeys(self.sealed_by[self.bank.id], self.bank.service)
        self.ctx = Context(
            store=store,
            chain=self.chain,
            contracts=contracts,
            keyring=keys,  # type: ignore[arg-type]
            cipher=FieldCipher(NodeKey({1: bytes(32)}), random),
            clock=SystemClock(),
            random=random,
            evidence=root / "evidence",
            corebank=None,
            calendar=seed(),
            deadlines=Deadlines(5, 2, 5),
            made_up_ids=True,
            letter_prefix="x",
            service_officer=SERVICE,
            officers={SERVICE: self.bank.service.address},
        )
        self.follow()

    def follow(self) -> None:
        follow(self._store, self).catch_up()

    def write(self, who: House, entry: Entry, body: Mapping[str, Any], *, readable: bool = True) -> bytes:
        """Seal one entry to the other house, sign it twice, present it; gives its hash."""
        to = self.bank.id if who.id == self.office.id else self.office.id
        now = self.ctx.clock.now()
        payload = build(entry, make_body(Action(entry.action), body), self.random.randbytes(32), now, now)
        keys = {to: self.sealed_by[to].registered}
        sealed = sealing.seal(
            self.ledger.id, self.sealed_by[who.id].registered, [sealing.Letter(entry, to, payload)], keys,
            self.ctx.random,
        )  # fmt: skip
        entry = sealed.entries[0] if readable else replace(sealed.entries[0], sealed=bytes(316))
        composed = compose(self.ledger.id, [entry], sealed.wraps, FOREVER)
        (chunk,) = self.chunks(who, composed)
        nonce = self.chain.nonce(who.sender.address)
        tx, raw = self.chain.sign_present(who.sender, nonce, composed.submission, chunk)
        self.chain.send_raw(raw)
        assert self.chain.mined(tx)
        self.follow()
        return composed.hashes[0]

    def letter(self, *, readable: bool = True) -> CaseKey:
        entry = self.request()
        self.write(self.office, entry, LETTER, readable=readable)
        return entry.key

    def ordered(self, *scans: bytes, account: str = CARD) -> CaseKey:
        """A case up to its open order; its consent names these scans, of which the bank has its copies."""
        key = self.letter()
        self.say(house(self.bank.id), [self.reply(key)])
        with self._store.writing() as session:
            digests = [evidence.add(self.ctx, session, scan, "x.pdf", key).hex() for scan in scans]
        papers = [{"digest": digest, "name": "x.pdf"} for digest in digests]
        agreed = {**AGREED, "account": account, "evidence": papers}
        self.write(self.office, self.consent(key, 1_000), agreed)
        self.write(self.office, self.order(key, 600), {"consent_number": AGREED["number"], "payee": "x"})
        return key
