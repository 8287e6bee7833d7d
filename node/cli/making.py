# SPDX-License-Identifier: Apache-2.0
"""What many commands end with: an act as a file, or entries as drafts and, under a maker's key, a submission."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.cli.call import Call
from node.cli.options import write_file
from node.cli.terminal import FAILED, OK
from node.domain.entries import Action, CaseKey
from node.domain.errors import AllianceError, Conflict, Refused

if TYPE_CHECKING:
    from sqlmodel import Session

    from node.domain.transitions import ActKind
    from node.services.members.acts import ActFile
    from node.store.own_work import OwnDraft

Drafting = Callable[["Session"], "OwnDraft"]


def make_act(
    call: Call,
    kind: ActKind,
    org: int | None = None,
    *,
    own: bool = False,
    sign: Sequence[str] | None = None,
    send: bool = False,
    out: Path | None = None,
    **fields: Any,
) -> None:
    """Make an act about ``org`` (``own``: about our own organisation), sign it with keys of this node, write its file.

    ``send``: queue it at once, where our signatures are enough.
    """
    from node.services.members import acts

    ctx = call.ctx
    with ctx.store.reading() as session:
        about = ctx.org(session).id if own else org
        made = acts.make(ctx, session, kind, about, **fields)
    for name in sign or []:
        made = acts.sign(ctx, made, call.node.keyring.signer(name))
    path = out or Path(f"act-{made.act.org}-{made.act.number}-{kind.name.lower()}.json")
    write_file(path, made.dumps().encode())
    queued = send_act(call, made) if send else None
    tell_act(call, made, file=path, queued=queued)


def send_act(call: Call, made: ActFile) -> str:
    """Hand an act to the outbox; gives its id there."""
    from node.services.members import acts

    with call.ctx.store.writing() as session:
        return acts.send(call.ctx, session, made)


def tell_act(call: Call, made: ActFile, file: Path | None = None, queued: str | None = None) -> None:
    """What an act does and who has signed it."""
    from node.crypto.describe import describe
    from node.domain.messages import say
    from node.domain.transitions import ActKind

    lines = describe(made.act, (), call.lang, domain=made.domain)
    signers = sorted(made.signatures)
    shown = {
        "file": None if file is None else str(file),
        "kind": ActKind(made.act.kind).name,
        "org": made.act.org,
        "number": made.act.number,
        "words": lines,
        "signed_by": signers,
        "queued": queued,
    }
    call.terminal.data(shown, [*lines, say("cli.signed_by", call.lang, signers=", ".join(signers) or "—")])
    if file is not None:
        call.terminal.note("cli.act_written", file=str(file))
    if queued:
        call.terminal.note("cli.queued")


def write_entries(
    call: Call, action: Action, drafts: Sequence[Drafting], maker: str = "", submission_file: Path | None = None
) -> None:
    """Draft entries of one action and, where ``maker`` is given, put that key's signature under all of them.

    A service officer's key signs alone, and the submission is queued at once.
    """
    _write(call, action, lambda session: [make(session) for make in drafts], {}, maker, submission_file)


def write_each(
    call: Call,
    action: Action,
    drafts: Mapping[CaseKey, Drafting],
    every: bool,
    maker: str = "",
    submission_file: Path | None = None,
    skipped: Mapping[CaseKey, AllianceError] | None = None,
) -> int:
    """The same, case by case; gives the exit code. ``every`` (--all): a case that cannot be drafted now holds up no
    other; it is told with its reason, and so are those in ``skipped``."""
    from node.services.evidence import EvidenceLost
    from node.services.reading import DOES_NOT_OPEN

    left_out = dict(skipped or {})

    def make(session: Session) -> list[OwnDraft]:
        rows: list[OwnDraft] = []
        for key, drafting in drafts.items():
            try:
                with session.begin_nested():
                    rows.append(drafting(session))
            except (Refused, Conflict, EvidenceLost, *DOES_NOT_OPEN) as error:
                if not every:
                    raise
                left_out[key] = error
        return rows

    _write(call, action, make, left_out, maker, submission_file)
    return FAILED if left_out else OK


def _write(
    call: Call,
    action: Action,
    make: Callable[[Session], list[OwnDraft]],
    skipped: Mapping[CaseKey, AllianceError],
    maker: str,
    submission_file: Path | None,
) -> None:
    from node.cli.cases import due_of
    from node.services.drafting import short
    from node.services.signing import sign_drafts

    ctx = call.ctx
    with ctx.store.writing() as session:
        rows = make(session)
        shown: list[dict[str, Any]] = [
            {
                "id": row.id,
                "action": Action(row.action).name,
                "case": bytes.hex(row.case_id),
                "short": short(row.case_id),
                **(due_of(call, row.clear["due_at"]) if "due_at" in row.clear else {}),
            }
            for row in rows
        ]
        signed = sign_drafts(ctx, session, action, maker, [row.id for row in rows]) if maker and rows else []
    submissions = tell_submissions(call, [each.root for each in signed], submission_file)
    lines = ["  ".join(row[name] for name in ("action", "short", "id", "due_in_words") if name in row) for row in shown]
    lines += [line for each in submissions for line in each["words"]]
    left_out = [_told(call, key, error) for key, error in skipped.items()]
    one = submissions[0] if len(submissions) == 1 else None
    call.terminal.data({"drafts": shown, "submission": one, "submissions": submissions, "skipped": left_out}, lines)
    for each in left_out:
        call.terminal.note("cli.skipped", case=each["short"], why=each["message"], code=each["error"])
    if not submissions:
        call.terminal.note("cli.drafted", count=len(shown))
        if any(row.get("due_flagged") for row in shown):
            call.terminal.note("cli.due_flagged")
    for submission in submissions:
        if submission["state"] == "signed":
            call.terminal.note("cli.signed", root=submission["root"][2:10])
        else:
            call.terminal.note("cli.queued")


def _told(call: Call, key: CaseKey, error: AllianceError) -> dict[str, Any]:
    """Why a case was left out, as ``Terminal.fail`` would tell it."""
    from node.domain.messages import sentence
    from node.services.drafting import short

    return {
        "case": bytes.hex(key.case_id),
        "short": short(key.case_id),
        "error": error.code,
        "values": error.values,
        "message": sentence(error, call.lang),
    }


def tell_submissions(call: Call, roots: Sequence[bytes], file: Path | None = None) -> list[dict[str, Any]]:
    """Each submission as ``tell_submission`` does; of several none is written to ``file``, and it is said how many."""
    if len(roots) > 1:
        call.terminal.note("cli.split", count=len(roots))
    return [tell_submission(call, root, file if len(roots) == 1 else None) for root in roots]


def tell_submission(call: Call, root: bytes, file: Path | None = None) -> dict[str, Any]:
    """A submission as data, with what a signature on it does in words; ``file``: written for ``inspect`` elsewhere."""
    from node.cli.cases import due_of
    from node.crypto.describe import describe
    from node.crypto.typed import check_code
    from node.domain.messages import say
    from node.services.signing import submission_file
    from node.services.submitting import load

    with call.ctx.store.reading() as session:
        row = load(call.ctx, session, root)
        listed = submission_file(call.ctx, session, root)
    if file is not None:
        write_file(file, listed.dumps())
    submission = listed.signable.submission
    entries = [each.entry for each in listed.entries]
    words = describe(submission, entries, call.lang, domain=listed.signable.domain)
    flagged = {due["due"] for due in (due_of(call, entry.due_at) for entry in entries) if due["due_flagged"]}
    if flagged:
        words.append(say("cli.due_flagged_days", call.lang, days=", ".join(sorted(flagged))))
    return {
        "root": "0x" + root.hex(),
        "action": Action(submission.action).name,
        "state": str(row.state),
        "count": submission.count,
        "sum_fen": submission.sum_fen,
        "valid_until": submission.valid_until,
        "check_code": check_code(submission),
        "file": None if file is None else str(file),
        "due_flagged": bool(flagged),
        "words": words,
    }
