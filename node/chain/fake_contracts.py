# SPDX-License-Identifier: Apache-2.0
"""What both contracts would do with a call, in memory and on frozen values: the state behind ``FakeChain``.

Entries and acts are judged by the domain's own rules; the checks of a whole submission follow CaseLedger.sol's order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from node.chain import ledger_errors as no
from node.crypto.merkle import verify_range
from node.crypto.records import unpack_records
from node.crypto.typed import (
    Domain,
    SignatureMalformed,
    act_digest,
    check_code,
    entry_hash,
    recover,
    submission_digest,
)
from node.domain.acts import check_act
from node.domain.case import Case, LedgerIdentity
from node.domain.digest import keccak
from node.domain.entries import (
    Act,
    Acted,
    Action,
    Block,
    CaseKey,
    Chunk,
    Entry,
    Permission,
    Position,
    Presented,
    SignRole,
    Submission,
)
from node.domain.log import Charge, fold_chunk
from node.domain.members import Members

_SERVICE = (Action.ACKNOWLEDGE, Action.REPLY, Action.DEBIT)
_PAUSED = (Action.ORDER, Action.ACCEPT)


@dataclass(frozen=True, slots=True)
class Contracts:
    """Who the two contracts are: what signatures are bound to."""

    ledger: LedgerIdentity
    ledger_domain: Domain
    registry_domain: Domain


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a submission is: next place, fen presented, check code of its header."""

    next: int
    sum_fen: int
    header: str


@dataclass(frozen=True, slots=True)
class State:
    """Everything on the chain after a block."""

    members: Members
    cases: Mapping[CaseKey, Case] = field(default_factory=dict[CaseKey, Case])
    progress: Mapping[tuple[int, bytes], Progress] = field(default_factory=dict[tuple[int, bytes], Progress])
    charges: Mapping[int, Charge] = field(default_factory=dict[int, Charge])
    nonces: Mapping[str, int] = field(default_factory=dict[str, int])
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is executed."""

    sender: str
    position: Position
    block: Block
    tx_hash: bytes


def carry_act(
    state: State, contracts: Contracts, at: Place, act: Act, signatures: Sequence[bytes]
) -> tuple[State, Acted]:
    """Raises the domain's error of the registry's name where the registry would revert."""
    digest = act_digest(contracts.registry_domain, state.members.registry, act)
    signers = [recover(digest, signature) for signature in signatures]
    check_act(state.members, act, signers, at.block.timestamp)
    members = state.members.apply(act, at.block.timestamp)
    return replace(state, members=members), Acted(at.position, at.block, at.tx_hash, act, tuple(signatures))


def present(state: State, contracts: Contracts, at: Place, s: Submission, c: Chunk) -> tuple[State, Presented]:
    """Raises the error of ``node.chain.ledger_errors`` with which the ledger would revert."""
    _check_form(s, c, at.block.timestamp)
    _check_writer(state, at, s)
    _check_approval(state, contracts, at, s, c)
    progress = _check_place(state, s, c)
    given = keccak(c.wraps)
    if (given != s.wraps) if c.place == 0 else bool(c.wraps):
        raise no.WrapsDiffer(signed="0x" + s.wraps.hex(), given="0x" + given.hex())
    entries = unpack_records(c.entries, s.action, s.org)
    hashed = [(entry, entry_hash(contracts.ledger.id, entry)) for entry in entries]
    if len(entries) != c.number or not verify_range(s.root, s.count, c.place, [h for _, h in hashed], c.proof):
        raise no.BadProof(signed="0x" + s.root.hex(), computed=None)
    sum_fen = _check_sum(s, c, progress.sum_fen, entries)
    event = Presented(at.position, at.block, at.tx_hash, s, c, 0, b"")
    folded = fold_chunk(
        state.cases.get, state.members, contracts.ledger, event, hashed, state.charges.get(s.org, Charge())
    )
    taken = state.taken + folded.outcomes.count(0)
    after = replace(
        state,
        cases={**state.cases, **folded.cases},
        progress={**state.progress, (s.org, s.root): Progress(c.place + c.number, sum_fen, progress.header)},
        charges={**state.charges, s.org: folded.charge},
        taken=taken,
    )
    return after, replace(event, taken=taken, outcomes=folded.outcomes)


def judge(state: State, contracts: Contracts, at: Place, org: int, action: int, entries: bytes) -> bytes:
    """The ledger's read-only check: one outcome byte an entry."""
    hashed = [(e, entry_hash(contracts.ledger.id, e)) for e in unpack_records(entries, action, org)]
    submission = Submission(contracts.ledger.id, org, action, keccak(entries), len(hashed), 0, keccak(b""), 0)
    chunk = Chunk(0, len(hashed), b"", b"", (), b"", entries)
    event = Presented(at.position, at.block, at.tx_hash, submission, chunk, 0, b"")
    charge = state.charges.get(org, Charge())
    return fold_chunk(state.cases.get, state.members, contracts.ledger, event, hashed, charge).outcomes


def _check_form(s: Submission, c: Chunk, now: int) -> None:
    if s.root == bytes(32):
        raise no.ZeroRoot
    if s.count == 0:
        raise no.EmptySubmission
    if c.number == 0:
        raise no.EmptyChunk
    if now > s.valid_until:
        raise no.SubmissionExpired(validUntil=s.valid_until, blockTime=now)


def _check_writer(state: State, at: Place, s: Submission) -> None:
    if not state.members.is_sender(at.sender, s.org, at.block.timestamp):
        raise no.NotSender(account=at.sender, org=s.org)
    if not state.members.org(s.org).active:
        raise no.OrgNotActive(org=s.org)
    if state.members.paused(s.org) and s.action in _PAUSED:
        raise no.Paused(org=s.org)


def _check_approval(state: State, contracts: Contracts, at: Place, s: Submission, c: Chunk) -> None:
    if not c.checker:
        if s.action not in _SERVICE:
            raise no.ServiceMayNot(action=s.action)
        _signer(state, contracts, at, s, c.maker, SignRole.SERVICE, Permission.SERVICE)
        return
    maker = _signer(state, contracts, at, s, c.maker, SignRole.MAKER, Permission.MAKER)
    checker = _signer(state, contracts, at, s, c.checker, SignRole.CHECKER, Permission.CHECKER)
    if maker == checker:
        raise no.SameSigner(signer=maker)


def _signer(
    state: State,
    contracts: Contracts,
    at: Place,
    s: Submission,
    signature: bytes,
    role: SignRole,
    permission: Permission,
) -> str:
    try:
        signer = recover(submission_digest(contracts.ledger_domain, s, role), signature)
    except SignatureMalformed:
        raise no.BadSignature(role=int(role)) from None
    org, permissions = state.members.officer(signer, at.block.timestamp)
    if org != s.org or not permissions & permission:
        raise no.NotOfficer(signer=signer, org=s.org, permission=int(permission))
    return signer


def _check_place(state: State, s: Submission, c: Chunk) -> Progress:
    header = check_code(s)
    progress = state.progress.get((s.org, s.root), Progress(0, 0, header))
    if progress.header != header:
        raise no.HeaderDiffers(known=progress.header, given=header)
    if c.place != progress.next:
        raise no.OutOfPlace(expected=progress.next, given=c.place)
    if c.place + c.number > s.count:
        raise no.TooManyEntries(signed=s.count, presented=c.place + c.number)
    return progress


def _check_sum(s: Submission, c: Chunk, before: int, entries: Sequence[Entry]) -> int:
    total = before + sum(e.amount_fen for e in entries)
    if total > s.sum_fen:
        raise no.SumPassed(signed=s.sum_fen, presented=total)
    if c.place + c.number == s.count and total != s.sum_fen:
        raise no.SumDiffers(signed=s.sum_fen, presented=total)
    return total
