# SPDX-License-Identifier: Apache-2.0
"""A class for each error of the case ledger; ICaseLedger.sol says when each comes."""

from __future__ import annotations

from node.chain.solidity_errors import Reverted
from node.domain.errors import Broken, Conflict, Refused


class NotSender(Reverted, Refused):
    """The transaction came from no sender account of the organisation."""

    code = "reverted_not_sender"
    signature = "NotSender(address,uint16)"
    names = (
        "account",
        "org",
    )


class OrgNotActive(Reverted, Refused):
    """The organisation is suspended or unknown."""

    code = "reverted_org_not_active"
    signature = "OrgNotActive(uint16)"
    names = ("org",)


class SubmissionExpired(Reverted, Refused):
    """``validUntil`` has passed."""

    code = "reverted_submission_expired"
    signature = "SubmissionExpired(uint64,uint256)"
    names = (
        "validUntil",
        "blockTime",
    )


class Paused(Reverted, Refused):
    """The organisation or the whole alliance is paused for ORDER and ACCEPT."""

    code = "reverted_paused"
    signature = "Paused(uint16)"
    names = ("org",)


class BadSignature(Reverted, Refused):
    """A submission's signature is malformed or high-s."""

    code = "reverted_bad_signature"
    signature = "BadSignature(uint8)"
    names = ("role",)


class NotOfficer(Reverted, Refused):
    """The signer may not sign in this role for the organisation."""

    code = "reverted_not_officer"
    signature = "NotOfficer(address,uint16,uint8)"
    names = (
        "signer",
        "org",
        "permission",
    )


class SameSigner(Reverted, Refused):
    """Maker and checker are one address."""

    code = "reverted_same_signer"
    signature = "SameSigner(address)"
    names = ("signer",)


class ServiceMayNot(Reverted, Refused):
    """A service officer may sign only ACKNOWLEDGE, REPLY and DEBIT alone."""

    code = "reverted_service_may_not"
    signature = "ServiceMayNot(uint8)"
    names = ("action",)


class ZeroRoot(Reverted, Broken):
    """The root is zero."""

    code = "reverted_zero_root"
    signature = "ZeroRoot()"


class EmptySubmission(Reverted, Broken):
    """The submission has no entries."""

    code = "reverted_empty_submission"
    signature = "EmptySubmission()"


class EmptyChunk(Reverted, Broken):
    """The chunk has no entries."""

    code = "reverted_empty_chunk"
    signature = "EmptyChunk()"


class OutOfPlace(Reverted, Conflict):
    """The chunk is not the next one of its submission."""

    code = "reverted_out_of_place"
    signature = "OutOfPlace(uint32,uint32)"
    names = (
        "expected",
        "given",
    )


class TooManyEntries(Reverted, Broken):
    """More entries than were signed."""

    code = "reverted_too_many_entries"
    signature = "TooManyEntries(uint32,uint256)"
    names = (
        "signed",
        "presented",
    )


class SumPassed(Reverted, Broken):
    """A larger sum than was signed."""

    code = "reverted_sum_passed"
    signature = "SumPassed(uint64,uint256)"
    names = (
        "signed",
        "presented",
    )


class SumDiffers(Reverted, Broken):
    """The finished submission's sum is not the signed one."""

    code = "reverted_sum_differs"
    signature = "SumDiffers(uint64,uint256)"
    names = (
        "signed",
        "presented",
    )


class BadProof(Reverted, Broken):
    """The entries are not those that were signed."""

    code = "reverted_bad_proof"
    signature = "BadProof(bytes32,bytes32)"
    names = (
        "signed",
        "computed",
    )


class ProofLength(Reverted, Broken):
    """Too few or too many proof hashes."""

    code = "reverted_proof_length"
    signature = "ProofLength(uint256,uint256)"
    names = (
        "needed",
        "given",
    )


class WrapsDiffer(Reverted, Broken):
    """The wrapped keys are not those that were signed."""

    code = "reverted_wraps_differ"
    signature = "WrapsDiffer(bytes32,bytes32)"
    names = (
        "signed",
        "given",
    )


class HeaderDiffers(Reverted, Conflict):
    """The ledger knows this root with another header."""

    code = "reverted_header_differs"
    signature = "HeaderDiffers(bytes32,bytes32)"
    names = (
        "known",
        "given",
    )


class MalformedEntries(Reverted, Broken):
    """The records are cut short."""

    code = "reverted_malformed_entries"
    signature = "MalformedEntries(uint256)"
    names = ("offset",)


class Previewed(Reverted, Refused):
    """Not a failure: how ``preview`` gives its answer."""

    code = "reverted_previewed"
    signature = "Previewed(bytes)"
    names = ("outcomes",)
