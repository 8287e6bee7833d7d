# SPDX-License-Identifier: Apache-2.0
"""The auditor's replay: the whole log from the deployment block on, through the one reducer, with no database.

Nothing in the log is believed that can be recomputed. Every fault becomes a finding; the replay never stops at one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from node.audit.blocks import Continuity
from node.audit.findings import Finding, Kind, Notes
from node.audit.registry import Registry
from node.audit.submissions import Examined, Progress, Submissions
from node.audit.totals import Book, Totals, Written
from node.chain.deployment import Deployment
from node.crypto.records import pack_record
from node.domain.case import Case, LedgerIdentity
from node.domain.digest import keccak
from node.domain.entries import Acted, Block, CaseKey, Entry, Founded, LedgerEvent, Position, Presented, Submission
from node.domain.errors import Broken
from node.domain.log import Charge, Folded, fold_chunk
from node.domain.members import Members
from node.domain.organisations import UnknownOrg
from node.domain.ports import Chain
from node.domain.transitions import Rule, table

Log = Iterable[tuple[Block, Sequence[LedgerEvent]]]


@dataclass(frozen=True, slots=True)
class Stood:
    """Where an entry stood in the log. ``entry`` is without its ciphertext; ``sealed_hash`` is keccak of that."""

    position: Position
    block_time: int
    tx_hash: bytes
    root: bytes
    place: int
    entry: Entry
    hash: bytes
    sealed_hash: bytes


@dataclass(frozen=True, slots=True)
class Taken(Stood):
    """An entry that the ledger's rules take; ``seq`` and ``head`` are its case's after it."""

    seq: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Refusal(Stood):
    """An entry that they do not take; ``record_hash``: keccak of its packed bytes."""

    rule: Rule
    record_hash: bytes


@dataclass(frozen=True, slots=True)
class ChunkStood:
    """A chunk: who signed it (addresses; ``checker`` empty where a service officer signed alone), and its outcomes."""

    position: Position
    tx_hash: bytes
    submission: Submission
    place: int
    number: int
    maker: str
    checker: str
    maker_signature: bytes
    checker_signature: bytes
    sum_fen: int  # over its entries, refused ones too
    taken: int
    outcomes: bytes


@dataclass(slots=True)
class CaseStood:
    """A case as the reducer leaves it, with the blocks and block times of its first and latest entry."""

    case: Case
    first_block: int
    last_block: int
    opened_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Replay:
    """What the chain alone proves. ``findings`` empty: every signature, step, head, sum and block holds."""

    findings: tuple[Finding, ...]
    entries: tuple[Taken, ...]
    refusals: tuple[Refusal, ...]
    chunks: tuple[ChunkStood, ...]
    acts: tuple[Founded | Acted, ...]  # the founding and every act, as the log tells them
    cases: dict[CaseKey, CaseStood]
    submissions: dict[tuple[int, bytes], Progress]
    books: dict[int, Book]  # by organisation, see ``totals``
    written: dict[tuple[int, int], Written]  # by (organisation, action), as the ledger counts
    members: Members | None
    taken: int  # the ledger's global count, as recomputed
    blocks: dict[int, Block]  # those with events, and the last
    last: Block | None

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class Replayer:
    """Takes block after block; ``result`` at the end."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._identity = LedgerIdentity(deployment.ledger.id, deployment.ledger.address)
        self._continuity = Continuity(deployment.block)
        self._registry = Registry(deployment)
        self._submissions = Submissions(deployment)
        self._totals = Totals()
        self._findings: list[Finding] = []
        self._entries: list[Taken] = []
        self._refusals: list[Refusal] = []
        self._chunks: list[ChunkStood] = []
        self._acts: list[Founded | Acted] = []
        self._cases: dict[CaseKey, CaseStood] = {}
        self._charges: dict[int, Charge] = {}
        self._counts: tuple[int, ...] = (0,)  # where the global count may go on: one lost event is one finding
        self._blocks: dict[int, Block] = {}

    def follow(self, block: Block, events: Sequence[LedgerEvent]) -> None:
        """Replay the next block, which may be without events."""
        self._findings += self._continuity.check(block, events)
        if events:
            self._blocks[block.number] = block
        for event in events:
            match event:
                case Founded():
                    self._acts.append(event)
                    self._findings += self._registry.found(event)
                case Acted():
                    self._acts.append(event)
                    self._findings += self._registry.carry_out(event)
                case Presented():
                    self._findings += self._present(event)

    def result(self, last: int | None = None) -> Replay:
        """What was proven; ``last``: the block that the log should have reached, where that is known."""
        ended = self._continuity.last
        blocks = self._blocks if ended is None else self._blocks | {ended.number: ended}
        return Replay(
            findings=(*self._findings, *self._continuity.finish(last)),
            entries=tuple(self._entries),
            refusals=tuple(self._refusals),
            chunks=tuple(self._chunks),
            acts=tuple(self._acts),
            cases=self._cases,
            submissions=self._submissions.progress,
            books=self._totals.books,
            written=self._totals.written,
            members=self._registry.members,
            taken=len(self._entries),
            blocks=blocks,
            last=ended,
        )

    def _present(self, event: Presented) -> Sequence[Finding]:
        org, chunk = event.submission.org, event.chunk
        notes = Notes(event.position, org, event.submission.root, chunk.place)
        members = self._registry.members
        if members is None:
            notes.add(Kind.FOUNDING, "-", self._deployment.registry.id)
            return notes.findings
        examined = self._submissions.examine(event, members, notes)
        self._chunks.append(_chunk(event, examined))
        folded = self._fold(event, examined, members, notes)
        if folded is not None:
            self._charges[org] = folded.charge
            self._keep(event, examined, folded)
        self._count(event, folded, notes)
        return notes.findings

    def _fold(self, event: Presented, examined: Examined, members: Members, notes: Notes) -> Folded | None:
        def lookup(key: CaseKey) -> Case | None:
            return self._cases[key].case if key in self._cases else None

        charge = self._charges.get(event.submission.org, Charge())
        signed = replace(event, submission=examined.progress.submission)
        try:
            return fold_chunk(lookup, members, self._identity, signed, examined.entries, charge)
        except UnknownOrg:  # found already: whoever is no member is not active
            return None
        except Broken as error:
            notes.add(Kind.INVARIANT, error, "-")
            return None

    def _keep(self, event: Presented, examined: Examined, folded: Folded) -> None:
        """File every entry as the rules judge it, whatever the ledger's event says of it."""
        number, time = event.block.number, event.block.timestamp
        for index, ((entry, entry_hash), outcome, step) in enumerate(
            zip(examined.entries, folded.outcomes, folded.steps, strict=True)
        ):
            where = (event.position, time, event.tx_hash, event.submission.root, event.chunk.place + index)
            what = (replace(entry, sealed=b""), entry_hash, keccak(entry.sealed))
            if step is None:
                self._refusals.append(Refusal(*where, *what, Rule(outcome), keccak(pack_record(entry))))
                examined.progress.refused += 1
                continue
            self._entries.append(Taken(*where, *what, step.seq, step.head))
            examined.progress.taken += 1
            self._totals.add(entry)
            stood = self._cases.setdefault(entry.key, CaseStood(step, number, number, time, time))
            stood.case, stood.last_block, stood.updated_at = step, number, time

    def _count(self, event: Presented, folded: Folded | None, notes: Notes) -> None:
        """Hold the ledger's word against the rules: one outcome an entry, and the global count."""
        told, judged = event.outcomes, folded.outcomes if folded else b""
        if len(told) != event.chunk.number:
            notes.add(Kind.OUTCOME, f"{len(told)} outcomes", f"{event.chunk.number} outcomes")
        for index, (found, expected) in enumerate(zip(told, judged, strict=False)):
            if found != expected:
                notes.add(Kind.OUTCOME, rule_name(found), rule_name(expected), event.chunk.place + index)
        added = {told.count(0), judged.count(0) if folded else told.count(0)}
        grown = {count + number for count in self._counts for number in added}
        if event.taken in grown:
            self._counts = (event.taken,)
        else:
            notes.add(Kind.TAKEN, event.taken, self._counts[0] + told.count(0))
            self._counts = (self._counts[0] + told.count(0), event.taken)


def replay(log: Log, deployment: Deployment, last: int | None = None) -> Replay:
    """Replay any log of (block, events) that begins at ``deployment.block``; ``last``: where it should end."""
    replayer = Replayer(deployment)
    for block, events in log:
        replayer.follow(block, events)
    return replayer.result(last)


def replay_chain(
    chain: Chain,
    deployment: Deployment,
    last: int | None = None,
    seen: Callable[[Block], None] | None = None,
) -> Replay:
    """Replay a network from the deployment block to ``last`` (None: its newest final block).

    ``seen`` is told of every block, for a progress display. Raises what the chain raises: Refused or Unavailable.
    """
    until = chain.final_number() if last is None else last

    def watched() -> Iterator[tuple[Block, Sequence[LedgerEvent]]]:
        for block, events in chain.events(deployment.block, until):
            if seen is not None:
                seen(block)
            yield block, events

    return replay(watched(), deployment, until)


def rule_name(outcome: int) -> str:
    """An outcome byte in words: TAKEN, a rule's name, or the number where there is no such rule."""
    if outcome == 0:
        return "TAKEN"
    return Rule(outcome).name if outcome in table().rules else str(outcome)


def _chunk(event: Presented, examined: Examined) -> ChunkStood:
    return ChunkStood(
        event.position,
        event.tx_hash,
        examined.progress.submission,
        event.chunk.place,
        event.chunk.number,
        examined.maker,
        examined.checker,
        event.chunk.maker,
        event.chunk.checker,
        sum(entry.amount_fen for entry, _ in examined.entries),
        event.taken,
        event.outcomes,
    )
