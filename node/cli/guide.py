# SPDX-License-Identifier: Apache-2.0
"""``--help`` in both languages, in the order of use, out of the commands themselves and the messages.

Every command has its sentence ``help.<command path>``, every parameter ``help.<path>:<name>`` or, where it means the
same everywhere, ``help.:<name>``. A test walks them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, get_args, get_type_hints

from node.domain.messages import Lang, catalogue, say

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("setup", ("init", "config", "keys", "network")),
    ("alliance", ("act", "member", "officer")),
    ("office", ("inquiry", "approve", "drafts")),
    ("bank", ("inbox", "acknowledge", "reply", "decline")),
    ("recovery", ("evidence", "consent", "order", "debit", "corebank", "dispute", "settle", "case")),
    ("running", ("run", "rebuild", "audit", "inspect")),
)
GLOBAL = ("--home DIR", "--json", "--lang zh|en", "--passphrase-file FILE", "--version", "--help")
_LEFT = 26


def find(root: Any, words: Sequence[str]) -> tuple[Any, tuple[str, ...]]:
    """The command that the first words name, as far as they name one, and its path."""
    command, path = root, tuple[str, ...]()
    for word in words:
        commands = getattr(command, "commands", None)
        if not commands or word not in commands:
            break
        command, path = commands[word], (*path, word)
    return command, path


def render(root: Any, words: Sequence[str], lang: Lang) -> str:
    """The help of the command that ``words`` name, the whole guide where they name none."""
    command, path = find(root, words)
    if not path:
        return "\n".join(_overview(root, lang)) + "\n"
    commands = getattr(command, "commands", None)
    lines = [say("help.usage", lang) + " " + _usage(command, path), "", "  " + say(f"help.{'.'.join(path)}", lang), ""]
    if commands:
        lines.append(say("help.commands", lang))
        lines += [_row(name, say(f"help.{'.'.join((*path, name))}", lang)) for name in commands]
    else:
        lines += _parameters(command, path, lang)
    lines += ["", say("help.globals", lang), "  " + "  ".join(GLOBAL)]
    return "\n".join(lines) + "\n"


def key_of(path: Sequence[str], name: str) -> str:
    """The message that explains a parameter."""
    own = f"help.{'.'.join(path)}:{name}"
    return own if own in catalogue() else f"help.:{name}"


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below, with its path."""
    for name, child in getattr(command, "commands", {}).items():
        yield (*path, name), child
        yield from walk(child, (*path, name))


def _overview(root: Any, lang: Lang) -> Iterator[str]:
    yield "alliance-node — " + say("help.title", lang)
    yield say("help.usage", lang) + " alliance-node --home DIR COMMAND …"
    for section, names in SECTIONS:
        yield ""
        yield say(f"help.section.{section}", lang)
        for name in names:
            command = root.commands[name]
            below = list(getattr(command, "commands", {}))
            yield _row(name, say(f"help.{name}", lang) + (f" ({', '.join(below)})" if below else ""))
    yield ""
    yield say("help.globals", lang)
    for option in GLOBAL:
        yield _row(option, say("help.global." + option.split()[0].removeprefix("--"), lang))
    yield ""
    yield say("help.codes", lang)


def _usage(command: Any, path: Sequence[str]) -> str:
    words = ["alliance-node", *path]
    if getattr(command, "commands", None):
        return " ".join([*words, "COMMAND …"])
    if any(_options(command)):
        words.append("[OPTIONS]")
    for parameter in _arguments(command):
        many = "…" if parameter.nargs == -1 else ""
        word = parameter.metavar or parameter.name.upper()
        words.append(word + many if parameter.required else f"[{word}]{many}")
    return " ".join(words)


def _parameters(command: Any, path: Sequence[str], lang: Lang) -> Iterator[str]:
    for parameter in _arguments(command):
        word = parameter.metavar or parameter.name.upper()
        yield _row(word, say(key_of(path, parameter.name), lang) + _choices(command, parameter.name))
    for parameter in _options(command):
        left = ", ".join(parameter.opts)
        if not parameter.is_flag:
            left += " " + (parameter.metavar or parameter.name.upper().replace("_", "-"))
        needed = " " + say("help.required", lang) if parameter.required else ""
        yield _row(left, say(key_of(path, parameter.name), lang) + _choices(command, parameter.name) + needed)


def _arguments(command: Any) -> list[Any]:
    return [p for p in command.params if p.param_type_name == "argument"]


def _options(command: Any) -> list[Any]:
    return [p for p in command.params if p.param_type_name == "option" and p.name != "help"]


def _choices(command: Any, name: str) -> str:
    """The codes that a parameter may have, where its type is a closed list."""
    hint = get_type_hints(command.callback).get(name)
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return " [" + "|".join(str(code.value) for code in kind) + "]"
    return ""


def _row(left: str, right: str) -> str:
    gap = "  " if len(left) < _LEFT else "\n" + " " * (_LEFT + 4)
    return "  " + left.ljust(_LEFT) + gap + right
