# SPDX-License-Identifier: Apache-2.0
"""The one reducer: a case is folded from its entries, a new frozen value each step (ARCHITECTURE, *One reducer*).

``rules.judge`` says whether the ledger takes an entry; ``apply`` says what a taken entry does. Projection, rebuild and
replay use these two functions and no others.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

from node.domain.digest import keccak
from node.domain.entries import ZERO32, Action, CaseKey, Entry, OrgRole, Phase
from node.domain.transitions import table


class DebitState(IntEnum):
    """A debit is in exactly one of these (PROPERTIES 2)."""

    UNSETTLED = 0
    SETTLED = 1
    REVERSED = 2


@dataclass(frozen=True, slots=True)
class Consent:
    """A recorded agreement to return money. ``debited_fen``: all that was ever debited under it, reversed or not."""

    hash: bytes
    seq: int
    amount_fen: int
    not_before: int  # live while not_before <= block time < expires_at, Unix seconds
    expires_at: int
    in_parts: bool
    debited_fen: int = 0
    ended: bool = False  # revoked or replaced

    @property
    def left_fen(self) -> int:
        """What may still be ordered under it."""
        return self.amount_fen - self.debited_fen

    def live(self, block_time: int) -> bool:
        """Whether it may be used at that block; being the standing consent is asked apart."""
        return self.not_before <= block_time < self.expires_at


@dataclass(frozen=True, slots=True)
class Order:
    """A debit order. It pays to fund account ``fund_account`` of organisation ``payee``."""

    hash: bytes
    seq: int
    consent: bytes
    amount_fen: int
    payee: int
    fund_account: int
    accepted: bool = False
    ended: bool = False  # cancelled, fallen with its consent, or reported on


@dataclass(frozen=True, slots=True)
class Debit:
    """Money that the bank took, above 0; a result of 0 ends its order and leaves no debit."""

    hash: bytes
    seq: int
    order: bytes
    consent: bytes
    amount_fen: int
    state: DebitState = DebitState.UNSETTLED


@dataclass(frozen=True, slots=True)
class Dispute:
    """An objection; the side that raised it ends it, and the end of the case makes it void."""

    hash: bytes
    seq: int
    by_office: bool
    open: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """One person, one recipient, one overpayment, after ``seq`` entries. Amounts in fen."""

    key: CaseKey
    recipient: int
    phase: Phase
    seq: int
    head: bytes
    due_at: int = 0
    debitable: bool = False  # what the last reply said
    claim_fen: int = 0  # 0 until the first consent
    net_fen: int = 0  # debited and not reversed
    standing: bytes = ZERO32  # the consent in force, by entry hash
    open_order: bytes = ZERO32
    consents: tuple[Consent, ...] = field(default=())
    orders: tuple[Order, ...] = field(default=())
    debits: tuple[Debit, ...] = field(default=())
    disputes: tuple[Dispute, ...] = field(default=())

    def consent(self, entry_hash: bytes) -> Consent | None:
        return next((c for c in self.consents if c.hash == entry_hash), None)

    def order(self, entry_hash: bytes) -> Order | None:
        return next((o for o in self.orders if o.hash == entry_hash), None)

    def debit(self, entry_hash: bytes) -> Debit | None:
        return next((d for d in self.debits if d.hash == entry_hash), None)

    def dispute(self, entry_hash: bytes) -> Dispute | None:
        return next((d for d in self.disputes if d.hash == entry_hash), None)

    @property
    def opened(self) -> Order | None:
        """The open order, if there is one."""
        return None if self.open_order == ZERO32 else self.order(self.open_order)

    @property
    def accepted(self) -> bool:
        """Whether the open order is accepted: only then may money move."""
        opened = self.opened
        return opened is not None and opened.accepted

    @property
    def unsettled(self) -> int:
        """How many debits are neither settled nor reversed."""
        return sum(d.state is DebitState.UNSETTLED for d in self.debits)

    @property
    def left_fen(self) -> int:
        """What is left of the claim."""
        return self.claim_fen - self.net_fen

    @property
    def at_end(self) -> bool:
        return self.phase in (Phase.DECLINED, Phase.CLOSED)

    def disputed(self, by_office: bool) -> bool:
        """Whether that side has a dispute open."""
        return any(d.open and d.by_office is by_office for d in self.disputes)


@dataclass(frozen=True, slots=True)
class LedgerIdentity:
    """A case ledger: its random 32-byte id, bound into every hash, and its 0x-address, by which governance names it."""

    id: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know beside case and entry, as of one block; built by ``Members.facts``."""

    ledger: bytes  # the ledger's id
    block_time: int  # Unix seconds
    org: int  # the writer
    role: OrgRole  # the writer's
    speaks_for: frozenset[int]  # the writer itself, and orgs whose named successor it is
    ledger_succeeded: bool
    may_receive: frozenset[int]  # active banks and authorities with a key registered
    fund_accounts: frozenset[tuple[int, int]]  # (organisation, number) registered now
    order_limit_fen: int
    day_limit_fen: int
    charged_fen: int  # what the writer has ordered (accepted) since midnight, Beijing time

    @property
    def office_side(self) -> bool:
        return self.role is OrgRole.OFFICE


def first_head(ledger: bytes, key: CaseKey) -> bytes:
    """What the first entry is chained to: keccak(abi.encode(ledger id, uint16 office, caseId)); docs/wire.md, Heads."""
    return keccak(ledger + key.office.to_bytes(32, "big") + key.case_id)


def next_head(head: bytes, entry_hash: bytes) -> bytes:
    """keccak(previous head ‖ entry hash)."""
    return keccak(head + entry_hash)


def apply(case: Case | None, entry: Entry, entry_hash: bytes, facts: Facts) -> Case:
    """The case after ``entry``, which ``rules.judge`` has passed; the caller checks the invariants next.

    ``case`` is None for a REQUEST only.
    """
    if case is None:
        head = next_head(first_head(facts.ledger, entry.key), entry_hash)
        return Case(entry.key, entry.recipient, Phase.REQUESTED, seq=1, head=head, due_at=entry.due_at)
    moved = replace(
        case,
        seq=case.seq + 1,
        head=next_head(case.head, entry_hash),
        phase=table().actions[Action(entry.action)].to or case.phase,
    )
    match entry.action:
        case Action.REPLY:
            return replace(moved, debitable=bool(entry.debitable))
        case Action.CONSENT:
            return _consented(moved, entry, entry_hash)
        case Action.ORDER:
            order = Order(entry_hash, moved.seq, entry.consent, entry.amount_fen, entry.org, entry.fund_account)
            return replace(moved, orders=(*moved.orders, order), open_order=entry_hash)
        case Action.ACCEPT:
            return replace(
                moved, orders=tuple(replace(o, accepted=True) if o.hash == entry.target else o for o in moved.orders)
            )
        case Action.DEBIT:
            return _debited(moved, entry, entry_hash)
        case Action.CANCEL:
            return _order_ended(moved)
        case Action.REVOKE:
            revoked = replace(moved, consents=_ended(moved, entry.target), standing=ZERO32)
            return revoked if revoked.accepted else _order_ended(revoked)
        case Action.REVERSE:
            reversed_ = _debit_moved(moved, entry.target, DebitState.REVERSED)
            return replace(reversed_, net_fen=moved.net_fen - entry.amount_fen)
        case Action.SETTLE:
            return _debit_moved(moved, entry.target, DebitState.SETTLED)
        case Action.DISPUTE:
            return replace(moved, disputes=(*moved.disputes, Dispute(entry_hash, moved.seq, facts.office_side)))
        case Action.RESOLVE:
            return replace(
                moved, disputes=tuple(replace(d, open=False) if d.hash == entry.target else d for d in moved.disputes)
            )
        case Action.CLOSE:
            return replace(moved, disputes=tuple(replace(d, open=False) for d in moved.disputes))
        case _:  # ACKNOWLEDGE, DECLINE: only the phase moves
            return moved


def _consented(case: Case, entry: Entry, entry_hash: bytes) -> Case:
    consent = Consent(
        entry_hash, case.seq, entry.amount_fen, entry.not_before, entry.expires_at, in_parts=bool(entry.in_parts)
    )
    return replace(
        case,
        claim_fen=case.claim_fen or entry.claim_fen,
        consents=(*_ended(case, case.standing), consent),
        standing=entry_hash,
    )


def _debited(case: Case, entry: Entry, entry_hash: bytes) -> Case:
    ended = _order_ended(case)
    if entry.amount_fen == 0:
        return ended
    debit = Debit(entry_hash, case.seq, entry.target, entry.consent, entry.amount_fen)
    return replace(
        ended,
        net_fen=case.net_fen + entry.amount_fen,
        debits=(*case.debits, debit),
        consents=tuple(
            replace(c, debited_fen=c.debited_fen + entry.amount_fen) if c.hash == entry.consent else c
            for c in case.consents
        ),
    )


def _ended(case: Case, consent: bytes) -> tuple[Consent, ...]:
    return tuple(replace(c, ended=True) if c.hash == consent else c for c in case.consents)


def _order_ended(case: Case) -> Case:
    orders = tuple(replace(o, ended=True) if o.hash == case.open_order else o for o in case.orders)
    return replace(case, orders=orders, open_order=ZERO32)


def _debit_moved(case: Case, debit: bytes, state: DebitState) -> Case:
    return replace(case, debits=tuple(replace(d, state=state) if d.hash == debit else d for d in case.debits))
