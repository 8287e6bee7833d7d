# SPDX-License-Identifier: Apache-2.0
"""From one chunk of the log to changed cases: the step that follower, rebuild and auditor share.

The fold judges every entry by itself and says what it found; whoever calls compares that with the outcomes that the
ledger recorded. Presented chunks of one block are folded in the order of their positions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from node.domain.case import Case, LedgerIdentity, apply
from node.domain.entries import Action, CaseKey, Entry, Presented
from node.domain.errors import Broken
from node.domain.invariants import check_step
from node.domain.members import Members
from node.domain.rules import judge
from node.domain.transitions import Rule
from node.domain.workdays import beijing_day

CHARGED = (Action.ORDER, Action.ACCEPT)  # what counts against the day's limit


class OutcomesDiffer(Broken):
    """The ledger recorded other outcomes than its rules give: another contract, altered data, or our bug."""

    code = "outcomes_differ"


@dataclass(frozen=True, slots=True)
class Charge:
    """What an organisation has ordered (a bank: accepted) on one Beijing day, in fen."""

    day: int = 0
    fen: int = 0

    def on(self, day: int) -> Charge:
        """The charge as it counts on ``day``: nothing yet, where it is of another."""
        return self if self.day == day else Charge(day)

    def plus(self, amount_fen: int) -> Charge:
        return Charge(self.day, self.fen + amount_fen)


@dataclass(frozen=True, slots=True)
class Folded:
    """What a chunk did. ``outcomes``: one byte an entry, 0 taken, else the rule; ``cases``: those that changed, as they
    stand after the chunk; ``steps``: the case after each entry, None where it was refused."""

    outcomes: bytes
    cases: dict[CaseKey, Case]
    steps: tuple[Case | None, ...]
    charge: Charge


def fold_chunk(
    lookup: Callable[[CaseKey], Case | None],
    members: Members,
    ledger: LedgerIdentity,
    event: Presented,
    entries: Sequence[tuple[Entry, bytes]],
    charge: Charge,
) -> Folded:
    """Judge and apply the entries of one presented chunk, in order.

    ``lookup`` gives a case as it stood before the chunk, ``members`` the registry as of the event's position,
    ``entries`` each entry with its hash, ``charge`` what the writing organisation was last charged.
    Raises InvariantBroken where a step breaks a money invariant.
    """
    org, block_time = event.submission.org, event.block.timestamp
    day = beijing_day(block_time)
    facts = members.facts(org, block_time, charge.on(day).fen, ledger)
    cases: dict[CaseKey, Case] = {}
    steps: list[Case | None] = []
    outcomes = bytearray()
    for entry, entry_hash in entries:
        before = cases[entry.key] if entry.key in cases else lookup(entry.key)
        rule: Rule | None = judge(before, entry, entry_hash, facts)
        outcomes.append(rule or 0)
        if rule is not None:
            steps.append(None)
            continue
        after = apply(before, entry, entry_hash, facts)
        check_step(before, entry, after)
        cases[entry.key] = after
        steps.append(after)
        if entry.action in CHARGED:
            charge = charge.on(day).plus(entry.amount_fen)
            facts = replace(facts, charged_fen=charge.fen)
    return Folded(bytes(outcomes), cases, tuple(steps), charge)


def check_outcomes(event: Presented, folded: Folded) -> None:
    """Raises OutcomesDiffer at the first entry where the ledger recorded another outcome than the rules give."""
    if event.outcomes == folded.outcomes:
        return
    pairs = list(zip(event.outcomes, folded.outcomes, strict=False))
    at = next((i for i, (recorded, found) in enumerate(pairs) if recorded != found), len(pairs))
    raise OutcomesDiffer(
        block=event.position.block,
        org=event.submission.org,
        place=event.chunk.place + at,
        recorded=event.outcomes[at] if at < len(event.outcomes) else None,
        found=folded.outcomes[at] if at < len(folded.outcomes) else None,
    )
