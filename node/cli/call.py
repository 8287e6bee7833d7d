# SPDX-License-Identifier: Apache-2.0
"""One call of the command line: what was asked for globally, the node it is about, and how the answer is given."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from node.cli.node import CreateNode, Node, OpenNode
from node.cli.terminal import Terminal
from node.domain.errors import Refused
from node.domain.messages import Lang, say

if TYPE_CHECKING:
    from node.services.context import Context
    from node.store.database import Store


class HomeUnset(Refused):
    """Neither --home nor ALLIANCE_HOME says which node is meant."""

    code = "home_unset"


class PassphraseNeeded(Refused):
    """The keys are locked and there is no terminal to ask at."""

    code = "passphrase_needed"


class PassphrasesDiffer(Refused):
    """The passphrase was typed differently the second time."""

    code = "passphrases_differ"


@dataclass(frozen=True, slots=True)
class Globals:
    """The options that every command takes, before it or after it."""

    home: Path | None
    json: bool
    lang: Lang | None
    passphrase_file: Path | None


class Call:
    """What a command works with."""

    def __init__(self, options: Globals, environment: Mapping[str, str], open_node: OpenNode, make: CreateNode) -> None:
        self.options = options
        self.environment = environment
        self.create_node = make
        self._open = open_node

    @property
    def lang(self) -> Lang:
        """As asked for, else as the node is set, else Chinese."""
        asked = self.options.lang or self.environment.get("ALLIANCE_LANG")
        if asked in ("zh", "en"):
            return asked
        opened = self.__dict__.get("node")
        return opened.settings.lang if opened is not None else "zh"

    @property
    def terminal(self) -> Terminal:
        return Terminal(self.options.json, self.lang)

    @property
    def home(self) -> Path:
        """The node's folder. Raises HomeUnset."""
        if self.options.home is None:
            raise HomeUnset()
        return self.options.home

    @cached_property
    def node(self) -> Node:
        """The node. Raises HomeUnset, HomeMissing, SettingsWrong."""
        return self._open(self.home, self.ask, self.options.passphrase_file)

    @property
    def ctx(self) -> Context:
        return self.node.context

    @property
    def store(self) -> Store:
        return self.node.store

    def ask(self, again: bool = False) -> bytes:
        """The passphrase, typed at the terminal and not shown. Raises PassphraseNeeded, PassphrasesDiffer."""
        if not sys.stdin.isatty():
            raise PassphraseNeeded()
        first = getpass.getpass(say("cli.passphrase", self.lang))
        if again and getpass.getpass(say("cli.passphrase_again", self.lang)) != first:
            raise PassphrasesDiffer()
        return first.encode()

    def who(self) -> str:
        """Who sits at this terminal, as the access log keeps it: the account of the operating system."""
        try:
            return f"cli:{getpass.getuser()}"
        except (KeyError, OSError):
            return "cli"

    def new_passphrase_file(self) -> Path | None:
        """Where the passphrase of a node in the making stands, if a file is named."""
        named = self.options.passphrase_file or self.environment.get("ALLIANCE_PASSPHRASE_FILE")
        return Path(named) if named else None

    def close(self) -> None:
        """Give back what was opened."""
        if "node" in self.__dict__:
            self.node.close()


def calling(context: typer.Context) -> Call:
    """The call that a command belongs to."""
    return cast("Call", context.find_root().obj)


def environment() -> Mapping[str, str]:
    """The process's environment."""
    return os.environ
