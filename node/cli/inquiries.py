# SPDX-License-Identifier: Apache-2.0
"""``inquiry``: import a file, submit the letters, list, show, withdraw."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.cli.call import Call, calling
from node.cli.finding import find_inquiries
from node.cli.options import CaseArg, File, Maker, Note, SubmissionOut, read_file, write_file
from node.cli.terminal import FAILED, OK
from node.domain.entries import Action
from node.domain.errors import Refused

if TYPE_CHECKING:
    from node.sheets.fields import Terms
    from node.sheets.rows import Import

DryRun = Annotated[bool, typer.Option("--dry-run")]
Reveal = Annotated[str, typer.Option("--reveal", metavar="REASON")]


class BanksUnknown(Refused):
    """Which banks are in the alliance is not known here yet."""

    code = "banks_unknown"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer()
    group.command("import")(import_file)
    group.command("submit")(submit)
    group.command("list")(listed)
    group.command("show")(show)
    group.command("find")(find_inquiries)
    group.command("withdraw")(withdraw)
    app.add_typer(group, name="inquiry")


def import_file(
    context: typer.Context,
    file: File,
    dry_run: DryRun = False,
    banks: Annotated[list[str] | None, typer.Option("--bank", metavar="NAME")] = None,
    annotated: Annotated[Path | None, typer.Option("--annotated", metavar="FILE")] = None,
) -> int:
    """Check a file and keep its inquiries; of a file with faults nothing is kept."""
    call = calling(context)
    data = read_file(file)
    found = _judge_dry(call, data, banks) if dry_run else _judge(call, data)
    if annotated is not None:
        from node.sheets.annotate import annotate

        write_file(annotated, annotate(data, found.faults, call.lang))
    shown: dict[str, Any] = found.as_json(call.lang)
    if not dry_run and not found.faults:
        shown |= _keep(call, found, data, file)
    call.terminal.data(shown, _lines(call, found))
    return FAILED if found.faults else OK


def submit(
    context: typer.Context,
    inquiries: Annotated[list[str] | None, typer.Argument(metavar="INQUIRY")] = None,
    bank: Annotated[int, typer.Option("--bank", metavar="ORG")] = 0,
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Draft the letters of the inquiries named, else of all that have none, and sign them with --maker.

    With --bank: one inquiry whose case has ended is sent on to the right bank.
    """
    from node.cli.argv import UsageWrong
    from node.cli.making import write_entries
    from node.services.office.inquiries import draft_request, imported, send_on

    call = calling(context)
    ctx = call.ctx
    if bank and (not inquiries or len(inquiries) != 1):
        raise UsageWrong(why="INQUIRY --bank ORG")
    with ctx.store.reading() as session:
        ids = inquiries or imported(session)
    if bank:
        drafts = [partial(send_on, ctx, inquiry=ids[0], bank=bank, made_by=maker)]
    else:
        drafts = [partial(draft_request, ctx, inquiry=inquiry, made_by=maker) for inquiry in ids]
    write_entries(call, Action.REQUEST, drafts, maker, submission_file)


def listed(context: typer.Context) -> None:
    """All inquiries, without anybody's name."""
    from sqlmodel import col, select

    from node.store.own_records import OwnInquiry

    call = calling(context)
    with call.store.reading() as session:
        names = {org.id: org.name for org in call.ctx.members(session).orgs()}
        rows = [
            {
                "id": row.id,
                "row": row.row,
                "state": str(row.state),
                "category": row.category,
                "amount_fen": row.amount_fen,
                "bank": row.recipient,
                "bank_in_words": names.get(row.recipient, str(row.recipient)),
                "case": None if row.case_id is None else row.case_id.hex(),
            }
            for row in session.exec(select(OwnInquiry).order_by(col(OwnInquiry.id)))
        ]
    call.terminal.table(rows, ["id", "row", "state", "category", "amount_fen", "bank", "case"])


def show(
    context: typer.Context,
    inquiry: Annotated[str, typer.Argument(metavar="INQUIRY")],
    reveal: Reveal = "",
) -> None:
    """One inquiry, masked; with --reveal in full, and the access log keeps who looked and why."""
    from node.services.office.inquiries import details, find_inquiry
    from node.services.showing import note_access, shown

    call = calling(context)
    with call.store.reading() as session:
        row = find_inquiry(session, inquiry)
    if reveal:
        note_access(call.ctx, call.who(), "inquiry.show", row.id, reveal)
    values = {
        "id": row.id,
        "state": str(row.state),
        "insurance": row.insurance,
        "category": row.category,
        "region": row.region,
        "amount_fen": row.amount_fen,
        "due_on": row.due_on or None,
        "case": None if row.case_id is None else row.case_id.hex(),
        **shown(details(call.ctx, row), reveal=bool(reveal)),
    }
    call.terminal.data(values, [f"{name}  {value}" for name, value in values.items()])


def withdraw(
    context: typer.Context, case: CaseArg, note: Note = "", maker: Maker = "", submission_file: SubmissionOut = None
) -> None:
    """Take a letter back: closes its case as withdrawn."""
    from node.cli.making import write_entries
    from node.domain.codes import CloseOutcome
    from node.services.cases import find
    from node.services.office.cases import close

    call = calling(context)

    def drafting(session: Any) -> Any:
        return close(call.ctx, session, find(session, case), CloseOutcome.WITHDRAWN, note=note, made_by=maker)

    write_entries(call, Action.CLOSE, [drafting], maker, submission_file)


def _judge(call: Call, data: bytes) -> Import:
    from node.services.office.inquiries import bank_names, earlier
    from node.sheets.fields import Terms
    from node.sheets.inquiries import read_inquiries

    ctx = call.ctx
    with ctx.store.reading() as session:
        terms = Terms(bank_names(ctx, session), ctx.today(), ctx.made_up_ids)
        return read_inquiries(data, terms, earlier=partial(earlier, ctx, session))


def _judge_dry(call: Call, data: bytes, banks: list[str] | None) -> Import:
    """Without a chain, and without asking: earlier imports count only where a passphrase file opens the keys."""
    from node.services.office.inquiries import earlier
    from node.sheets.inquiries import read_inquiries

    terms = _terms(call, banks)
    if not _comparable(call):
        return read_inquiries(data, terms)
    with call.store.reading() as session:
        return read_inquiries(data, terms, earlier=partial(earlier, call.ctx, session))


def _terms(call: Call, banks: list[str] | None) -> Terms:
    """The banks named here, else those read from the chain, else, in demo and test mode, those of the sample.

    Where no node is meant at all, the file is judged as in demo mode. Raises BanksUnknown.
    """
    from datetime import UTC, datetime

    from node.domain.workdays import BEIJING
    from node.sheets.fields import Terms

    production = call.options.home is not None and call.node.settings.mode == "production"
    today = datetime.now(UTC).astimezone(BEIJING).date()
    known = {name: number for number, name in enumerate(banks, start=1)} if banks else _followed(call)
    if not known and not production:
        from node.sheets.samples import BANKS

        known = {name: number for number, name in enumerate(BANKS, start=1)}
        call.terminal.note("cli.sample_banks")
    if not known:
        raise BanksUnknown()
    return Terms(known, today, not production)


def _followed(call: Call) -> dict[str, int]:
    """The banks as this node has read them from the chain; none where it has not begun."""
    from node.domain.entries import OrgRole
    from node.ledger.registry import members_now

    if call.options.home is None or not call.node.has_database:
        return {}
    with call.store.reading() as session:
        members = members_now(session)
    return {o.name: o.id for o in (members.orgs() if members else ()) if o.active and o.role is OrgRole.BANK}


def _comparable(call: Call) -> bool:
    """Whether earlier imports can be compared without asking for a passphrase."""
    if call.options.home is None or not call.node.has_database or call.node.passphrase_path is None:
        return False
    return (call.node.home / call.node.settings.deployment).is_file()


def _keep(call: Call, found: Import, data: bytes, file: Path) -> dict[str, Any]:
    from node.services.office.inquiries import take

    with call.store.writing() as session:
        taken = take(call.ctx, session, found, data, file.name)
    return {"import": taken.import_id, "inquiries": list(taken.inquiries)}


def _lines(call: Call, found: Import) -> list[str]:
    from node.domain.messages import say

    told = [*(fault.as_json(call.lang) for fault in found.faults)]
    lines = [f"{f['row']}  {f['column']}  {f['value']}  {f['message']}" for f in told]
    lines += [
        f"({w['row']}  {w['column']}  {w['value']}  {w['message']})"
        for w in (warning.as_json(call.lang) for warning in found.warnings)
    ]
    counts = {"rows": found.count, "accepted": found.accepted, "faults": len(found.faults), "skipped": found.skipped}
    return [*lines, say("cli.imported", call.lang, **counts)]
