# SPDX-License-Identifier: Apache-2.0
"""``inquiry find`` and ``case find``: by a person's ID number or an account's, which is typed at a prompt or read from
a file or stdin, since a command line is seen by others and kept in histories. Ids alone are shown.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from node.cli.call import Call, calling
from node.cli.options import FileUnreadable, read_file
from node.domain.messages import say

if TYPE_CHECKING:
    from node.services.office.finding import Found

NumberFile = Annotated[Path | None, typer.Option("--from", metavar="FILE")]
Why = Annotated[str, typer.Option("--reason", metavar="REASON")]


def find_inquiries(context: typer.Context, why: Why, number_file: NumberFile = None) -> None:
    """Our inquiries about a person or an account; the access log keeps who looked and why."""
    call = calling(context)
    found = _find(call, "inquiry.find", why, number_file, lambda one: [one.inquiry])
    rows = [{"inquiry": one.inquiry, "cases": [key.case_id.hex() for key in one.cases]} for one in found]
    call.terminal.data(rows, [one.inquiry for one in found])


def find_cases(context: typer.Context, why: Why, number_file: NumberFile = None) -> None:
    """The cases that our inquiries about a person or an account came to; the access log keeps who looked and why."""
    call = calling(context)
    found = _find(call, "case.find", why, number_file, lambda one: [key.case_id.hex() for key in one.cases])
    rows = [{"case": key.case_id.hex(), "inquiry": one.inquiry} for one in found for key in one.cases]
    call.terminal.data(rows, [row["case"] for row in rows])


def _find(
    call: Call, what: str, why: str, number_file: Path | None, subjects: Callable[[Found], list[str]]
) -> list[Found]:
    """Look, and write down that somebody did, also where nothing was found, before anything is shown."""
    from node.services.office.finding import find_by_number
    from node.services.showing import note_access

    number = _number(call, number_file)
    with call.store.reading() as session:
        found = find_by_number(call.ctx, session, number)
    for subject in [each for one in found for each in subjects(one)] or ["-"]:
        note_access(call.ctx, call.who(), what, subject, why)
    if not found:
        call.terminal.note("cli.nothing_found")
    return found


def _number(call: Call, path: Path | None) -> str:
    """The number, from the file, else typed and not shown, else from stdin. Raises FileUnreadable."""
    if path is not None:
        try:
            return read_file(path).decode().strip()
        except UnicodeDecodeError:
            raise FileUnreadable(file=path.name) from None
    if sys.stdin.isatty():
        return getpass.getpass(say("cli.number", call.lang)).strip()
    return sys.stdin.read().strip()
