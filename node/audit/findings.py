# SPDX-License-Identifier: Apache-2.0
"""What an audit can find wrong with a log. A finding names where it stands, what is there and what should be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node.domain.entries import ZERO32, Position
from node.domain.messages import Lang, say


class Kind(StrEnum):
    """The kinds of findings; each has its sentence ``audit.finding.<kind>`` in both languages."""

    # the chain itself
    BLOCK_MISSING = "block_missing"  # the log starts late, ends early, or leaves out blocks
    PARENT_HASH = "parent_hash"  # a block does not name the one before it
    BLOCK_TIME = "block_time"  # a block is older than its parent
    EVENT_ORDER = "event_order"  # events out of order, twice, or of another block
    # the registry
    FOUNDING = "founding"  # no founding before the first act, a second one, or another registry id
    ACT_NUMBER = "act_number"
    ACT_EXPIRED = "act_expired"
    ACT_SIGNATURE = "act_signature"  # malformed: nobody can be recovered
    ACT_SIGNERS = "act_signers"  # those who signed may not, or are too few
    ACT_STATE = "act_state"  # the act was not possible on the registry as it stood
    # a submission
    LEDGER_ID = "ledger_id"
    HEADER = "header"  # a later chunk tells the submission otherwise than the first
    PLACE = "place"  # not the next place of its submission
    EMPTY = "empty"  # a chunk or a submission without entries, or a root of zero
    COUNT = "count"  # more entries than were signed
    SUM = "sum"  # another sum than was signed
    EXPIRED = "expired"
    WRAPS = "wraps"  # the wrapped keys are not those that were signed
    SIGNATURE = "signature"  # malformed: nobody can be recovered
    OFFICER = "officer"  # the signer is no officer of that organisation with that permission
    SAME_SIGNER = "same_signer"
    SERVICE = "service"  # a service officer signed an action that takes two people
    NOT_ACTIVE = "not_active"
    PAUSED = "paused"
    RECORDS = "records"  # the packed entries cannot be read
    PROOF = "proof"  # the entries are not those of the signed tree at that place
    # what the ledger made of it
    OUTCOME = "outcome"  # the ledger took or refused an entry otherwise than its rules say
    INVARIANT = "invariant"  # a step leaves a state that the money rules exclude
    TAKEN = "taken"  # the global count does not grow by the entries taken
    # the contract's own views, where they can be read
    VIEW_CASE = "view_case"
    VIEW_TOTAL = "view_total"
    VIEW_TAKEN = "view_taken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``org`` 0: no organisation; ``root`` zero and ``place`` None: no submission, no entry.

    ``found`` is what the log says, ``expected`` what the rules say: numbers, hashes, names of rules; no personal data.
    """

    kind: Kind
    position: Position | None
    found: str
    expected: str
    org: int = 0
    root: bytes = ZERO32
    place: int | None = None


def describe(finding: Finding, lang: Lang = "zh") -> str:
    """A finding as a sentence: where it stands, what is there, what should be."""
    at = finding.position
    return say(
        f"audit.finding.{finding.kind}",
        lang,
        block=at.block if at else None,
        org=finding.org or None,
        root=finding.root.hex()[:16] if finding.root != ZERO32 else None,
        place=finding.place,
        found=finding.found,
        expected=finding.expected,
    )


class Notes:
    """The findings on one chunk, in the making."""

    def __init__(self, position: Position, org: int, root: bytes, place: int) -> None:
        self._position, self._org, self._root, self._place = position, org, root, place
        self.findings: list[Finding] = []

    def add(self, kind: Kind, found: object, expected: object, place: int | None = None) -> None:
        """``place``: of the entry, where it is not the whole chunk; bytes are written as hex."""
        at = self._place if place is None else place
        self.findings.append(Finding(kind, self._position, _text(found), _text(expected), self._org, self._root, at))


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
