# SPDX-License-Identifier: Apache-2.0
"""Drives the node's own members, rules and reducer through a walk and tells what they say, in the walk's words."""

from __future__ import annotations

import copy

from node.domain.acts import check_act
from node.domain.case import Case, LedgerIdentity
from node.domain.entries import (
    Act,
    Block,
    CaseKey,
    Chunk,
    Entry,
    Founded,
    Founding,
    OrgRole,
    Position,
    Presented,
    Submission,
)
from node.domain.log import Charge, fold_chunk
from node.domain.members import Members
from node.domain.transitions import ActKind, table
from tests.model import walks
from tests.model.model import REVERTED
from tests.model.wire import Fields, entry_hash

LEDGER = "0x00000000000000000000000000000000000000aA"
HERE = Position(0, 0, 0)


def address(org: int, which: int) -> str:
    return f"0x{org * 16 + which:040x}"


def to_entry(org: int, action: int, f: Fields) -> Entry:
    return Entry(
        action,
        org,
        f.office,
        f.caseId,
        f.commitment,
        bytes(f.size),
        recipient=f.recipient,
        head=f.head,
        target=f.target,
        consent=f.consent,
        amount_fen=f.amount,
        claim_fen=f.claim,
        not_before=f.notBefore,
        expires_at=f.expiresAt,
        due_at=f.dueAt,
        fund_account=f.fundAccount,
        debitable=f.debitable,
        in_parts=f.inParts,
    )


class Machine:
    """Members and cases as a follower keeps them."""

    def __init__(self, ledger: bytes, roles: tuple[str, ...], time: int) -> None:
        self.ledger = LedgerIdentity(ledger, LEDGER)
        self.cases: dict[CaseKey, Case] = {}
        self.charges: dict[int, Charge] = {}
        self.totals: dict[tuple[int, int], tuple[int, int]] = {}
        founder = Founding("治理单位", address(1, 0), address(1, 1))
        self.members = Members.found(Founded(HERE, _block(time), b"", bytes(32), 1, (founder,)))
        for org, role in enumerate(roles[1:], start=2):
            code = OrgRole[role]
            self.carry(Act(1, org, 1, address(org, 0), address(org, 1), code, data=b"x", valid_until=2**40), time)

    def copy(self) -> Machine:
        """Another one that stands where this one stands; all values are frozen."""
        other = copy.copy(self)
        other.cases, other.charges, other.totals = dict(self.cases), dict(self.charges), dict(self.totals)
        return other

    def carry(self, act: Act, time: int) -> None:
        """Check an act as before sending, with the signers that it needs, and fold it."""
        check_act(self.members, act, self._signers(act), time)
        self.members = self.members.apply(act, time)

    def act(self, a: walks.Act) -> None:
        kind = ActKind[a.kind]
        data = {ActKind.REGISTER_KEY: bytes([a.code]) * 1216, ActKind.ADD_FUND_ACCOUNT: b"1234"}.get(kind, b"")
        ledgers = (LEDGER, address(99, 9)) if kind is ActKind.NAME_LEDGER else (address(0, 0), address(0, 0))
        number = self.members.next_number(a.org)
        act = Act(kind, a.org, number, *ledgers, a.code, a.order_limit, a.day_limit, data, 2**40)
        self.carry(act, a.time)

    def step(self, s: walks.Step) -> int:
        """The outcome of one entry: 0, a rule's code, or 255 where the whole submission reverts."""
        org = self.members.org(s.org)
        row = table().action(s.action)
        if not org.active or (row is not None and row.pausable and self.members.paused(s.org)):
            return REVERTED
        entry = to_entry(s.org, s.action, s.f)
        event = Presented(
            HERE,
            _block(s.time),
            b"",
            Submission(self.ledger.id, s.org, s.action, b"", 1, s.f.amount, b"", 2**40),
            Chunk(0, 1, b"", b"", (), b"", b""),
            0,
            b"",
        )
        hashed = [(entry, entry_hash(self.ledger.id, s.org, s.action, s.f))]
        folded = fold_chunk(self.cases.get, self.members, self.ledger, event, hashed, self.charges.get(s.org, Charge()))
        self.cases |= folded.cases
        if folded.charge != Charge():
            self.charges[s.org] = folded.charge
        if folded.outcomes == b"\0":
            entries, fen = self.totals.get((s.org, s.action), (0, 0))
            self.totals[(s.org, s.action)] = (entries + 1, fen + s.f.amount)
        return folded.outcomes[0]

    def view(self, s: walks.Step) -> walks.View:
        charge = self.charges.get(s.org, Charge())
        entries, fen = self.totals.get((s.org, s.action), (0, 0))
        case = self.cases.get(CaseKey(s.f.office, s.f.caseId))
        if case is None:
            return walks.View(day=charge.day, charged=charge.fen, entries=entries, fen=fen)
        consent = case.consent(s.f.consent)
        return walks.View(
            phase=case.phase,
            flags=case.debitable + 2 * case.accepted + 4 * case.disputed(True) + 8 * case.disputed(False),
            recipient=case.recipient,
            seq=case.seq,
            open_order=case.opened.seq if case.opened else 0,
            unsettled=case.unsettled,
            claim=case.claim_fen,
            net=case.net_fen,
            head=case.head,
            day=charge.day,
            charged=charge.fen,
            entries=entries,
            fen=fen,
            debited=consent.debited_fen if consent else 0,
        )

    def _signers(self, act: Act) -> list[str]:
        own = [address(act.org, 0), address(act.org, 1)]
        by = table().acts[ActKind(act.kind)].by
        return {"G": [address(1, 0)], "A": own, "AG": [*own, address(1, 0)], "P": [address(1, 0), address(1, 1)]}[by]


def _block(time: int) -> Block:
    return Block(0, bytes(32), bytes(32), time)
