# SPDX-License-Identifier: Apache-2.0
"""Arguments before Typer sees them: the global options may stand before a command or after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from node.cli.call import Globals
from node.domain.errors import Refused

VALUED = ("--home", "--lang", "--passphrase-file")
FLAGS = ("--json", "--help", "-h", "--version")


class UsageWrong(Refused):
    """The command line cannot be understood. Values: ``why``."""

    code = "usage"


@dataclass(frozen=True, slots=True)
class Split:
    """The global options, what is asked of the program itself, and the rest: a command with its own arguments."""

    options: Globals
    help: bool
    version: bool
    rest: list[str]


def split(arguments: Sequence[str], environment: Mapping[str, str]) -> Split:
    """Take the global options out, wherever they stand; after ``--`` nothing is an option. Raises UsageWrong."""
    values: dict[str, str] = {}
    flags: set[str] = set()
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *waiting]
            break
        if name in VALUED:
            if not equals:
                if not waiting:
                    raise UsageWrong(why=f"{name} …?")
                value = waiting.pop(0)
            values[name] = value
        elif word in FLAGS:
            flags.add(word)
        else:
            rest.append(word)
    lang = values.get("--lang")
    if lang not in (None, "zh", "en"):
        raise UsageWrong(why=f"--lang zh|en, {lang}?")
    home = values.get("--home") or environment.get("ALLIANCE_HOME")
    file = values.get("--passphrase-file")
    options = Globals(
        home=Path(home) if home else None,
        json="--json" in flags,
        lang=lang,
        passphrase_file=Path(file) if file else None,
    )
    return Split(options, bool(flags & {"--help", "-h"}), "--version" in flags, rest)
