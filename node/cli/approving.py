# SPDX-License-Identifier: Apache-2.0
"""``approve`` and ``drafts``: the second signature, after a second look; and what waits for the first."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from node.cli.call import Call, calling
from node.cli.options import Checker, Maker, SubmissionOut
from node.domain.entries import Action


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("approve")(approve)
    group = typer.Typer()
    group.command("list")(listed)
    group.command("sign")(sign)
    group.command("renew")(renew)
    group.command("drop")(drop)
    group.command("take-back")(take_back)
    app.add_typer(group, name="drafts")


def approve(
    context: typer.Context,
    root: Annotated[str, typer.Argument(metavar="ROOT")] = "",
    checker: Checker = "",
    despite_refusals: Annotated[bool, typer.Option("--despite-refusals")] = False,
    submission_file: SubmissionOut = None,
) -> None:
    """Show what a submission does and what the ledger would refuse; with --checker, sign it and queue it.

    Without ROOT: what waits; with --checker then the only one that waits.
    """
    from node.services import submitting

    call = calling(context)
    if not root and not checker:
        _waiting(call)
        return
    ctx = call.ctx
    with ctx.store.reading() as session:
        whole = submitting.by_prefix(session, root) if root else submitting.only_waiting(session)
    seen = submitting.review(ctx, whole)
    shown = _reviewed(call, seen, whole, submission_file)
    if checker:
        with ctx.store.writing() as session:
            signer = submitting.may_sign(ctx, session, checker, submitting.SignRole.CHECKER)
            submitting.approve(ctx, session, seen, signer, even_if_refused=despite_refusals)
        shown["state"] = "queued"
    call.terminal.data(shown, [*shown["words"], *shown["refusals_in_words"]])
    call.terminal.note("cli.queued" if checker else "cli.reviewed")


def listed(context: typer.Context) -> None:
    """Drafts that wait for a maker, and those that came back."""
    from node.services.drafting import all_open

    call = calling(context)
    with call.store.reading() as session:
        rows = [_draft(call, row) for row in all_open(session)]
    call.terminal.table(rows, ["id", "action", "case", "state", "rule", "made_at"])


def sign(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="DRAFT")] = None,
    maker: Maker = "",
    submission_file: SubmissionOut = None,
) -> None:
    """Put drafts under a maker's signature: those named, else all that are open; one submission an action."""
    from node.cli.making import tell_submissions
    from node.services.drafting import all_open
    from node.services.signing import sign_drafts
    from node.store.own_work import DraftState

    call = calling(context)
    ctx = call.ctx
    with ctx.store.writing() as session:
        rows = [row for row in all_open(session, ids) if ids or row.state == DraftState.DRAFT]
        actions = sorted({Action(row.action) for row in rows})
        roots = [
            submission.root
            for action in actions
            for submission in sign_drafts(ctx, session, action, maker, [r.id for r in rows if r.action == action])
        ]
    shown = tell_submissions(call, roots, submission_file)
    call.terminal.data({"submissions": shown}, [line for each in shown for line in each["words"]])


def renew(context: typer.Context, draft: Annotated[str, typer.Argument(metavar="DRAFT")]) -> None:
    """Put a draft that came back on the case as it stands now, after you have looked at it again."""
    from node.services.drafting import renew as put_on_head

    call = calling(context)
    with call.store.writing() as session:
        shown = _draft(call, put_on_head(call.ctx, session, draft))
    call.terminal.data(shown, [f"{shown['id']}  {shown['state']}"])


def drop(context: typer.Context, draft: Annotated[str, typer.Argument(metavar="DRAFT")]) -> None:
    """Give a draft up."""
    from node.services.drafting import drop as give_up

    call = calling(context)
    with call.store.writing() as session:
        give_up(call.ctx, session, draft)
    call.terminal.data({"id": draft, "state": "dropped"}, [draft])


def take_back(context: typer.Context, root: Annotated[str, typer.Argument(metavar="ROOT")]) -> None:
    """Take a submission back that no checker has signed; its drafts are open again."""
    from node.services import submitting

    call = calling(context)
    with call.store.writing() as session:
        whole = submitting.by_prefix(session, root)
        submitting.withdraw(call.ctx, session, whole)
    call.terminal.data({"root": "0x" + whole.hex(), "state": "withdrawn"}, [whole.hex()[:8]])


def _waiting(call: Call) -> None:
    from node.services.submitting import waiting

    with call.store.reading() as session:
        rows = [
            {
                "root": "0x" + row.root.hex(),
                "action": Action(row.action).name,
                "action_in_words": _in_words(call, row.action),
                "count": row.count,
                "sum_fen": row.sum_fen,
                "made_at": row.made_at.isoformat(timespec="seconds"),
            }
            for row in waiting(session)
        ]
    call.terminal.table(rows, ["root", "action", "count", "sum_fen", "made_at"])


def _reviewed(call: Call, seen: Any, root: bytes, submission_file: Any) -> dict[str, Any]:
    from node.cli.making import tell_submission
    from node.domain.messages import say
    from node.domain.transitions import Rule, table
    from node.services.drafting import short

    refusals: list[dict[str, Any]] = [
        {"place": place, "case": entry.case_id.hex(), "rule": Rule(outcome).name}
        for place, (entry, outcome) in enumerate(zip(seen.composed.entries, seen.outcomes, strict=True))
        if outcome
    ]
    words = [
        say("cli.would_refuse", call.lang, case=short(bytes.fromhex(r["case"])), rule=r["rule"], why=why)
        for r in refusals
        for why in [table().rules[Rule[r["rule"]]].say(call.lang)]
    ]
    return tell_submission(call, root, submission_file) | {
        "refusals": refusals,
        "refusals_in_words": words or [say("cli.none_refused", call.lang, count=len(seen.outcomes))],
    }


def _draft(call: Call, row: Any) -> dict[str, Any]:
    from node.domain.transitions import Rule, table

    rule = Rule(row.rule) if row.rule else None
    return {
        "id": row.id,
        "action": Action(row.action).name,
        "action_in_words": _in_words(call, row.action),
        "case": row.case_id.hex(),
        "state": str(row.state),
        "rule": None if rule is None else rule.name,
        "why": row.note if rule is None else table().rules[rule].say(call.lang),
        "made_by": row.made_by,
        "made_at": row.made_at.isoformat(timespec="seconds"),
    }


def _in_words(call: Call, action: int) -> str:
    from node.domain.transitions import table

    return table().actions[Action(action)].label.say(call.lang)
