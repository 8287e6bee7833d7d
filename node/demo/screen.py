# SPDX-License-Identifier: Apache-2.0
"""What the demo shows: steps with progress, in words; a summary table; what to do next."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from node.domain.messages import Lang, say
from node.domain.money import format_yuan

if TYPE_CHECKING:
    from node.audit.replay import Replay
    from node.demo.checks import Checks
    from node.demo.founding import Alliance

FIGURES = ("consented_fen", "ordered_fen", "debited_fen", "reversed_fen", "settled_fen")


class Screen:
    """Everything goes to stdout: a demo has no data to keep apart from its progress."""

    def __init__(self, lang: Lang, plain: bool) -> None:
        self.lang: Lang = lang
        self._console = Console(
            file=sys.stdout, no_color=plain or None, force_terminal=False if plain else None, highlight=False
        )
        self._plain = plain or not self._console.is_terminal
        self._began = monotonic()

    def tell(self, what: str, /, **values: str | int) -> None:
        """One line in words."""
        self._console.print("  " + say(f"demo.{what}", self.lang, **values), markup=False, soft_wrap=True)

    def title(self) -> None:
        self._console.print(say("demo.title", self.lang), style="bold")
        self._console.print(say("demo.cast", self.lang), markup=False, soft_wrap=True)

    @contextmanager
    def step(self, number: int) -> Generator[None, None, None]:
        """A numbered step, with a spinner on a terminal."""
        name = f"[{number}/5] " + say(f"demo.step{number}", self.lang)
        self._console.print()
        if self._plain:
            self._console.print(name, markup=False)
            yield
        else:
            self._console.print(name, style="bold cyan", markup=False)
            with self._console.status(say("demo.working", self.lang)):
                yield

    def table(self, replayed: Replay, alliance: Alliance) -> None:
        """What each party's books come to, by the auditor's own sums, in yuan."""
        table = Table(title=say("demo.summary", self.lang), title_justify="left", box=None, pad_edge=False)
        table.add_column(say("demo.party", self.lang), no_wrap=True, min_width=20)
        for figure in FIGURES:
            table.add_column(say(f"demo.{figure}", self.lang), justify="right")
        for player in alliance.writers:
            figures = replayed.books[player.org].figures()
            table.add_row(player.part.name, *(format_yuan(figures[f], grouped=True) for f in FIGURES))
        self._console.print()
        self._console.print(table)

    def result(self, checks: Checks) -> None:
        """Whether every check held; those that did not, by name."""
        bad = [check for check in checks.found if not check["ok"]]
        for check in bad:
            self._console.print(f"✗ {check['name']}: {check['detail']}", style="bold red", markup=False)
        key = "demo.all_held" if checks.found and not bad else "demo.not_held"
        seconds = round(monotonic() - self._began)
        text = say(key, self.lang, held=len(checks.found) - len(bad), count=len(checks.found), seconds=seconds)
        self._console.print(text, style="bold green" if not bad else "bold red", markup=False)

    def next(self, root: str, kept: bool) -> None:
        """Three commands to go on with."""
        self._console.print()
        self._console.print(say("demo.next" if kept else "demo.next_keep", self.lang), markup=False)
        if not kept:
            self._console.print("  scripts/demo --keep my-alliance", markup=False, soft_wrap=True)
            return
        for line in (
            f"alliance-node --home {root}/chain network start embedded",
            f"alliance-node --home {root}/office case list",
            f"alliance-node --home {root}/auditor audit verify --database sqlite:///{root}/bank-1/node.db",
        ):
            self._console.print("  .venv/bin/" + line, markup=False, soft_wrap=True)
