# SPDX-License-Identifier: Apache-2.0
"""The bank's desk up to the reply: ``inbox``, ``acknowledge``, ``reply``, ``decline``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.cli.call import Call, calling
from node.cli.choosing import choose
from node.cli.options import All, CaseArg, CaseArgs, Maker, Note, SubmissionOut
from node.domain.codes import DeclineReason, ReplyOutcome
from node.domain.entries import Action, CaseKey, Phase

if TYPE_CHECKING:
    from sqlmodel import Session

    from node.domain.bodies import RequestBody
    from node.services.bank.letters import Verified
    from node.services.reading import Reader
    from node.store.own_work import OwnDraft
    from node.store.projection import ProjectionCase


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("inbox")(inbox)
    app.command("acknowledge")(acknowledge)
    app.command("reply")(reply)
    app.command("decline")(decline)


def inbox(
    context: typer.Context,
    every: All = False,
    most: Annotated[int, typer.Option("--limit", metavar="N", min=1)] = 200,
) -> None:
    """Letters that wait for us, nearest deadline first, masked; --all: answered ones too."""
    from node.services.cases import ours
    from node.services.reading import Reader

    call = calling(context)
    waiting = (Phase.REQUESTED, Phase.ACKNOWLEDGED)
    with call.store.reading() as session:
        found = [row for row in ours(call.ctx, session) if every or row.phase in waiting]
        reader = Reader(call.ctx, session)
        rows = [_letter(call, reader, row) for row in found[:most]]
    columns = ["case", "phase", "due", "letter_number", "person_name", "account", "amount_fen", "unreadable"]
    call.terminal.table(rows, columns)
    if any(row["due_flagged"] for row in rows):
        call.terminal.note("cli.due_flagged")
    if len(found) > most:
        call.terminal.note("cli.more", count=len(found) - most)


def acknowledge(
    context: typer.Context,
    cases: CaseArgs = None,
    every: All = False,
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> int:
    """Confirm that letters have come in."""
    from node.cli.making import write_each
    from node.services.bank import letters

    call = calling(context)
    with call.store.reading() as session:
        keys = choose(call, session, cases, every, Action.ACKNOWLEDGE, lambda row: row.phase == Phase.REQUESTED)
    by = maker or call.who()
    drafts = {key: partial(letters.acknowledge, call.ctx, key=key, received_by=by) for key in keys}
    return write_each(call, Action.ACKNOWLEDGE, drafts, every and not cases, maker, submission_file)


def reply(
    context: typer.Context,
    cases: CaseArgs = None,
    every: All = False,
    outcome: Annotated[ReplyOutcome | None, typer.Option("--outcome", metavar="CODE")] = None,
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> int:
    """Verify at the core banking system and answer; with --outcome a person says what was found."""
    from node.cli.making import write_each
    from node.domain.errors import AllianceError
    from node.services.bank import letters

    call = calling(context)
    ctx = call.ctx
    with ctx.store.reading() as session:
        keys = choose(call, session, cases, every, Action.REPLY, lambda row: row.phase == Phase.ACKNOWLEDGED)
        opened = {key: letters.attempt(ctx, session, key) for key in keys}
    every = every and not cases
    asked: list[tuple[CaseKey, RequestBody]] = []
    closed: dict[CaseKey, AllianceError] = {}
    for key, letter in opened.items():
        if not isinstance(letter, AllianceError):
            asked.append((key, letter))
        elif every:
            closed[key] = letter
        else:
            raise letter
    # the core bank is asked with no transaction open
    found = [(k, letters.by_hand(r, outcome) if outcome else letters.verify(ctx, r)) for k, r in asked]
    for key, verified in found:
        call.terminal.note("cli.verified", case=key.case_id.hex()[:8], outcome=_named(call, verified.outcome))
    drafts = {k: partial(_reply, call, k, v, note, maker) for k, v in found}
    return write_each(call, Action.REPLY, drafts, every, maker, submission_file, closed)


def decline(
    context: typer.Context,
    case: CaseArg,
    reason: Annotated[DeclineReason, typer.Option("--reason", metavar="CODE")],
    note: Note = "",
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Send a letter back that cannot be worked on."""
    from node.cli.making import write_entries
    from node.services.bank import letters
    from node.services.cases import find

    call = calling(context)

    def drafting(session: Session) -> OwnDraft:
        return letters.decline(call.ctx, session, find(session, case), reason, note, maker)

    write_entries(call, Action.DECLINE, [drafting], maker, submission_file)


def _reply(call: Call, key: CaseKey, found: Verified, note: str, maker: str, session: Session) -> OwnDraft:
    from node.services.bank import letters

    return letters.reply(call.ctx, session, key, found, note, maker)


def _named(call: Call, outcome: ReplyOutcome) -> str:
    from node.domain.catalogues import code_term

    return code_term(outcome).say(call.lang)


def _letter(call: Call, reader: Reader, row: ProjectionCase) -> dict[str, Any]:
    from node.cli.cases import due_of
    from node.domain.errors import AllianceError
    from node.domain.messages import sentence
    from node.domain.transitions import table
    from node.services.showing import shown

    found = reader.attempt_latest(CaseKey(row.office, row.case_id), Action.REQUEST)
    names = ("letter_number", "agency", "person_name", "person_id", "account", "category", "amount_fen")
    closed = isinstance(found, AllianceError)
    body = dict.fromkeys(names) if closed else shown(found.body)
    return {
        "case": row.case_id.hex(),
        "office": row.office,
        "phase": Phase(row.phase).name,
        "phase_in_words": table().phases[Phase(row.phase)].say(call.lang),
        **due_of(call, row.due_at),
        **{name: body[name] for name in names},
        "unreadable": found.code if closed else None,
        "unreadable_in_words": sentence(found, call.lang) if closed else None,
    }
