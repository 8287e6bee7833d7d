# SPDX-License-Identifier: Apache-2.0
"""Arguments and options that several commands share, and how their text becomes a value."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from node.domain.errors import Refused

CaseArg = Annotated[str, typer.Argument(metavar="CASE")]
CaseArgs = Annotated[list[str] | None, typer.Argument(metavar="CASE")]
All = Annotated[bool, typer.Option("--all")]
Maker = Annotated[str, typer.Option("--maker", metavar="KEY")]
Checker = Annotated[str, typer.Option("--checker", metavar="KEY")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT")]
SubmissionOut = Annotated[Path | None, typer.Option("--submission-file", metavar="FILE")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE")]
File = Annotated[Path, typer.Argument(metavar="FILE")]
Signers = Annotated[list[str] | None, typer.Option("--sign", metavar="KEY")]
Send = Annotated[bool, typer.Option("--send")]
OrgArg = Annotated[int, typer.Argument(metavar="ORG")]
OrgOption = Annotated[int, typer.Option("--org", metavar="ORG")]
DebitOption = Annotated[str, typer.Option("--debit", metavar="HASH")]
Evidence = Annotated[list[str] | None, typer.Option("--evidence", metavar="DIGEST|FILE")]


class FileUnreadable(Refused):
    """A file that was named cannot be read or written. Values: ``file``."""

    code = "file_unreadable"


class DayWrong(Refused):
    """Not a real date as YYYY-MM-DD, or no time with an offset. Values: ``option``."""

    code = "day_wrong"


class NothingNamed(Refused):
    """Neither a case was named nor --all given."""

    code = "nothing_named"


def read_file(path: Path) -> bytes:
    """The bytes of a file that a person named. Raises FileUnreadable."""
    try:
        return path.read_bytes()
    except OSError:
        raise FileUnreadable(file=path.name) from None


def write_file(path: Path, data: bytes) -> None:
    """Raises FileUnreadable."""
    try:
        path.write_bytes(data)
    except OSError:
        raise FileUnreadable(file=path.name) from None


def day(text: str, option: str) -> date:
    """YYYY-MM-DD. Raises DayWrong."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DayWrong(option=option) from None


def moment(text: str, option: str) -> datetime:
    """A date and time with its offset from UTC, e.g. 2026-03-02T09:30+08:00; a time without one is Beijing's."""
    from node.domain.workdays import BEIJING

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise DayWrong(option=option) from None
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)
