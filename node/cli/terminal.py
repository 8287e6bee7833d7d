# SPDX-License-Identifier: Apache-2.0
"""How the command line speaks: data on stdout, progress on stderr, one mapping from errors to exit codes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from node.domain.errors import AllianceError, Broken, Unavailable, Value
from node.domain.masking import printable
from node.domain.messages import Lang, say, sentence
from node.domain.money import format_yuan
from node.domain.workdays import BEIJING

OK, FAILED, USAGE, VERIFICATION_FAILED, UNREACHABLE = range(5)

_WIDE = 200
_HASH = re.compile(r"(0x)?[0-9a-f]{64}")

Json = Mapping[str, Any] | Sequence[Any]


def exit_code(error: AllianceError) -> int:
    """0 ok, 1 failed, 2 usage, 3 verification failed, 4 unreachable."""
    if isinstance(error, Unavailable):
        return UNREACHABLE
    if isinstance(error, Broken):
        return VERIFICATION_FAILED
    return FAILED


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where output goes. With ``json`` only one JSON document reaches stdout."""

    json: bool
    lang: Lang

    def data(self, value: Json, lines: Iterable[str] = ()) -> None:
        """The result of a command: JSON, or the lines made for people."""
        if self.json:
            sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=_plain).decode() + "\n")
        else:
            for line in lines:
                sys.stdout.write("\n".join(printable(part) for part in line.split("\n")) + "\n")
        sys.stdout.flush()

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
        """Rows as JSON, or as a table with the columns' names from the messages (``column.<name>``)."""
        if self.json:
            self.data(rows)
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            money = column.endswith("_fen")
            table.add_column(say(f"column.{column}", self.lang), overflow="fold", justify="right" if money else "left")
        for row in rows:
            table.add_row(*(Text(_shown(row, column)) for column in columns))  # a name is no markup
        width = None if sys.stdout.isatty() else _WIDE  # a file or a pipe wants whole lines
        Console(file=sys.stdout, highlight=False, width=width).print(table)

    def note(self, key: str, **values: Value) -> None:
        """Progress, or a word about what to do next."""
        sys.stderr.write(say(key, self.lang, **values) + "\n")
        sys.stderr.flush()

    def fail(self, error: AllianceError) -> int:
        """Tell an error and give its exit code."""
        words = sentence(error, self.lang)
        if "incident" in error.values:
            words += " " + say("cli.incident", self.lang, **error.values)
        if self.json:
            document = {"error": error.code, "values": error.values, "message": words}
            sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2, default=_plain).decode() + "\n")
            sys.stdout.flush()
        sys.stderr.write(f"{words} [{error.code}]\n")
        return exit_code(error)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return "0x" + bytes.hex(value)
    return str(value)


def _shown(row: Mapping[str, Any], column: str) -> str:
    """A column for people: money in yuan, words where the row has them, moments in Beijing time."""
    value = row.get(f"{column}_in_words", row.get(column))
    if column.endswith("_fen") and isinstance(value, int):
        return format_yuan(value, grouped=True)
    if column.endswith("_at") and isinstance(value, str) and value:
        return datetime.fromisoformat(value).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return _cell(value)


def _cell(value: object) -> str:
    """A cell as people quote it: of a hash the first 8 digits, which are enough to name the thing again."""
    if value is None:
        return "—"
    text = str(_plain(value)) if isinstance(value, bytes) else str(value)
    return text.removeprefix("0x")[:8] if _HASH.fullmatch(text) else text
