# SPDX-License-Identifier: Apache-2.0
"""Is a chunk what two people signed? Everything of a submission that the ledger would have reverted on (docs/wire.md).

``msg.sender`` is not looked at: it gives no authority, and the event does not bear it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from node.audit.findings import Kind, Notes
from node.chain.deployment import Deployment
from node.crypto.merkle import verify_range
from node.crypto.records import RecordsMalformed, unpack_records
from node.crypto.typed import SignatureMalformed, entry_hash, ledger_domain, recover, submission_digest
from node.domain.digest import keccak
from node.domain.entries import ZERO32, Chunk, Entry, Permission, Presented, SignRole, Submission
from node.domain.members import Members
from node.domain.organisations import UnknownOrg
from node.domain.transitions import table


@dataclass(slots=True)
class Progress:
    """How far the ledger has got with a submission, as the log tells it; ``presented_fen`` counts refused ones too."""

    submission: Submission
    first_block: int
    last_block: int
    next_place: int = 0
    taken: int = 0
    refused: int = 0
    presented_fen: int = 0
    wraps: bytes = b""


@dataclass(frozen=True, slots=True)
class Examined:
    """A chunk after its examination: who signed (empty where nobody could be recovered), and its hashed entries."""

    progress: Progress
    maker: str
    checker: str
    entries: tuple[tuple[Entry, bytes], ...]


class Submissions:
    """Examines chunks in the order of the log and keeps the progress of every submission, by (org, root)."""

    def __init__(self, deployment: Deployment) -> None:
        self._ledger_id = deployment.ledger.id
        self._domain = ledger_domain(deployment.chain_id, deployment.ledger.address)
        self.progress: dict[tuple[int, bytes], Progress] = {}

    def examine(self, event: Presented, members: Members, notes: Notes) -> Examined:
        """Every fault of one chunk, with ``members`` as of its position; its places are used up whatever is found."""
        told, chunk = event.submission, event.chunk
        if told.ledger != self._ledger_id:
            notes.add(Kind.LEDGER_ID, told.ledger, self._ledger_id)
            told = replace(told, ledger=self._ledger_id)
        fresh = Progress(told, event.block.number, event.block.number)
        progress = self.progress.setdefault((told.org, told.root), fresh)
        signed = progress.submission  # later chunks are held against what came first
        _header(told, signed, notes)
        _place(chunk, progress, notes)
        if event.block.timestamp > signed.valid_until:
            notes.add(Kind.EXPIRED, event.block.timestamp, f"<= {signed.valid_until}")
        _wraps(chunk, signed, notes)
        maker, checker = self._signers(event, signed, members, notes)
        _standing(signed, members, notes)
        entries = self._entries(chunk, signed, notes)
        _advance(progress, event, entries, notes)
        return Examined(progress, maker, checker, entries)

    def _signers(self, event: Presented, signed: Submission, members: Members, notes: Notes) -> tuple[str, str]:
        chunk, now = event.chunk, event.block.timestamp
        row = table().action(signed.action)
        if not chunk.checker:
            if row is None or not row.service:
                notes.add(Kind.SERVICE, f"action {signed.action}", "MAKER, CHECKER")
            return self._signer(chunk.maker, SignRole.SERVICE, signed, members, now, notes), ""
        maker = self._signer(chunk.maker, SignRole.MAKER, signed, members, now, notes)
        checker = self._signer(chunk.checker, SignRole.CHECKER, signed, members, now, notes)
        if maker and maker == checker:
            notes.add(Kind.SAME_SIGNER, checker, f"!= {maker}")
        return maker, checker

    def _signer(
        self, signature: bytes, role: SignRole, signed: Submission, members: Members, now: int, notes: Notes
    ) -> str:
        try:
            signer = recover(submission_digest(self._domain, signed, role), signature)
        except SignatureMalformed as error:
            notes.add(Kind.SIGNATURE, f"{role.name}: {error.values['part']}", f"{role.name}: r, s, v")
            return ""
        org, _ = members.officer(signer, now)
        # asked of the organisation itself: a suspended one is a finding of its own, not one for every signer
        permissions = members.org(org).permissions(signer, now) if org else 0
        if org != signed.org or not permissions & Permission[role.name]:
            found = f"{signer} of org {org}, permissions {permissions}"
            notes.add(Kind.OFFICER, found, f"{role.name} of org {signed.org}")
        return signer

    def _entries(self, chunk: Chunk, signed: Submission, notes: Notes) -> tuple[tuple[Entry, bytes], ...]:
        try:
            entries = unpack_records(chunk.entries, signed.action, signed.org)
        except RecordsMalformed as error:
            notes.add(Kind.RECORDS, f"offset {error.values['offset']}", f"{chunk.number} records")
            return ()
        if len(entries) != chunk.number:
            notes.add(Kind.RECORDS, f"{len(entries)} records", f"{chunk.number} records")
        hashed = tuple((entry, entry_hash(self._ledger_id, entry)) for entry in entries)
        hashes = [each for _, each in hashed]
        if hashes and not verify_range(signed.root, signed.count, chunk.place, hashes, chunk.proof):
            notes.add(Kind.PROOF, f"{chunk.place} + {len(hashes)} of {signed.count}", signed.root)
        return hashed


def _header(told: Submission, signed: Submission, notes: Notes) -> None:
    if told == signed:
        return
    names = [f.name for f in fields(Submission) if getattr(told, f.name) != getattr(signed, f.name)]
    notes.add(Kind.HEADER, _said(told, names), _said(signed, names))


def _said(submission: Submission, names: list[str]) -> str:
    values = {name: getattr(submission, name) for name in names}
    return ", ".join(f"{name} {v.hex() if isinstance(v, bytes) else v}" for name, v in values.items())


def _place(chunk: Chunk, progress: Progress, notes: Notes) -> None:
    signed = progress.submission
    if signed.root == ZERO32 or signed.count == 0 or chunk.number == 0:
        notes.add(Kind.EMPTY, f"count {signed.count}, number {chunk.number}, root {signed.root.hex()}", "> 0")
    if chunk.place != progress.next_place:
        notes.add(Kind.PLACE, chunk.place, progress.next_place)
    if chunk.place + chunk.number > signed.count:
        notes.add(Kind.COUNT, chunk.place + chunk.number, f"<= {signed.count}")


def _wraps(chunk: Chunk, signed: Submission, notes: Notes) -> None:
    if chunk.place == 0 and keccak(chunk.wraps) != signed.wraps:
        notes.add(Kind.WRAPS, keccak(chunk.wraps), signed.wraps)
    elif chunk.place > 0 and chunk.wraps:
        notes.add(Kind.WRAPS, keccak(chunk.wraps), "-")  # they travel once


def _standing(signed: Submission, members: Members, notes: Notes) -> None:
    try:
        active = members.org(signed.org).active
    except UnknownOrg:
        notes.add(Kind.NOT_ACTIVE, f"org {signed.org}: unknown", "active")
        return
    if not active:
        notes.add(Kind.NOT_ACTIVE, f"org {signed.org}: suspended", "active")
    row = table().action(signed.action)
    if row is not None and row.pausable and members.paused(signed.org):
        notes.add(Kind.PAUSED, row.action.name, "-")


def _advance(progress: Progress, event: Presented, entries: tuple[tuple[Entry, bytes], ...], notes: Notes) -> None:
    chunk, signed = event.chunk, progress.submission
    progress.next_place = chunk.place + chunk.number
    progress.last_block = event.block.number
    if chunk.place == 0:
        progress.wraps = chunk.wraps
    if not entries:  # unreadable: its sum is not known
        return
    progress.presented_fen += sum(entry.amount_fen for entry, _ in entries)
    finished = progress.next_place >= signed.count
    if progress.presented_fen > signed.sum_fen or (finished and progress.presented_fen != signed.sum_fen):
        notes.add(Kind.SUM, progress.presented_fen, signed.sum_fen if finished else f"<= {signed.sum_fen}")
