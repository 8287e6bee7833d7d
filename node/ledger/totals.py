# SPDX-License-Identifier: Apache-2.0
"""What the taken entries add up to for each organisation, by both sides of a case, from the projection.

An organisation's sums run over the cases in which it is the office or the recipient, whoever wrote the entry; so the
offices' sums and the recipients' sums agree, and both agree with the auditor's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from sqlalchemy import func, select
from sqlmodel import Session, col

from node.domain.entries import Action
from node.store.columns import whole, wide_sum
from node.store.projection import ProjectionCase, ProjectionCursor, ProjectionEntry, ProjectionRefusal

_FIGURES: Mapping[int, str] = {
    Action.CONSENT: "consented_fen",
    Action.ORDER: "ordered_fen",
    Action.DEBIT: "debited_fen",
    Action.REVERSE: "reversed_fen",
    Action.SETTLE: "settled_fen",
}


@dataclass(frozen=True, slots=True)
class Sums:
    """Five sums of one organisation, in fen, each over all entries ever taken (a reversed debit stays debited)."""

    consented_fen: int = 0
    ordered_fen: int = 0
    debited_fen: int = 0
    reversed_fen: int = 0
    settled_fen: int = 0

    def figures(self) -> dict[str, int]:
        """The five sums by name, in the order of a report."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def totals(session: Session, *, final_only: bool = False) -> dict[int, Sums]:
    """Sums by organisation id, of every organisation with a case; ``final_only``: leave out what may yet be undone."""
    entry, case = ProjectionEntry, ProjectionCase
    query = (
        select(col(case.office), col(case.recipient), col(entry.action), *wide_sum(col(entry.amount_fen)))
        .join(case, (col(case.office) == col(entry.office)) & (col(case.case_id) == col(entry.case_id)))
        .group_by(col(case.office), col(case.recipient), col(entry.action))
    )
    if final_only:
        query = query.where(col(entry.block) <= _final_number(session))
    figures: dict[int, dict[str, int]] = {}
    for office, recipient, action, high, low in session.connection().execute(query):
        for org in {office, recipient}:
            book = figures.setdefault(org, {})
            if action in _FIGURES:
                book[_FIGURES[action]] = book.get(_FIGURES[action], 0) + whole(high, low)
    return {org: Sums(**book) for org, book in sorted(figures.items())}


def counts(session: Session) -> tuple[int, int]:
    """How many entries the ledger took, and how many it refused, as far as the projection goes."""
    connection = session.connection()
    taken = connection.execute(select(func.count()).select_from(ProjectionEntry)).scalar_one()
    refused = connection.execute(select(func.count()).select_from(ProjectionRefusal)).scalar_one()
    return taken, refused


def _final_number(session: Session) -> int:
    cursor = session.get(ProjectionCursor, 1)
    return -1 if cursor is None else cursor.final_number
