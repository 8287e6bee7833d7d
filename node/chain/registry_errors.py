# SPDX-License-Identifier: Apache-2.0
"""A class for each error of the membership registry; IMembershipRegistry.sol says when each comes."""

from __future__ import annotations

from node.chain.solidity_errors import Reverted
from node.domain.errors import Conflict, Refused


class UnknownOrg(Reverted, Refused):
    """No such organisation."""

    code = "reverted_unknown_org"
    signature = "UnknownOrg(uint16)"
    names = ("org",)


class UnknownKind(Reverted, Refused):
    """No such kind of act."""

    code = "reverted_unknown_kind"
    signature = "UnknownKind(uint8)"
    names = ("kind",)


class ActExpired(Reverted, Refused):
    """The act's ``validUntil`` has passed."""

    code = "reverted_act_expired"
    signature = "ActExpired(uint64,uint256)"
    names = (
        "validUntil",
        "blockTime",
    )


class ActNumber(Reverted, Conflict):
    """Acts of an organisation are taken in number order, once."""

    code = "reverted_act_number"
    signature = "ActNumber(uint64,uint64)"
    names = (
        "expected",
        "given",
    )


class ActFields(Reverted, Refused):
    """A field is set that this kind of act does not use, or one is missing."""

    code = "reverted_act_fields"
    signature = "ActFields(uint8)"
    names = ("kind",)


class ActState(Reverted, Refused):
    """The act would change nothing, or the organisation's state forbids it."""

    code = "reverted_act_state"
    signature = "ActState(uint8,uint16)"
    names = (
        "kind",
        "org",
    )


class BadActSignature(Reverted, Refused):
    """An act's signature is malformed or high-s."""

    code = "reverted_bad_act_signature"
    signature = "BadSignature(uint256)"
    names = ("index",)


class SignedTwice(Reverted, Refused):
    """One address signed twice."""

    code = "reverted_signed_twice"
    signature = "SignedTwice(address)"
    names = ("signer",)


class NotEntitled(Reverted, Refused):
    """The signer's signature does not count for this act."""

    code = "reverted_not_entitled"
    signature = "NotEntitled(address)"
    names = ("signer",)


class TooFewSignatures(Reverted, Refused):
    """The act needs more signatures."""

    code = "reverted_too_few_signatures"
    signature = "TooFewSignatures(uint8,uint256,uint256)"
    names = (
        "kind",
        "given",
        "needed",
    )


class TooFewGovernors(Reverted, Refused):
    """The act would leave fewer active governors than M."""

    code = "reverted_too_few_governors"
    signature = "TooFewGovernors(uint256,uint256)"
    names = (
        "left",
        "needed",
    )


class TooFewAdmins(Reverted, Refused):
    """The act would leave the organisation with fewer than two ADMINs."""

    code = "reverted_too_few_admins"
    signature = "TooFewAdmins(uint16)"
    names = ("org",)


class AddressTaken(Reverted, Refused):
    """An address belongs to one organisation, for ever."""

    code = "reverted_address_taken"
    signature = "AddressTaken(address,uint16)"
    names = (
        "account",
        "org",
    )


class LimitRaised(Reverted, Refused):
    """An organisation lowers its limits itself; raising takes the governors."""

    code = "reverted_limit_raised"
    signature = "LimitRaised(uint16)"
    names = ("org",)


class TooManyGovernors(Reverted, Refused):
    """More founding governors than the registry allows."""

    code = "reverted_too_many_governors"
    signature = "TooManyGovernors(uint256)"
    names = ("limit",)
