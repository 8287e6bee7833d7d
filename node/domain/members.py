# SPDX-License-Identifier: Apache-2.0
"""The registry's state, folded from its events: who is who and who may what as of a block's time (wire.md, Acts).

The follower and the auditor fold ``Founded`` and every ``Acted`` with ``Members.found`` and ``members.apply``;
``acts.check_act`` says whether an act, signed so, would be carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from node.domain.case import Facts, LedgerIdentity
from node.domain.entries import Act, Founded, OrgRole, Permission
from node.domain.errors import Broken
from node.domain.masking import printable
from node.domain.organisations import HANDOVER_S, Organisation, UnknownOrg, checksum
from node.domain.transitions import ActKind, table


class ActOutOfLine(Broken):
    """An act in the log that cannot follow the ones before it: an event is missing, or the log was altered."""

    code = "act_out_of_line"


@dataclass(frozen=True, slots=True)
class Members:
    """All organisations, as of the last act folded. Org ids run from 1; org 0 is the alliance as a whole."""

    registry: bytes  # the registry's random 32-byte id
    threshold: int  # M, of N governors
    organisations: tuple[Organisation, ...]
    alliance_pause: bool = False
    alliance_acts: int = 0
    owners: Mapping[str, int] = field(default_factory=dict[str, int])  # address -> organisation, for ever
    successors: Mapping[str, str] = field(default_factory=dict[str, str])  # ledger -> its successor

    @staticmethod
    def found(event: Founded) -> Members:
        """The state after the registry's construction: the governors with their two ADMINs each."""
        members = Members(event.registry, event.threshold, ())
        for governor in event.governors:
            members = members._admitted(governor.name, OrgRole.GOVERNOR, governor.first, governor.second)
        return members

    def apply(self, act: Act, block_time: int) -> Members:
        """The state after an act that the registry carried out in a block of ``block_time``.

        Raises ActOutOfLine where the act's number, organisation or kind cannot come next.
        """
        if act.number != self.next_number(act.org) or table().act(act.kind) is None:
            raise ActOutOfLine(org=act.org, kind=act.kind, number=act.number, expected=self.next_number(act.org))
        if act.kind == ActKind.ADMIT:
            return self._admitted(_text(act), OrgRole(act.code), act.first, act.second)
        if act.org == 0:
            return self._alliance_act(act)
        org = self.org(act.org).settled(block_time)
        return self._owning(act)._with(replace(_changed(org, act, block_time), acts=act.number))

    def org(self, org: int) -> Organisation:
        """One member; raises UnknownOrg."""
        if not 1 <= org <= len(self.organisations):
            raise UnknownOrg(org=org)
        return self.organisations[org - 1]

    def orgs(self) -> tuple[Organisation, ...]:
        return self.organisations

    def paused(self, org: int) -> bool:
        """Whether ORDER and ACCEPT of ``org`` are stopped, by its own pause or the alliance's."""
        return self.alliance_pause or self.org(org).own_pause

    def officer(self, address: str, now: int) -> tuple[int, int]:
        """(organisation, permissions) of an address; (0, 0) for a stranger, permissions 0 while suspended."""
        org = self.owners.get(checksum(address), 0)
        if not org:
            return 0, 0
        return org, self.org(org).permissions(address, now) if self.org(org).active else 0

    def is_sender(self, address: str, org: int, now: int) -> bool:
        """Whether ``address`` may carry submissions of ``org`` to the ledger at block time ``now``."""
        return checksum(address) in self.org(org).settled(now).senders

    def fund_account(self, org: int, number: int) -> str | None:
        """The text of a fund account that is registered now."""
        return self.org(org).fund_accounts.get(number)

    def next_number(self, org: int) -> int:
        """The number that the next act about ``org`` must bear; 1 for an organisation that is to be admitted."""
        if org == 0:
            return self.alliance_acts + 1
        return 1 if org == len(self.organisations) + 1 else self.org(org).acts + 1

    def successor_ledger(self, address: str) -> str | None:
        """The ledger that governance named to follow the one at ``address``."""
        return self.successors.get(checksum(address))

    def governors_active(self) -> int:
        return sum(o.active and o.role is OrgRole.GOVERNOR for o in self.organisations)

    def facts(self, org: int, block_time: int, charged_fen: int, ledger: LedgerIdentity) -> Facts:
        """What the ledger's rules need to know when ``org`` writes in a block of ``block_time``."""
        writer = self.org(org)
        return Facts(
            ledger=ledger.id,
            block_time=block_time,
            org=org,
            role=writer.role,
            speaks_for=frozenset({org, *(o.id for o in self.organisations if o.successor == org)}),
            ledger_succeeded=self.successor_ledger(ledger.address) is not None,
            may_receive=frozenset(o.id for o in self.organisations if _may_receive(o)),
            fund_accounts=frozenset((o.id, number) for o in self.organisations for number in o.fund_accounts),
            order_limit_fen=writer.order_limit_fen,
            day_limit_fen=writer.day_limit_fen,
            charged_fen=charged_fen,
        )

    def _admitted(self, name: str, role: OrgRole, first: str, second: str) -> Members:
        org = len(self.organisations) + 1
        admins = {checksum(first): int(Permission.ADMIN), checksum(second): int(Permission.ADMIN)}
        return replace(
            self,
            organisations=(*self.organisations, Organisation(org, name, role, officers=admins, acts=1)),
            owners={**self.owners, **dict.fromkeys(admins, org)},
        )

    def _alliance_act(self, act: Act) -> Members:
        counted = replace(self, alliance_acts=act.number)
        match act.kind:
            case ActKind.PAUSE:
                return replace(counted, alliance_pause=True)
            case ActKind.RESUME:
                return replace(counted, alliance_pause=False)
            case ActKind.NAME_LEDGER:
                return replace(counted, successors={**self.successors, checksum(act.first): checksum(act.second)})
            case _:
                raise ActOutOfLine(org=0, kind=act.kind, number=act.number, expected=act.number)

    def _owning(self, act: Act) -> Members:
        """The addresses that an act brings belong to its organisation from now on."""
        if act.kind not in (ActKind.REPLACE_ADMINS, ActKind.ADD_OFFICER, ActKind.ADD_SENDER):
            return self
        brought = [checksum(a) for a in (act.first, act.second) if int(a, 16)]
        return replace(self, owners={**self.owners, **dict.fromkeys(brought, act.org)})

    def _with(self, org: Organisation) -> Members:
        at = org.id - 1
        return replace(self, organisations=(*self.organisations[:at], org, *self.organisations[at + 1 :]))


def _text(act: Act) -> str:
    """The name or account text that an act bears: whatever bytes its signers chose, as something to show."""
    return printable(act.data.decode(errors="replace"))


def _may_receive(org: Organisation) -> bool:
    return org.active and org.role in (OrgRole.BANK, OrgRole.AUTHORITY) and org.key_version > 0


def _changed(org: Organisation, act: Act, block_time: int) -> Organisation:
    first = checksum(act.first)
    match act.kind:
        case ActKind.SUSPEND:
            return replace(org, active=False)
        case ActKind.REINSTATE:
            return replace(org, active=True, successor=0)
        case ActKind.SET_LIMITS | ActKind.LOWER_LIMITS:
            return replace(org, order_limit_fen=act.order_limit_fen, day_limit_fen=act.day_limit_fen)
        case ActKind.REPLACE_ADMINS:
            return org.naming(first, checksum(act.second), block_time + HANDOVER_S)
        case ActKind.NAME_SUCCESSOR:
            return replace(org, successor=act.code)
        case ActKind.PAUSE:
            return replace(org, own_pause=True)
        case ActKind.RESUME:
            return replace(org, own_pause=False)
        case ActKind.ADD_OFFICER:
            return org.with_officer(first, act.code)
        case ActKind.SUSPEND_OFFICER:
            return org.with_officer(first, 0)
        case ActKind.ADD_SENDER:
            return replace(org, senders=org.senders | {first})
        case ActKind.REMOVE_SENDER:
            return replace(org, senders=org.senders - {first})
        case ActKind.REGISTER_KEY:
            return replace(org, key_version=act.code, public_key=act.data)
        case ActKind.ADD_FUND_ACCOUNT:
            return org.with_fund_account(act.code, _text(act))
        case ActKind.REMOVE_FUND_ACCOUNT:
            return org.without_fund_account(act.code)
        case _:
            raise ActOutOfLine(org=act.org, kind=act.kind, number=act.number, expected=act.number)
