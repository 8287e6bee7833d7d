# SPDX-License-Identifier: Apache-2.0
"""``debit`` and ``corebank``: where money moves, once an acceptance is final, and where it is given back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.cli.argv import UsageWrong
from node.cli.call import Call, calling
from node.cli.options import CaseArg, CaseArgs, DebitOption, File, Maker, Note, SubmissionOut, read_file
from node.domain.codes import DebitReason, ReverseReason
from node.domain.entries import Action, CaseKey, OrgRole
from node.domain.errors import AllianceError, Conflict, Refused

if TYPE_CHECKING:
    from sqlmodel import Session

    from node.services.bank.debits import Executable
    from node.store.own_work import OwnDraft


def register(app: typer.Typer) -> None:
    """Add the commands."""
    debit = typer.Typer()
    debit.command("execute")(execute)
    debit.command("report")(report)
    debit.command("reverse")(reverse)
    app.add_typer(debit, name="debit")
    corebank = typer.Typer()
    corebank.command("load")(load)
    corebank.command("show")(show)
    app.add_typer(corebank, name="corebank")


def execute(
    context: typer.Context,
    cases: CaseArgs = None,
    despite_doubt: Annotated[bool, typer.Option("--despite-doubt")] = False,
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> int:
    """Debit at the core banking system, at most once an order, and draft each result: the cases named, else all that
    are accepted for good. A dispute or a revocation seen since is a doubt that a person passes over, case by case."""
    from node.services.bank.debits import execute as debit_one

    call = calling(context)
    desk = _bank(call).desk

    def result(wanted: Executable) -> Any:
        return debit_one(call.ctx, desk, wanted, despite_doubt=despite_doubt and cases is not None)

    return _carry_out(call, cases, result, "", maker, submission_file)


def report(
    context: typer.Context,
    case: CaseArg,
    give_up: Annotated[bool, typer.Option("--give-up")] = False,
    posted: Annotated[str, typer.Option("--posted", metavar="YUAN|0")] = "",
    reference: Annotated[str, typer.Option("--reference", metavar="TEXT")] = "",
    reason: Annotated[DebitReason, typer.Option("--reason", metavar="CODE")] = DebitReason.CORE,
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> int:
    """Draft the result of an accepted order without debiting now. --give-up: nothing more is sent, its id is closed at
    the core bank, and what had been posted counts. --posted: what a person did where the node reaches no core bank."""
    from node.domain.money import parse_yuan
    from node.services.bank.debits import by_hand

    call = calling(context)
    if give_up is bool(posted) or (posted and call.node.corebank is not None):
        raise UsageWrong(why="--give-up | --posted YUAN (corebank = none)")
    posted_fen = parse_yuan(posted) if posted.strip("0.") else 0

    def result(wanted: Executable) -> Any:
        if give_up:
            return _bank(call).desk.give_up(wanted.order)
        return by_hand(wanted, posted_fen, reference, reason)

    return _carry_out(call, [case], result, note, maker, submission_file)


def reverse(
    context: typer.Context,
    case: CaseArg,
    reason: Annotated[ReverseReason, typer.Option("--reason", metavar="CODE")],
    debit: DebitOption = "",
    reference: Annotated[str, typer.Option("--reference", metavar="TEXT")] = "",
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Give a debit back, whole: the bank one not settled, at its core system first; the office a settled one."""
    from node.cli.making import write_entries
    from node.cli.office import one_debit
    from node.domain.case import DebitState
    from node.services import cases
    from node.services.drafting import check_final, load_case

    call = calling(context)
    ctx = call.ctx
    with ctx.store.reading() as session:
        key = cases.find(session, case)
        by_office = ctx.org(session).role is OrgRole.OFFICE
        found = one_debit(session, key, debit, DebitState.SETTLED if by_office else DebitState.UNSETTLED)
        check_final(session, found)  # before the core bank is asked: what it gives back stays given back
        taken = load_case(session, key).debit(found)
    if not by_office and taken is not None:
        reference = _core(call).reverse(taken.order.hex()).reference or reference

    def drafting(session: Session) -> OwnDraft:
        return cases.reverse(ctx, session, key, found, reason, reference, note, maker)

    write_entries(call, Action.REVERSE, [drafting], maker, submission_file)


def load(context: typer.Context, file: File) -> None:
    """Load accounts into the simulated core bank from a CSV, Excel or JSON file; a known account is replaced."""
    from node.corebank.accounts import HEADER, accounts_from_json, accounts_from_rows
    from node.sheets.records import read_records

    call = calling(context)
    data = read_file(file)
    if file.suffix.lower() == ".json":
        accounts = accounts_from_json(data)
    else:
        from node.services.office.inquiries import ImportFaulty

        found = read_records(data, HEADER[:3], HEADER[3:])
        if found.faults:
            raise ImportFaulty(faults=len(found.faults), rows=len(found.records))
        accounts = accounts_from_rows(record.values for record in found.records)
    _core(call).books.load(accounts)
    call.terminal.data({"loaded": len(accounts)}, [str(len(accounts))])


def show(context: typer.Context) -> None:
    """Accounts and postings of the simulated core bank, masked, and the account numbers that play an outcome."""
    from node.corebank.reserved import reserved_accounts

    call = calling(context)
    books = _core(call).books
    accounts = [
        {
            "account": a.mask,
            "class": a.account_class,
            "status": a.status,
            "balance_fen": a.balance_fen,
            "frozen_fen": a.frozen_fen,
        }
        for a in books.accounts()
    ]
    postings = [
        {
            "order": p.order_id,
            "account": p.account_mask,
            "posted_fen": p.posted_fen,
            "kept_fen": p.kept_fen,
            "reference": p.reference,
            "day": p.day.isoformat(),
        }
        for p in books.postings()
    ]
    reserved = [
        {"account": r.account, "outcome": r.outcome, "what": r.zh if call.lang == "zh" else r.en}
        for r in reserved_accounts().values()
    ]
    if call.options.json:
        call.terminal.data({"accounts": accounts, "postings": postings, "reserved": reserved})
        return
    call.terminal.table(accounts, ["account", "class", "status", "balance_fen", "frozen_fen"])
    call.terminal.table(postings, ["reference", "day", "account", "posted_fen", "kept_fen", "order"])
    call.terminal.table(reserved, ["account", "outcome", "what"])


def _due(call: Call, cases: list[str] | None) -> dict[CaseKey, Executable | AllianceError]:
    """Accepted orders whose acceptance is final. Raises as ``debits.look`` for one that was named and is not."""
    from node.services.bank.debits import accepted, look
    from node.services.cases import find
    from node.services.drafting import under_way

    with call.store.reading() as session:
        if cases is None:
            found = dict(accepted(call.ctx, session))
            return {key: each for key, each in found.items() if not under_way(session, key, Action.DEBIT)}
        named = [look(call.ctx, session, find(session, prefix)) for prefix in cases]
        return {wanted.key: wanted for wanted in named}


def _carry_out(
    call: Call, cases: list[str] | None, act: Callable[[Executable], Any], note: str, maker: str, submission_file: Any
) -> int:
    """Act on each order with no transaction open, then draft what has come to an end; gives the exit code. Where no
    case is named, one that must wait for a person holds up no other."""
    from node.cli.making import write_each
    from node.corebank.port import DebitResult

    done: dict[CaseKey, DebitResult] = {}
    skipped: dict[CaseKey, AllianceError] = {}
    for key, wanted in _due(call, cases).items():
        try:
            result = wanted if isinstance(wanted, AllianceError) else act(wanted)
        except (Refused, Conflict) as error:
            if cases is not None:
                raise
            result = error
        if isinstance(result, AllianceError):
            skipped[key] = result
        elif isinstance(result, DebitResult):
            done[key] = result
            call.terminal.note("cli.debited", case=key.case_id.hex()[:8], fen=result.posted_fen)
        else:
            call.terminal.note("cli.debit_waits", case=key.case_id.hex()[:8], why=str(result.why))
    drafts = {key: partial(_report, call, key, result, note, maker) for key, result in done.items()}
    return write_each(call, Action.DEBIT, drafts, cases is None, maker, submission_file, skipped)


def _report(call: Call, key: CaseKey, result: Any, note: str, maker: str, session: Session) -> OwnDraft:
    from node.services.bank.debits import report as draft_result

    return draft_result(call.ctx, session, key, result, note, maker)


def _bank(call: Call) -> Any:
    """The node, if it has a core bank. Raises NoCoreBank."""
    from node.services.bank.letters import NoCoreBank

    if call.node.corebank is None:
        raise NoCoreBank()
    return call.node


def _core(call: Call) -> Any:
    return _bank(call).corebank
