# SPDX-License-Identifier: Apache-2.0
"""``inspect``: on any machine, offline, without a node: what a signature on a file would do, in words."""

from __future__ import annotations

from typing import Any, cast

import orjson
import typer

from node.cli.call import Call, calling
from node.cli.options import File, read_file
from node.domain.errors import Refused


class NothingToInspect(Refused):
    """The file is no submission file, no act file and no typed data of ours."""

    code = "nothing_to_inspect"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("inspect")(inspect)


def inspect(context: typer.Context, file: File) -> None:
    """What a signature on a submission file, an act file or typed data would do, with its check code."""
    from node.crypto import submission_file
    from node.crypto.typed_reading import read_typed_data
    from node.services.members.acts import FORMAT, ActFile

    call = calling(context)
    data = read_file(file)
    try:
        document: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise NothingToInspect() from None
    if not isinstance(document, dict):
        raise NothingToInspect()
    found = cast("dict[str, Any]", document)
    kind = found.get("format")
    if kind == submission_file.FORMAT:
        listed = submission_file.loads(data)
        _tell(call, "submission", listed.signable, [each.entry for each in listed.entries])
    elif kind == FORMAT:
        act = ActFile.read(found)
        _tell(call, "act", act.signable, (), sorted(act.signatures))
    elif "primaryType" in found:
        _tell(call, "typed_data", read_typed_data(found), ())
    else:
        raise NothingToInspect()


def _tell(call: Call, kind: str, signable: Any, entries: Any, signed_by: list[str] | None = None) -> None:
    from node.crypto.describe import describe
    from node.crypto.typed import check_code
    from node.crypto.typed_reading import SignableSubmission
    from node.domain.entries import Action
    from node.domain.transitions import ActKind

    shown: dict[str, Any] = {"kind": kind, "digest": "0x" + signable.digest().hex()}
    if isinstance(signable, SignableSubmission):
        what = signable.submission
        words = describe(what, entries, call.lang, role=signable.role, domain=signable.domain)
        shown |= {
            "action": Action(what.action).name,
            "org": what.org,
            "role": signable.role.name,
            "count": what.count,
            "sum_fen": what.sum_fen,
            "check_code": check_code(what),
            "entries_checked": len(entries),
        }
    else:
        words = describe(signable.act, (), call.lang, domain=signable.domain)
        shown |= {"action": ActKind(signable.act.kind).name, "org": signable.act.org, "signed_by": signed_by or []}
    call.terminal.data(shown | {"words": words}, words)
