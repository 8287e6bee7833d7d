# SPDX-License-Identifier: Apache-2.0
"""Why something cannot go out now, by the names of the contracts' errors, and what follows from each.

What the projection shows is asked before anything is sent; what a mined but reverted transaction says is asked after.
"""

from __future__ import annotations

from enum import StrEnum

from node.crypto.typed import address_bytes
from node.domain.entries import Act, Permission, Submission
from node.domain.members import Members
from node.domain.transitions import table


class Then(StrEnum):
    """What follows from an obstacle."""

    WAIT = "wait"  # it may pass: nothing is sent meanwhile, nothing is lost
    END = "end"  # it never passes: the rest is to be approved anew
    LOOK = "look"  # the world moved on: look at the projection again, and build anew
    UNKNOWN = "unknown"  # neither success nor final: try again, ever more slowly, and show it


_WAIT = ("Paused", "NotSender", "OrgNotActive")
_SEEN_END = ("SubmissionExpired", "NotOfficer", "ActExpired")
_LOOK = ("OutOfPlace", "ActNumber")
_END = (
    "BadSignature",
    "SameSigner",
    "ServiceMayNot",
    "ZeroRoot",
    "EmptySubmission",
    "EmptyChunk",
    "TooManyEntries",
    "SumPassed",
    "SumDiffers",
    "BadProof",
    "ProofLength",
    "WrapsDiffer",
    "HeaderDiffers",
    "MalformedEntries",
    "UnknownOrg",
    "UnknownKind",
    "ActFields",
    "ActState",
    "SignedTwice",
    "NotEntitled",
    "TooFewSignatures",
    "TooFewGovernors",
    "TooFewAdmins",
    "AddressTaken",
    "LimitRaised",
    "TooManyGovernors",
)


def name_of(reason: str) -> str:
    """``NotSender(0x…, 3)`` -> ``NotSender``."""
    return reason.partition("(")[0]


def then(reason: str) -> Then:
    """What follows when this was seen in the projection."""
    name = name_of(reason)
    if name in _WAIT:
        return Then.WAIT
    if name in _SEEN_END or name in _END:
        return Then.END
    return Then.LOOK if name in _LOOK else Then.UNKNOWN


def then_reverted(reason: str) -> Then:
    """What follows when a transaction reverted with this: what the projection shows as well is left to it."""
    seen = name_of(reason) in _WAIT or name_of(reason) in _SEEN_END
    return Then.LOOK if seen else then(reason)


def of_submission(
    members: Members, submission: Submission, signers: tuple[str, str], sender: str, block_time: int
) -> str | None:
    """What stands in the way of a submission as of the projection; ``signers``: maker and checker (or empty)."""
    org = submission.org
    if block_time > submission.valid_until:
        return "SubmissionExpired"
    maker, checker = signers
    wanted = ((maker, Permission.MAKER), (checker, Permission.CHECKER)) if checker else ((maker, Permission.SERVICE),)
    if not members.org(org).active:
        return "OrgNotActive"
    for address, permission in wanted:
        of, permissions = members.officer(address, block_time)
        if of != org or not permissions & permission:
            return "NotOfficer"
    if not members.is_sender(sender, org, block_time):
        return "NotSender"
    row = table().action(submission.action)
    return "Paused" if row is not None and row.pausable and members.paused(org) else None


def of_act(members: Members, act: Act, block_time: int) -> str | None:
    """What stands in the way of an act as of the projection."""
    if block_time > act.valid_until:
        return "ActExpired"
    if act.org > len(members.orgs()) + 1:
        return "ActNumber"
    return None if members.next_number(act.org) == act.number else "ActNumber"


def same_act(one: Act, other: Act) -> bool:
    """Whether two acts say the same, whatever the letter case of their addresses."""
    return _plain(one) == _plain(other)


def _plain(act: Act) -> tuple[object, ...]:
    limits = (act.order_limit_fen, act.day_limit_fen)
    addresses = (address_bytes(act.first), address_bytes(act.second))
    return act.kind, act.org, act.number, addresses, act.code, limits, act.data, act.valid_until
