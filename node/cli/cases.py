# SPDX-License-Identifier: Apache-2.0
"""``case`` and ``dispute``: where a case stands and what was said in it, its objections, its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.cli.call import Call, calling
from node.cli.finding import find_cases
from node.cli.options import CaseArg, Maker, Note, SubmissionOut, read_file
from node.domain.codes import CloseOutcome, DisputeReason, ResolveOutcome
from node.domain.entries import Action, Phase

if TYPE_CHECKING:
    from sqlmodel import Session

    from node.domain.errors import AllianceError
    from node.domain.payloads import Payload
    from node.store.own_work import OwnDraft
    from node.store.projection import ProjectionCase, ProjectionEntry


def register(app: typer.Typer) -> None:
    """Add the commands."""
    dispute = typer.Typer()
    dispute.command("raise")(raise_one)
    dispute.command("resolve")(resolve)
    app.add_typer(dispute, name="dispute")
    case = typer.Typer()
    case.command("list")(listed)
    case.command("show")(show)
    case.command("find")(find_cases)
    case.command("close")(close)
    app.add_typer(case, name="case")


def raise_one(
    context: typer.Context,
    case: CaseArg,
    reason: Annotated[DisputeReason, typer.Option("--reason", metavar="CODE")],
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Raise an objection: from then on nothing is ordered or accepted."""
    from node.services import cases

    call = calling(context)

    def drafting(session: Session) -> OwnDraft:
        return cases.dispute(call.ctx, session, cases.find(session, case), reason, note, maker)

    _write(call, Action.DISPUTE, drafting, maker, submission_file)


def resolve(
    context: typer.Context,
    case: CaseArg,
    outcome: Annotated[ResolveOutcome, typer.Option("--outcome", metavar="CODE")],
    decision: Annotated[Path | None, typer.Option("--decision", metavar="FILE")] = None,
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """End an objection of ours; a decision goes in by the digest of its file."""
    import hashlib

    from node.services import cases

    call = calling(context)
    digest = None if decision is None else hashlib.sha256(read_file(decision)).hexdigest()

    def drafting(session: Session) -> OwnDraft:
        return cases.resolve(call.ctx, session, cases.find(session, case), outcome, note, digest, maker)

    _write(call, Action.RESOLVE, drafting, maker, submission_file)


def close(
    context: typer.Context,
    case: CaseArg,
    outcome: Annotated[CloseOutcome, typer.Option("--outcome", metavar="CODE")],
    next_case: Annotated[str, typer.Option("--next", metavar="CASE")] = "",
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """End a case."""
    from node.services.cases import find
    from node.services.office import cases as office

    call = calling(context)

    def drafting(session: Session) -> OwnDraft:
        following = find(session, next_case).case_id if next_case else None
        return office.close(call.ctx, session, find(session, case), outcome, following, note, maker)

    _write(call, Action.CLOSE, drafting, maker, submission_file)


def listed(context: typer.Context) -> None:
    """Our cases, nearest deadline first; needs no passphrase and no chain."""
    from node.services.cases import ours

    call = calling(context)
    with call.store.reading() as session:
        names = {org.id: org.name for org in call.ctx.members(session).orgs()}
        rows = [
            _row(call, row) | {"recipient_in_words": names.get(row.recipient, str(row.recipient))}
            for row in ours(call.ctx, session)
        ]
    columns = ["case", "phase", "recipient", "due", "claim_fen", "open_fen", "net_fen", "unsettled_fen"]
    call.terminal.table(rows, columns)
    if any(row["due_flagged"] for row in rows):
        call.terminal.note("cli.due_flagged")


def show(
    context: typer.Context,
    case: CaseArg,
    reveal: Annotated[str, typer.Option("--reveal", metavar="REASON")] = "",
) -> None:
    """Where a case stands and every entry, opened and masked; with --reveal in full, and the access log keeps it."""
    from node.services.cases import find, story
    from node.services.drafting import load_case
    from node.services.showing import note_access
    from node.store.projection import ProjectionCase

    call = calling(context)
    ctx = call.ctx
    with ctx.store.reading() as session:
        key = find(session, case)
    if reveal:
        note_access(ctx, call.who(), "case.show", key.case_id.hex(), reveal)
    with ctx.store.reading() as session:
        row = session.get_one(ProjectionCase, (key.office, key.case_id))
        names = {org.id: org.name for org in ctx.members(session).orgs()}
        entries = [_entry(call, at, said, bool(reveal), names) for at, said in story(ctx, session, key)]
        stands = load_case(session, key)
    shown = _row(call, row) | {
        "consents": [_thing(c, "amount_fen", "debited_fen", "expires_at", "ended") for c in stands.consents],
        "orders": [_thing(o, "amount_fen", "fund_account", "accepted", "ended") for o in stands.orders],
        "debits": [_thing(d, "amount_fen") | {"state": d.state.name} for d in stands.debits],
        "disputes": [_thing(d, "by_office", "open") for d in stands.disputes],
        "entries": entries,
    }
    call.terminal.data(shown, _lines(call, shown))


def day_of(unix_s: int) -> str | None:
    """A deadline as its date in Beijing."""
    from node.domain.workdays import beijing_date

    return beijing_date(unix_s).isoformat() if unix_s else None


def due_of(call: Call, unix_s: int) -> dict[str, Any]:
    """A deadline as rows show it. ``due_flagged``: of a year without holiday data, so by plain weekdays; starred."""
    from node.domain.workdays import beijing_date

    day = day_of(unix_s)
    flagged = bool(unix_s) and not call.ctx.calendar.known(beijing_date(unix_s))
    return {"due": day, "due_in_words": f"{day}*" if flagged else day, "due_flagged": flagged}


def _row(call: Call, row: ProjectionCase) -> dict[str, Any]:
    from node.domain.transitions import table

    return {
        "case": row.case_id.hex(),
        "office": row.office,
        "recipient": row.recipient,
        "phase": Phase(row.phase).name,
        "phase_in_words": table().phases[Phase(row.phase)].say(call.lang),
        **due_of(call, row.due_at),
        "debitable": row.debitable,
        "claim_fen": row.claim_fen,
        "net_fen": row.net_fen,
        "unsettled_fen": row.unsettled_fen,
        "open_fen": row.open_fen,
        "accepted": row.accepted,
        "disputed": row.office_dispute or row.recipient_dispute,
        "seq": row.seq,
        "head": "0x" + row.head.hex(),
    }


def _entry(
    call: Call, row: ProjectionEntry, said: Payload | AllianceError, reveal: bool, names: dict[int, str]
) -> dict[str, Any]:
    from node.domain.errors import AllianceError
    from node.domain.transitions import table
    from node.services.showing import shown

    at: dict[str, Any] = {
        "seq": row.seq,
        "action": Action(row.action).name,
        "action_in_words": table().actions[Action(row.action)].label.say(call.lang),
        "org": row.org,
        "org_in_words": names.get(row.org, str(row.org)),
        "hash": row.entry_hash.hex(),
        "amount_fen": row.amount_fen,
        "block": row.block,
        "block_time": row.block_time,
    }
    if isinstance(said, AllianceError):
        return at | {"unreadable": said.code}
    return at | {"happened_at": said.happened_at.isoformat(), "says": shown(said.body, reveal=reveal)}


def _thing(thing: Any, *fields: str) -> dict[str, Any]:
    return {"hash": thing.hash.hex(), "seq": thing.seq, **{name: getattr(thing, name) for name in fields}}


def _lines(call: Call, shown: dict[str, Any]) -> list[str]:
    from node.domain.messages import say
    from node.domain.money import format_yuan
    from node.domain.wording import in_words

    yuan = {name: format_yuan(shown[name], grouped=True) for name in ("claim_fen", "net_fen", "unsettled_fen")}
    stands = say(
        "cli.case", call.lang, case=shown["case"][:8], phase=shown["phase_in_words"], due=shown["due_in_words"], **yuan
    )
    lines = [stands, say("cli.due_flagged", call.lang)] if shown["due_flagged"] else [stands]
    for entry in shown["entries"]:
        amount = format_yuan(entry["amount_fen"], grouped=True) if entry["amount_fen"] else ""
        head = (entry["seq"], entry["action_in_words"], entry["org_in_words"], amount, entry["hash"][:8])
        lines.append("  ".join(str(part) for part in head if part != ""))
        if "says" in entry:
            lines += [
                f"     {label}：{text}" for label, text in in_words(Action[entry["action"]], entry["says"], call.lang)
            ]
        else:
            lines.append("     " + say(entry["unreadable"], call.lang))
    return lines


def _write(call: Call, action: Action, drafting: Any, maker: str, submission_file: Path | None) -> None:
    from node.cli.making import write_entries

    write_entries(call, action, [drafting], maker, submission_file)
