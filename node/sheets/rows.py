# SPDX-License-Identifier: Apache-2.0
"""One inquiry of a file, checked: what an import hands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from node.domain.messages import Lang
from node.sheets.faults import Fault


@dataclass(frozen=True, slots=True)
class InquiryRow:
    """A row without fault. Personal fields stay out of ``repr``; ``bank_org`` is the org id of the bank named."""

    row: int
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    insurance: str
    category: str
    starts_on: date
    ends_on: date
    amount_fen: int
    bank_org: int
    account: str = field(repr=False)
    region: str
    due_on: date | None
    note: str = field(repr=False)

    def identity(self) -> bytes:
        """What makes two rows one inquiry: person, bank, account, category, period."""
        return identity(self.id_number, self.bank_org, self.account, self.category, self.starts_on, self.ends_on)

    def content(self) -> bytes:
        """All that the row says, for telling a repeated import from a changed one. Personal: digest it under a key."""
        due_on = self.due_on.isoformat() if self.due_on else ""
        rest = (self.name, self.insurance, str(self.amount_fen), self.region, due_on, self.note)
        return self.identity() + b"\x1e" + "\x1f".join(rest).encode()


def identity(id_number: str, bank_org: int, account: str, category: str, starts_on: date, ends_on: date) -> bytes:
    """The bytes of InquiryRow.identity for a row that may be faulty elsewhere."""
    parts = (id_number, str(bank_org), account, category, starts_on.isoformat(), ends_on.isoformat())
    return "\x1f".join(parts).encode()


class Seen(Enum):
    """How a row stands to earlier imports."""

    NEW = "new"
    SAME = "same"
    OTHER = "other"  # the same inquiry with other content


Earlier = Callable[[Sequence[InquiryRow]], Sequence[Seen]]
"""The caller's look into earlier imports: one answer a row, in order. It digests ``identity`` and ``content``."""


@dataclass(frozen=True, slots=True)
class Import:
    """What came of a file. ``rows``: without fault and not imported before; ``count``: all rows that are not blank;
    ``accepted``: rows without fault; ``skipped``: of those, imported before with the same content."""

    rows: tuple[InquiryRow, ...]
    count: int
    accepted: int
    skipped: int
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    def as_json(self, lang: Lang) -> dict[str, object]:
        """The shape that ``inquiry import --dry-run --json`` prints."""
        return {
            "rows": self.count,
            "accepted": self.accepted,
            "skipped": self.skipped,
            "faults": [fault.as_json(lang) for fault in self.faults],
            "warnings": [warning.as_json(lang) for warning in self.warnings],
        }
