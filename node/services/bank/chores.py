# SPDX-License-Identifier: Apache-2.0
"""What a bank's node does by itself when it is woken: acknowledge, and debit what has been accepted for good.

Each chore derives what is due from the rows, so a missed or doubled wake-up changes nothing. A report of a debit waits
for two people, or for the service officer where one stands.
"""

from __future__ import annotations

from sqlmodel import col, select

from node.corebank.desk import DebitDesk, Waiting
from node.corebank.port import DebitResult
from node.domain.entries import Action, CaseKey, Permission, Phase
from node.services.bank.letters import acknowledge
from node.services.bank.orders import Executable, executable, execute, report
from node.services.cases import ours
from node.services.context import Context
from node.services.drafting import under_way
from node.services.submitting import submit_alone
from node.store.own_work import DraftState, OwnDraft


def acknowledge_by_service(ctx: Context, limit: int = 500) -> int:
    """Acknowledge new letters under the service officer's signature; gives how many. Nothing where there is none."""
    if not ctx.service_officer:
        return 0
    with ctx.store.writing() as session:
        service = ctx.signer(session, ctx.service_officer, Permission.SERVICE)
        new = [row for row in ours(ctx, session) if row.phase == Phase.REQUESTED]
        ids = [
            acknowledge(ctx, session, key, ctx.service_officer, automatic=True).id
            for key in (CaseKey(row.office, row.case_id) for row in new)
            if not under_way(session, key, Action.ACKNOWLEDGE)
        ][:limit]
        if ids:
            submit_alone(ctx, session, Action.ACKNOWLEDGE, service, ids)
    return len(ids)


def debit_accepted(ctx: Context, desk: DebitDesk, limit: int = 100) -> list[tuple[Executable, DebitResult | Waiting]]:
    """Debit what is accepted, final and in no doubt, and draft each result. Gives what became of each order."""
    with ctx.store.reading() as session:
        due = [wanted for wanted in executable(ctx, session) if not under_way(session, wanted.key, Action.DEBIT)]
    done: list[tuple[Executable, DebitResult | Waiting]] = []
    for wanted in [w for w in due if not w.doubt][:limit]:
        result = execute(desk, wanted)
        done.append((wanted, result))
        if isinstance(result, DebitResult):
            with ctx.store.writing() as session:
                report(ctx, session, wanted.key, result)
    _report_by_service(ctx)
    return done


def _report_by_service(ctx: Context) -> None:
    if not ctx.service_officer:
        return
    with ctx.store.writing() as session:
        service = ctx.signer(session, ctx.service_officer, Permission.SERVICE)
        waiting = select(OwnDraft.id).where(OwnDraft.action == Action.DEBIT, OwnDraft.state == DraftState.DRAFT)
        ids = list(session.exec(waiting.order_by(col(OwnDraft.id))))
        if ids:
            submit_alone(ctx, session, Action.DEBIT, service, ids)
