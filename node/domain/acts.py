# SPDX-License-Identifier: Apache-2.0
"""Whether the registry would carry out an act: the rules of docs/wire.md *Acts*, before it is sent and in the audit.

The errors bear the names of the registry's Solidity errors.
"""

from __future__ import annotations

from collections.abc import Sequence

from node.domain.entries import Act, OrgRole, Permission
from node.domain.errors import Conflict, Refused
from node.domain.members import Members
from node.domain.organisations import Organisation, UnknownOrg, checksum
from node.domain.transitions import ActKind, ActRow, table

PUBLIC_KEY_SIZE = 1216
ADMINS = 2
MAX_GOVERNORS = 32
_ZERO = "0x" + "0" * 40


class UnknownKind(Refused):
    """There is no act of that kind."""

    code = "unknown_kind"


class ActExpired(Refused):
    """The act's ``validUntil`` has passed."""

    code = "act_expired"


class ActNumber(Conflict):
    """Another act about the organisation was carried out meanwhile."""

    code = "act_number"


class ActFields(Refused):
    """A field that the kind does not use is set, or one that it uses is empty or malformed."""

    code = "act_fields"


class ActState(Refused):
    """The act would change nothing, or the organisation's state forbids it."""

    code = "act_state"


class SignedTwice(Refused):
    """Two of the signatures are of one address."""

    code = "signed_twice"


class NotEntitled(Refused):
    """A signature does not count for this act."""

    code = "not_entitled"


class TooFewSignatures(Refused):
    """More people must sign."""

    code = "too_few_signatures"


class TooFewGovernors(Refused):
    """The act would leave fewer active governors than must sign together."""

    code = "too_few_governors"


class TooFewAdmins(Refused):
    """The act would leave the organisation with fewer than two ADMINs."""

    code = "too_few_admins"


class AddressTaken(Refused):
    """The address belongs to an organisation already, and an address belongs to one for ever."""

    code = "address_taken"


class TooManyGovernors(Refused):
    """There is no seat left for another governor."""

    code = "too_many_governors"


class LimitRaised(Refused):
    """An organisation lowers its own limits; raising them takes governors."""

    code = "limit_raised"


def check_act(members: Members, act: Act, signers: Sequence[str], now: int) -> None:
    """Raises the error that the registry would revert with at block time ``now``; returns where it would carry it out.

    Form first, then signatures, then what the act would do: the registry's own order.
    """
    row = table().act(act.kind)
    if row is None:
        raise UnknownKind(kind=act.kind)
    _check_form(members, act, row, now)
    _check_signers(members, act, row, [checksum(s) for s in signers], now)
    if act.kind == ActKind.ADMIT:
        _check_admission(members, act)
    elif act.org == 0:
        _check_alliance(members, act)
    else:
        _check_member(members, members.org(act.org).settled(now), act)


def _check_form(members: Members, act: Act, row: ActRow, now: int) -> None:
    if not _concerns(members, act):
        raise UnknownOrg(org=act.org)
    if now > act.valid_until:
        raise ActExpired(valid_until=act.valid_until, block_time=now)
    if act.number != members.next_number(act.org):
        raise ActNumber(org=act.org, expected=members.next_number(act.org), given=act.number)
    given = {
        "first": act.first.lower() != _ZERO,
        "second": act.second.lower() != _ZERO,
        "code": act.code != 0,
        "orderLimit": act.order_limit_fen != 0,
        "dayLimit": act.day_limit_fen != 0,
        "data": act.data != b"",
    }
    unused = any(is_set and name not in row.fields for name, is_set in given.items())
    empty = any(not given[name] for name in row.fields - {"orderLimit", "dayLimit"})  # a limit may be zero
    if unused or empty or not _well_formed(act):
        raise ActFields(kind=act.kind)


def _concerns(members: Members, act: Act) -> bool:
    """Whether an act of that kind can be about that organisation."""
    known = len(members.organisations)
    if act.kind == ActKind.ADMIT:
        return act.org == known + 1
    if act.kind == ActKind.NAME_LEDGER:
        return act.org == 0
    return 1 <= act.org <= known or (act.org == 0 and act.kind in (ActKind.PAUSE, ActKind.RESUME))


def _well_formed(act: Act) -> bool:
    match act.kind:
        case ActKind.ADMIT:
            return OrgRole.OFFICE <= act.code <= OrgRole.GOVERNOR and checksum(act.first) != checksum(act.second)
        case ActKind.REPLACE_ADMINS | ActKind.NAME_LEDGER:
            return checksum(act.first) != checksum(act.second)
        case ActKind.ADD_OFFICER:
            return 1 <= act.code <= Permission.SERVICE
        case ActKind.REGISTER_KEY:
            return len(act.data) == PUBLIC_KEY_SIZE
        case _:
            return True


def _check_signers(members: Members, act: Act, row: ActRow, signers: list[str], now: int) -> None:
    """Every signature given has to count, and those that count have to be enough."""
    admins_needed = 0 if row.by == "G" else ADMINS
    governors_needed = members.threshold if row.by in ("G", "AG") else 0
    needed = admins_needed + governors_needed
    if len(signers) < needed:
        raise TooFewSignatures(kind=act.kind, given=len(signers), needed=needed)
    admins, houses = 0, list[int]()
    for place, signer in enumerate(signers):
        if signer in signers[:place]:
            raise SignedTwice(signer=signer)
        org, permissions = members.officer(signer, now)
        governs = bool(org) and members.org(org).role is OrgRole.GOVERNOR
        if not permissions & Permission.ADMIN:
            raise NotEntitled(signer=signer)
        if row.by in ("A", "AG") and org == act.org:
            admins += 1
        elif row.by == "P" and (org == act.org or governs) and set(houses) <= {org}:
            admins += 1  # one house stops: the organisation itself, or one governor
            houses.append(org)
        elif row.by in ("G", "AG") and governs and org not in houses:
            houses.append(org)  # a governor has one voice
        else:
            raise NotEntitled(signer=signer)
    governors = len(houses) if governors_needed else 0
    if admins < admins_needed or governors < governors_needed:
        raise TooFewSignatures(kind=act.kind, given=admins + governors, needed=needed)


def _check_admission(members: Members, act: Act) -> None:
    governors = sum(o.role is OrgRole.GOVERNOR for o in members.organisations)
    if act.code == OrgRole.GOVERNOR and governors >= MAX_GOVERNORS:
        raise TooManyGovernors(limit=MAX_GOVERNORS)
    for address in (act.first, act.second):
        _check_free(members, address, act.org)


def _check_free(members: Members, address: str, org: int) -> None:
    owner = members.owners.get(checksum(address), org)
    if owner != org:
        raise AddressTaken(account=checksum(address), org=owner)


def _check_alliance(members: Members, act: Act) -> None:
    without_effect = {
        ActKind.PAUSE: members.alliance_pause,
        ActKind.RESUME: not members.alliance_pause,
        ActKind.NAME_LEDGER: members.successor_ledger(act.first) == checksum(act.second),
    }
    if without_effect[ActKind(act.kind)]:
        raise ActState(kind=act.kind, org=0)


def _check_member(members: Members, org: Organisation, act: Act) -> None:
    if act.kind in (ActKind.ADD_OFFICER, ActKind.ADD_SENDER, ActKind.REPLACE_ADMINS):
        _check_free(members, act.first, org.id)
    if act.kind == ActKind.REPLACE_ADMINS:
        _check_free(members, act.second, org.id)
    raised = act.order_limit_fen > org.order_limit_fen or act.day_limit_fen > org.day_limit_fen
    if act.kind == ActKind.LOWER_LIMITS and raised:
        raise LimitRaised(org=org.id)
    if _without_effect(members, org, act):
        raise ActState(kind=act.kind, org=org.id)
    left = members.governors_active() - 1
    if act.kind == ActKind.SUSPEND and org.role is OrgRole.GOVERNOR and left < members.threshold:
        raise TooFewGovernors(left=left, needed=members.threshold)
    if act.kind in (ActKind.ADD_OFFICER, ActKind.SUSPEND_OFFICER):
        after = org.with_officer(checksum(act.first), act.code)
        if sum(bool(p & Permission.ADMIN) for p in after.officers.values()) < ADMINS:
            raise TooFewAdmins(org=org.id)


def _without_effect(members: Members, org: Organisation, act: Act) -> bool:
    """Whether the act would change nothing, or the organisation's state forbids it."""
    first, second = checksum(act.first), checksum(act.second)
    match act.kind:
        case ActKind.SUSPEND:
            return not org.active
        case ActKind.REINSTATE:
            return org.active
        case ActKind.SET_LIMITS | ActKind.LOWER_LIMITS:
            return (act.order_limit_fen, act.day_limit_fen) == (org.order_limit_fen, org.day_limit_fen)
        case ActKind.REPLACE_ADMINS:
            same = org.handover is None and set(org.admins(0)) == {first, second}
            return same or bool(org.services & {first, second})
        case ActKind.NAME_SUCCESSOR:
            heir = members.org(act.code)
            return org.active or not heir.active or heir.role is not org.role or heir.id == org.successor
        case ActKind.PAUSE:
            return org.own_pause
        case ActKind.RESUME:
            return not org.own_pause
        case ActKind.ADD_OFFICER:
            other_nature = first in org.officers and (first in org.services) is not (act.code == Permission.SERVICE)
            return other_nature or org.officers.get(first) == act.code
        case ActKind.SUSPEND_OFFICER:
            return not org.officers.get(first)
        case ActKind.ADD_SENDER:
            return first in org.senders
        case ActKind.REMOVE_SENDER:
            return first not in org.senders
        case ActKind.REGISTER_KEY:
            return act.code != org.key_version + 1 or act.data == org.public_key
        case ActKind.ADD_FUND_ACCOUNT:
            return org.role is not OrgRole.OFFICE or act.code != org.fund_numbers + 1
        case _:  # REMOVE_FUND_ACCOUNT
            return act.code not in org.fund_accounts
