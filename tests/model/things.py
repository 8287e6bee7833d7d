# SPDX-License-Identifier: Apache-2.0
"""What the independent model keeps: organisations, cases, and what was said in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.model.wire import ZERO, Fields


@dataclass
class Org:
    role: str
    active: bool = True
    paused: bool = False
    successor: int = 0
    key: int = 0
    order_limit: int = 0
    day_limit: int = 0
    accounts: set[int] = field(default_factory=set)
    numbers: int = 0


@dataclass
class Said:
    """Something that was said and can end: a consent, an order, a debit, a dispute."""

    kind: str
    seq: int
    side: str
    f: Fields
    consent: bytes = ZERO
    payee: int = 0
    accepted: bool = False
    ended: bool = False
    settled: bool = False


@dataclass
class File:
    """A case."""

    office: int
    recipient: int
    phase: str = "REQUESTED"
    debitable: bool = False
    seq: int = 1
    head: bytes = ZERO
    claim: int = 0
    said: dict[bytes, Said] = field(default_factory=dict)

    def of(self, kind: str, entry: bytes) -> Said | None:
        thing = self.said.get(entry)
        return thing if thing is not None and thing.kind == kind else None

    def unended(self, kind: str) -> list[tuple[bytes, Said]]:
        return [(h, s) for h, s in self.said.items() if s.kind == kind and not s.ended]

    def open_order(self) -> tuple[bytes, Said] | None:
        return next(iter(self.unended("order")), None)

    def debited_under(self, consent: bytes) -> int:
        return sum(s.f.amount for s in self.said.values() if s.kind == "debit" and s.consent == consent)

    def net(self) -> int:
        return sum(s.f.amount for _, s in self.unended("debit"))

    def unsettled(self) -> int:
        return sum(not s.settled for _, s in self.unended("debit"))

    def disputed(self, side: str) -> bool:
        return self.phase != "CLOSED" and any(s.side == side for _, s in self.unended("dispute"))
