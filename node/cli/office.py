# SPDX-License-Identifier: Apache-2.0
"""The office after the reply: ``consent``, its part of ``order``, ``settle``; and the bank's part of ``order``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.cli.call import Call, calling
from node.cli.choosing import choose, evidence_digests
from node.cli.options import (
    All,
    CaseArg,
    CaseArgs,
    DebitOption,
    Evidence,
    Maker,
    Note,
    SubmissionOut,
    day,
    moment,
)
from node.domain.codes import CancelReason, Capacity, DebitReason, RevokeReason
from node.domain.entries import Action, CaseKey
from node.domain.errors import Refused

if TYPE_CHECKING:
    from sqlmodel import Session

    from node.store.own_work import OwnDraft
    from node.store.projection import ProjectionCase

Amount = Annotated[str, typer.Option("--amount", metavar="YUAN")]


class NoSuchDebit(Refused):
    """The case has no single debit that fits: name it with --debit. Values: ``case``, ``count``."""

    code = "no_such_debit"


class NoFundAccount(Refused):
    """This office has none or several fund accounts: name one. Values: ``count``."""

    code = "no_fund_account"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    consent = typer.Typer()
    consent.command("record")(record)
    consent.command("revoke")(revoke)
    app.add_typer(consent, name="consent")
    order = typer.Typer()
    order.command("place")(place)
    order.command("cancel")(cancel)
    order.command("accept")(accept)
    order.command("refuse")(refuse)
    app.add_typer(order, name="order")
    app.command("settle")(settle)


def record(
    context: typer.Context,
    case: CaseArg,
    number: Annotated[str, typer.Option("--number", metavar="TEXT")],
    valid_until: Annotated[str, typer.Option("--valid-until", metavar="YYYY-MM-DD")],
    signed_at: Annotated[str, typer.Option("--signed-at", metavar="TIME")],
    evidence: Evidence = None,
    amount: Amount = "",
    capacity: Annotated[Capacity, typer.Option("--capacity", metavar="CODE")] = Capacity.PAYEE,
    paper: Annotated[Path | None, typer.Option("--paper", metavar="FILE")] = None,
    in_parts: Annotated[bool, typer.Option("--in-parts")] = False,
    claim: Annotated[str, typer.Option("--claim", metavar="YUAN")] = "",
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Record an agreement with its scans. Who signs, where it is not the payee, stands in --paper: people's names and
    numbers do not belong on a command line."""
    from node.cli.papers import read_signer
    from node.domain.money import parse_yuan
    from node.services.cases import find
    from node.services.office import cases as office
    from node.services.office.inquiries import outstanding_fen

    call = calling(context)
    ends, signed = day(valid_until, "--valid-until"), moment(signed_at, "--signed-at")

    def drafting(session: Session) -> OwnDraft:
        key = find(session, case)
        signer = read_signer(call, session, key, capacity, paper)
        agreement = office.Agreement(
            number=number,
            signer_name=signer.name,
            signer_id=signer.id_number,
            capacity=capacity,
            cap_fen=parse_yuan(amount) if amount else outstanding_fen(session, key),
            in_parts=in_parts,
            valid_until=ends,
            signed_at=signed,
            evidence=evidence_digests(call, session, evidence, key),
            relation=signer.relation,
            note=note,
        )
        return office.consent(call.ctx, session, key, agreement, parse_yuan(claim) if claim else None, maker)

    _write(call, Action.CONSENT, [drafting], maker, submission_file)


def revoke(
    context: typer.Context,
    case: CaseArg,
    reason: Annotated[RevokeReason, typer.Option("--reason", metavar="CODE")],
    evidence: Evidence = None,
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Record that the standing consent is withdrawn."""
    from node.services.cases import find
    from node.services.office import cases as office

    call = calling(context)

    def drafting(session: Session) -> OwnDraft:
        key = find(session, case)
        scans = evidence_digests(call, session, evidence, key)
        return office.revoke(call.ctx, session, key, reason, scans, note, maker)

    _write(call, Action.REVOKE, [drafting], maker, submission_file)


def place(
    context: typer.Context,
    cases: CaseArgs = None,
    every: All = False,
    amount: Amount = "",
    fund_account: Annotated[int, typer.Option("--fund-account", metavar="N", min=0)] = 0,
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> int:
    """Ask the bank to debit: what is left of the consent, or --amount of it."""
    from node.domain.money import parse_yuan
    from node.services.drafting import load_case
    from node.services.office import cases as office

    call = calling(context)

    def drafting(session: Session, key: CaseKey) -> OwnDraft:
        case = load_case(session, key)
        consent = case.consent(case.standing)
        wanted = parse_yuan(amount) if amount else min(consent.left_fen if consent else 0, case.left_fen)
        account = fund_account or _fund_account(call, session)
        return office.order(call.ctx, session, key, wanted, account, note, maker)

    return _each(call, Action.ORDER, cases, every, _orderable, drafting, maker, submission_file)


def cancel(
    context: typer.Context,
    case: CaseArg,
    reason: Annotated[CancelReason, typer.Option("--reason", metavar="CODE")],
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Take an order back that the bank has not accepted."""
    from node.services.office import cases as office

    call = calling(context)

    def drafting(session: Session, key: CaseKey) -> OwnDraft:
        return office.cancel(call.ctx, session, key, reason, note, maker)

    _each(call, Action.CANCEL, [case], False, _orderable, drafting, maker, submission_file)


def accept(
    context: typer.Context,
    cases: CaseArgs = None,
    every: All = False,
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> int:
    """Accept orders, each with this bank's own copy of the consent."""
    from node.services.bank import orders

    call = calling(context)

    def drafting(session: Session, key: CaseKey) -> OwnDraft:
        return orders.accept(call.ctx, session, key, maker)

    return _each(call, Action.ACCEPT, cases, every, _acceptable, drafting, maker, submission_file)


def refuse(
    context: typer.Context,
    case: CaseArg,
    reason: Annotated[DebitReason, typer.Option("--reason", metavar="CODE")],
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Refuse an order before it is accepted."""
    from node.services.bank import orders

    call = calling(context)

    def drafting(session: Session, key: CaseKey) -> OwnDraft:
        return orders.refuse(call.ctx, session, key, reason, note, maker)

    _each(call, Action.DEBIT, [case], False, _acceptable, drafting, maker, submission_file)


def settle(
    context: typer.Context,
    case: CaseArg,
    statement: Annotated[str, typer.Option("--statement", metavar="TEXT")],
    received_on: Annotated[str, typer.Option("--received-on", metavar="YYYY-MM-DD")] = "",
    debit: DebitOption = "",
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Confirm that a debit's money stands on the fund account."""
    from node.domain.case import DebitState
    from node.services.office import cases as office

    call = calling(context)
    arrived = day(received_on, "--received-on") if received_on else call.ctx.today()

    def drafting(session: Session, key: CaseKey) -> OwnDraft:
        found = one_debit(session, key, debit, DebitState.UNSETTLED)
        return office.settle(call.ctx, session, key, found, statement, arrived, note, maker)

    _each(call, Action.SETTLE, [case], False, _orderable, drafting, maker, submission_file)


def one_debit(session: Session, key: CaseKey, prefix: str, state: Any) -> bytes:
    """The debit named, else the only one in that state. Raises NoSuchDebit."""
    from node.services.drafting import load_case, short

    wanted = prefix.lower().removeprefix("0x")
    found = [d.hash for d in load_case(session, key).debits if d.state is state and d.hash.hex().startswith(wanted)]
    if len(found) != 1:
        raise NoSuchDebit(case=short(key.case_id), count=len(found))
    return found[0]


def _fund_account(call: Call, session: Session) -> int:
    accounts = list(call.ctx.org(session).fund_accounts)
    if len(accounts) != 1:
        raise NoFundAccount(count=len(accounts))
    return accounts[0]


def _orderable(row: ProjectionCase) -> bool:
    return row.consent is not None and row.open_order is None


def _acceptable(row: ProjectionCase) -> bool:
    return row.open_order is not None and not row.accepted


def _each(
    call: Call,
    action: Action,
    named: list[str] | None,
    every: bool,
    due: Callable[[ProjectionCase], bool],
    drafting: Callable[[Session, CaseKey], OwnDraft],
    maker: str,
    submission_file: Path | None,
) -> int:
    from node.cli.making import write_each

    with call.store.reading() as session:
        keys = choose(call, session, named, every, action, due)
    drafts = {key: _on(drafting, key) for key in keys}
    return write_each(call, action, drafts, every and not named, maker, submission_file)


def _on(drafting: Callable[[Session, CaseKey], OwnDraft], key: CaseKey) -> Callable[[Session], OwnDraft]:
    return lambda session: drafting(session, key)


def _write(call: Call, action: Action, drafts: list[Any], maker: str, submission_file: Path | None) -> None:
    from node.cli.making import write_entries

    write_entries(call, action, drafts, maker, submission_file)
