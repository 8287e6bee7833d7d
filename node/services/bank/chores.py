# SPDX-License-Identifier: Apache-2.0
"""What a bank's node does by itself when it is woken: acknowledge, and debit what has been accepted for good.

Each chore derives what is due from the rows, so a missed or doubled wake-up changes nothing. A report of a debit waits
for two people, or for the service officer where one stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlmodel import col, select

from node.corebank.desk import DebitDesk, Waiting
from node.corebank.port import DebitResult
from node.crypto.wraps import MAX_RECIPIENTS
from node.domain.entries import Action, CaseKey, Permission, Phase
from node.domain.errors import AllianceError, Conflict, Refused, Unavailable
from node.services.bank.debits import Executable, accepted, executable, execute, report
from node.services.bank.letters import acknowledge
from node.services.cases import incoming
from node.services.context import Context
from node.services.drafting import load_case, under_way
from node.services.reading import Reader
from node.services.submitting import submit_alone
from node.store.own_work import DraftState, OwnDraft
from node.store.projection import ProjectionCase, ProjectionCursor

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """``count`` letters acknowledged; ``held``: those that do not open, each with the reason, left to a person."""

    count: int = 0
    held: Mapping[CaseKey, AllianceError] = field(default_factory=dict[CaseKey, AllianceError])


def acknowledge_by_service(
    ctx: Context, limit: int = 500, known: MutableMapping[bytes, AllianceError] | None = None
) -> Acknowledged:
    """Acknowledge new letters that open and are final, under the service officer's signature, if there is one.

    ``known``: what came of those that did not open, by their case's head; kept by the caller from round to round, so
    that each is tried once.
    """
    if not ctx.service_officer:
        return Acknowledged()
    opened, closed = _new_letters(ctx, {} if known is None else known)
    if not opened:
        return Acknowledged(0, closed)
    with ctx.store.writing() as session:
        service = ctx.signer(session, ctx.service_officer, Permission.SERVICE)
        due = [key for key in opened if load_case(session, key).phase is Phase.REQUESTED]
        drafts = [
            acknowledge(ctx, session, key, ctx.service_officer, automatic=True)
            for key in _one_submission(due, limit, lambda key: key.office)
            if not under_way(session, key, Action.ACKNOWLEDGE)
        ]
        if drafts:
            submit_alone(ctx, session, Action.ACKNOWLEDGE, service, [draft.id for draft in drafts])
    return Acknowledged(len(drafts), closed)


def debit_accepted(ctx: Context, desk: DebitDesk, limit: int = 100) -> list[tuple[Executable, DebitResult | Waiting]]:
    """Debit what is accepted, final and in no doubt, and draft each result. Gives what became of each order.

    At most ``limit`` come to an end in one call; what waits for the core bank keeps nobody from their turn.
    """
    with ctx.store.reading() as session:
        due = [wanted for wanted in executable(ctx, session) if not under_way(session, wanted.key, Action.DEBIT)]
    done: list[tuple[Executable, DebitResult | Waiting]] = []
    ended = 0
    for wanted in due:
        if wanted.doubt or ended == limit:
            continue
        try:
            result = execute(ctx, desk, wanted)
            if isinstance(result, DebitResult):
                ended += 1
                with ctx.store.writing() as session:
                    report(ctx, session, wanted.key, result, made_by=ctx.service_officer)
        except (Refused, Conflict):  # stopped, reported or moved on meanwhile: the next round looks again
            continue
        done.append((wanted, result))
    _report_by_service(ctx)
    return done


def waiting_for_a_person(ctx: Context) -> dict[CaseKey, str]:
    """Accepted orders that this node does not debit by itself, with the reason: DISPUTE, REVOKE, or an error's code."""
    with ctx.store.reading() as session:
        found = {k: each.code if isinstance(each, AllianceError) else each.doubt for k, each in accepted(ctx, session)}
    return {key: why for key, why in found.items() if why}


def _new_letters(
    ctx: Context, known: MutableMapping[bytes, AllianceError]
) -> tuple[list[CaseKey], dict[CaseKey, AllianceError]]:
    """New letters that open, and why the others do not."""
    opened: list[CaseKey] = []
    closed: dict[CaseKey, AllianceError] = {}
    with ctx.store.reading() as session:
        cursor, case = session.get(ProjectionCursor, 1), ProjectionCase
        final = -1 if cursor is None else cursor.final_number
        reader = Reader(ctx, session)
        for row in incoming(ctx, session, col(case.phase) == Phase.REQUESTED, col(case.last_block) <= final):
            key = CaseKey(row.office, row.case_id)
            if under_way(session, key, Action.ACKNOWLEDGE):
                continue
            found = known.get(row.head) or reader.attempt_latest(key, Action.REQUEST)
            if not isinstance(found, AllianceError):
                opened.append(key)
                continue
            closed[key] = found
            if not isinstance(found, Unavailable):  # a key that is away may be brought back
                known[row.head] = type(found)(**found.values)  # without the frames that it was raised in
    return opened, closed


def _report_by_service(ctx: Context) -> None:
    """Sign what this chore has drafted; a person's own draft waits for two people."""
    if not ctx.service_officer:
        return
    with ctx.store.writing() as session:
        drafted = select(OwnDraft).where(
            OwnDraft.action == Action.DEBIT,
            OwnDraft.state == DraftState.DRAFT,
            OwnDraft.made_by == ctx.service_officer,
        )
        rows = session.exec(drafted.order_by(col(OwnDraft.id))).all()
        ids = [row.id for row in _one_submission(rows, len(rows), lambda row: row.recipient)]
        if ids:
            service = ctx.signer(session, ctx.service_officer, Permission.SERVICE)
            submit_alone(ctx, session, Action.DEBIT, service, ids)


def _one_submission(rows: Sequence[T], limit: int, recipient: Callable[[T], int]) -> Iterable[T]:
    """As many as one submission takes, in order; the others have their turn in the next round."""
    recipients: set[int] = set()
    taken = 0
    for row in rows:
        if len(recipients | {recipient(row)}) <= MAX_RECIPIENTS and taken < limit:
            recipients.add(recipient(row))
            taken += 1
            yield row
