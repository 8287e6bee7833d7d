# SPDX-License-Identifier: Apache-2.0
"""Whether a presented chunk is what its signers signed, looked at without the ledger's word for it (PROTOCOL 2.1, 2.2).

The place is judged by the projection, which knows what came before; the outcomes by the reducer. Here: the header, the
wraps, the signatures against the members as of that block, the records, and the tree.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.crypto.merkle import verify_range
from node.crypto.records import RecordsMalformed, unpack_records
from node.crypto.typed import Domain, SignatureMalformed, entry_hash, recover, submission_digest
from node.domain.digest import keccak
from node.domain.entries import ZERO32, Entry, Permission, Presented, SignRole
from node.domain.errors import Broken
from node.domain.members import Members
from node.domain.transitions import table


class ChunkUnproven(Broken):
    """The log holds a chunk that the ledger's own checks exclude. Values: ``what``, ``org``, ``block``, ``place``."""

    code = "chunk_unproven"


@dataclass(frozen=True, slots=True)
class Proven:
    """A chunk that holds, its entries each with its hash, and who signed (``checker`` empty: a service officer)."""

    event: Presented
    entries: tuple[tuple[Entry, bytes], ...]
    maker: str
    checker: str


def prove(event: Presented, members: Members, domain: Domain) -> Proven:
    """Check one chunk; ``members`` as of its position. Raises ChunkUnproven with the first thing that does not hold."""
    submission, chunk = event.submission, event.chunk
    end = chunk.place + chunk.number
    _hold(event, "form", submission.root != ZERO32 and chunk.number > 0 and end <= submission.count)
    _hold(event, "valid_until", event.block.timestamp <= submission.valid_until)
    _hold(event, "wraps", keccak(chunk.wraps) == submission.wraps if chunk.place == 0 else chunk.wraps == b"")
    row = table().action(submission.action)
    _hold(event, "org", 0 < submission.org <= len(members.orgs()) and members.org(submission.org).active)
    _hold(event, "pause", row is None or not row.pausable or not members.paused(submission.org))
    maker, checker = _signers(event, members, domain)
    try:
        entries = unpack_records(chunk.entries, submission.action, submission.org)
    except RecordsMalformed:
        raise _unproven(event, "records") from None
    _hold(event, "records", len(entries) == chunk.number == len(event.outcomes))
    hashes = [entry_hash(submission.ledger, entry) for entry in entries]
    _hold(event, "tree", verify_range(submission.root, submission.count, chunk.place, hashes, chunk.proof))
    return Proven(event, tuple(zip(entries, hashes, strict=True)), maker, checker)


def _signers(event: Presented, members: Members, domain: Domain) -> tuple[str, str]:
    submission, chunk = event.submission, event.chunk
    if chunk.checker == b"":
        row = table().action(submission.action)
        _hold(event, "service", row is not None and row.service)
        return _signer(event, members, domain, SignRole.SERVICE, Permission.SERVICE, chunk.maker), ""
    maker = _signer(event, members, domain, SignRole.MAKER, Permission.MAKER, chunk.maker)
    checker = _signer(event, members, domain, SignRole.CHECKER, Permission.CHECKER, chunk.checker)
    _hold(event, "two_people", maker != checker)
    return maker, checker


def _signer(
    event: Presented, members: Members, domain: Domain, role: SignRole, permission: Permission, signature: bytes
) -> str:
    try:
        signer = recover(submission_digest(domain, event.submission, role), signature)
    except SignatureMalformed:
        raise _unproven(event, f"signature_{role.name.lower()}") from None
    org, permissions = members.officer(signer, event.block.timestamp)
    _hold(event, f"officer_{role.name.lower()}", org == event.submission.org and bool(permissions & permission))
    return signer


def _hold(event: Presented, what: str, holds: bool) -> None:
    if not holds:
        raise _unproven(event, what)


def _unproven(event: Presented, what: str) -> ChunkUnproven:
    return ChunkUnproven(what=what, org=event.submission.org, block=event.block.number, place=event.chunk.place)
