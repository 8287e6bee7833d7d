# SPDX-License-Identifier: Apache-2.0
"""One member of the alliance as the registry knows it: officers, senders, keys, limits, fund accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from node.domain.digest import keccak
from node.domain.entries import OrgRole, Permission
from node.domain.errors import Refused

HANDOVER_S = 86_400  # new ADMINs take over a day later, in sight of all (docs/wire.md, Acts)


def checksum(address: str) -> str:
    """A 0x-address in the one spelling that the node compares: mixed case by EIP-55."""
    digits = address.lower().removeprefix("0x")
    marks = keccak(digits.encode("ascii")).hex()
    return "0x" + "".join(d.upper() if int(m, 16) >= 8 else d for d, m in zip(digits, marks, strict=False))


class UnknownOrg(Refused):
    """There is no organisation of that id."""

    code = "unknown_org"


@dataclass(frozen=True, slots=True)
class Handover:
    """ADMINs named by governors: the only ones from block time ``at`` on; those before lose all that they had."""

    first: str
    second: str
    at: int  # Unix seconds


@dataclass(frozen=True, slots=True)
class Organisation:
    """A member's state. ``own_pause`` is its own; ask ``Members.paused`` whether it is stopped. Limits in fen."""

    id: int
    name: str
    role: OrgRole
    active: bool = True
    own_pause: bool = False
    successor: int = 0  # who speaks for it, 0 if nobody
    order_limit_fen: int = 0
    day_limit_fen: int = 0
    key_version: int = 0  # 0: no encryption key registered
    public_key: bytes = b""
    officers: Mapping[str, int] = field(default_factory=dict[str, int])  # address -> permissions, 0 when suspended
    services: frozenset[str] = frozenset()  # addresses that are service officers, for life
    senders: frozenset[str] = frozenset()
    fund_accounts: Mapping[int, str] = field(default_factory=dict[int, str])  # number -> text, registered now
    fund_numbers: int = 0  # numbers given so far
    handover: Handover | None = None
    acts: int = 0  # number of its last act

    def admins(self, now: int) -> tuple[str, ...]:
        """Addresses that may sign as its ADMINs at block time ``now``."""
        return tuple(a for a, p in self.settled(now).officers.items() if p & Permission.ADMIN)

    def permissions(self, address: str, now: int) -> int:
        """The permission bits of an officer at block time ``now``; 0 for a stranger and while suspended."""
        return self.settled(now).officers.get(checksum(address), 0)

    def settled(self, now: int) -> Organisation:
        """The same with a handover that is due at ``now`` carried out."""
        if self.handover is None or now < self.handover.at:
            return self
        named = {self.handover.first, self.handover.second}
        replaced = {a for a, p in self.officers.items() if p & Permission.ADMIN} - named
        officers = {a: 0 if a in replaced else p for a, p in self.officers.items()}
        officers |= {a: officers.get(a, 0) | Permission.ADMIN for a in named}
        return replace(self, officers=officers, senders=self.senders - replaced, handover=None)

    def naming(self, first: str, second: str, at: int) -> Organisation:
        """The same with new ADMINs from ``at`` on; they are known as persons from now on."""
        known = {first: 0, second: 0} | dict(self.officers)
        return replace(self, officers=known, handover=Handover(first, second, at))

    def with_officer(self, address: str, permissions: int) -> Organisation:
        services = self.services | {address} if permissions == Permission.SERVICE else self.services
        return replace(self, officers={**self.officers, address: permissions}, services=services)

    def with_fund_account(self, number: int, text: str) -> Organisation:
        return replace(self, fund_accounts={**self.fund_accounts, number: text}, fund_numbers=number)

    def without_fund_account(self, number: int) -> Organisation:
        return replace(self, fund_accounts={n: t for n, t in self.fund_accounts.items() if n != number})
