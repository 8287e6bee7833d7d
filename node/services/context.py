# SPDX-License-Identifier: Apache-2.0
"""What a use case needs from outside: handed in by ``runtime``, never reached for.

A use case takes a ``Context``, most of them a session (the edge opens and commits it), and plain values. It flushes and
never commits, and calls nothing outside the database while it holds a writing session, the chain's read-only preview
excepted where its name says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from node.corebank.port import CoreBank
from node.crypto.fields import FieldCipher
from node.crypto.keyring import KeyRing
from node.crypto.typed import Domain, ledger_domain, registry_domain
from node.domain.case import LedgerIdentity
from node.domain.errors import Refused, Unavailable
from node.domain.members import Members
from node.domain.organisations import Organisation
from node.domain.ports import Chain, Clock, Random, Signer
from node.domain.workdays import BEIJING, Holidays, add_working_days, end_of_day
from node.ledger.registry import Roll
from node.store.database import Store

_MEMBERS = "alliance members"


class NotAMember(Refused):
    """None of this node's keys belongs to an organisation of the alliance yet."""

    code = "not_a_member"


class NothingFollowed(Unavailable):
    """The node has not read the chain yet."""

    code = "nothing_followed"


class KeyNotOurs(Refused):
    """The key may not sign this here. Values: ``key``, ``permission``."""

    code = "key_not_ours"


@dataclass(frozen=True, slots=True)
class Contracts:
    """Which contracts this node speaks to (deployment.json); ids are 32 random bytes, addresses 0x."""

    chain_id: int
    ledger_id: bytes
    ledger_address: str
    registry_id: bytes
    registry_address: str

    @property
    def ledger_domain(self) -> Domain:
        return ledger_domain(self.chain_id, self.ledger_address)

    @property
    def registry_domain(self) -> Domain:
        return registry_domain(self.chain_id, self.registry_address)

    @property
    def ledger(self) -> LedgerIdentity:
        return LedgerIdentity(self.ledger_id, self.ledger_address)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Spans in Chinese working days (DOMAIN section 4, timers)."""

    valid_workdays: int  # of a signature
    acknowledge_workdays: int
    reply_workdays: int


@dataclass(frozen=True, slots=True)
class Context:
    """One node, as its use cases see it."""

    store: Store
    chain: Chain
    contracts: Contracts
    keyring: KeyRing
    cipher: FieldCipher
    clock: Clock
    random: Random
    evidence: Path  # folder of the encrypted scans
    corebank: CoreBank | None
    calendar: Holidays
    deadlines: Deadlines
    made_up_ids: bool  # demo and test mode: the unassigned area and card prefix are allowed
    letter_prefix: str  # of the numbers of letters (文号)
    service_officer: str  # name of the key that acknowledges by itself, or empty
    officers: Mapping[str, str]  # name of a key -> address; readable without the passphrase
    roll: Roll = field(default_factory=Roll)

    def today(self) -> date:
        """Today in Beijing."""
        return self.clock.now().astimezone(BEIJING).date()

    def valid_until(self) -> int:
        """Until when a signature made now may be used: the end of a working day in Beijing, Unix seconds."""
        return end_of_day(add_working_days(self.today(), self.deadlines.valid_workdays, self.calendar).day) - 1

    def reply_due(self) -> int:
        """By when a letter sent now is to be answered, Unix seconds."""
        return end_of_day(add_working_days(self.today(), self.deadlines.reply_workdays, self.calendar).day) - 1

    def org(self, session: Session) -> Organisation:
        """The organisation that this node's keys belong to. Raises NotAMember."""
        return self.own(self.members(session))

    def members(self, session: Session) -> Members:
        """The registry as the follower has seen it, folded once a session (a session is one snapshot).

        Raises NothingFollowed.
        """
        known: Members | None = session.info.get(_MEMBERS)
        if known is None:
            known = session.info[_MEMBERS] = self.roll.now(session)
        if known is None:
            raise NothingFollowed()
        return known

    def own(self, members: Members) -> Organisation:
        """The same, where the members are at hand."""
        for address in self.officers.values():
            owner, _ = members.officer(address, 0)
            if owner:
                return members.org(owner)
        raise NotAMember()

    def signer(self, session: Session, name: str, permission: int) -> Signer:
        """The key ``name``, which must hold ``permission`` in our organisation. Raises KeyNotOurs, NotAMember."""
        members = self.members(session)
        ours = self.own(members).id
        org, permissions = members.officer(self.officers.get(name, "0x" + "0" * 40), self.block_time())
        if org != ours or not permissions & permission:
            raise KeyNotOurs(key=name, permission=permission)
        return self.keyring.signer(name)

    def mark(self, column: str, value: str) -> bytes:
        """The blind index under which a value of ``own_inquiry`` is found again."""
        return self.cipher.index(f"mark.{column}", value.encode())

    def marks(self, column: str, value: str) -> list[bytes]:
        """All that ``mark`` may have given for the value, one a key number: for ``IN (…)``."""
        return self.cipher.indexes(f"mark.{column}", value.encode())

    def block_time(self) -> int:
        """The node's clock as Unix seconds; a forecast of the next block's time, never a judgement on it."""
        return int(self.clock.now().timestamp())

    def soon(self, minutes: int) -> datetime:
        """A moment from now."""
        return self.clock.now() + timedelta(minutes=minutes)
