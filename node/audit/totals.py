# SPDX-License-Identifier: Apache-2.0
"""What the taken entries add up to: per member, as both sides of a case keep their books, and as the ledger counts.

An organisation's *book* sums over the cases in which it is the office or the recipient, whoever wrote the entry: an
office's ``debited_fen`` is what its banks reported, a bank's ``ordered_fen`` what the offices ordered of it. So for
every figure the offices' books and the recipients' books come to the same sum. ``reversed_fen`` holds the reversals of
both sides. What a successor writes stays in the book of the organisation that it speaks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from node.domain.entries import Action, CaseKey, Entry

_FIGURES: Mapping[int, str] = {
    Action.CONSENT: "consented_fen",
    Action.ORDER: "ordered_fen",
    Action.DEBIT: "debited_fen",
    Action.REVERSE: "reversed_fen",
    Action.SETTLE: "settled_fen",
}


@dataclass(slots=True)
class Book:
    """Five sums of one organisation, in fen, each over all entries ever taken (a reversed debit stays debited)."""

    consented_fen: int = 0
    ordered_fen: int = 0
    debited_fen: int = 0
    reversed_fen: int = 0
    settled_fen: int = 0

    def figures(self) -> dict[str, int]:
        """The five sums by name, in the order of a report."""
        return asdict(self)

    @property
    def empty(self) -> bool:
        return not any(self.figures().values())


@dataclass(slots=True)
class Written:
    """What one organisation has written of one action: the ledger's ``totalOf``."""

    entries: int = 0
    fen: int = 0


class Totals:
    """Adds up taken entries; the recipient of a case is known from its REQUEST."""

    def __init__(self) -> None:
        self.books: dict[int, Book] = {}
        self.written: dict[tuple[int, int], Written] = {}
        self._recipients: dict[CaseKey, int] = {}

    def add(self, entry: Entry) -> None:
        """Count one taken entry."""
        written = self.written.setdefault((entry.org, entry.action), Written())
        written.entries += 1
        written.fen += entry.amount_fen
        if entry.action == Action.REQUEST:
            self._recipients[entry.key] = entry.recipient
        figure = _FIGURES.get(entry.action)
        for org in {entry.office, self._recipients.get(entry.key, entry.org)}:
            book = self.books.setdefault(org, Book())
            if figure is not None:
                setattr(book, figure, getattr(book, figure) + entry.amount_fen)
