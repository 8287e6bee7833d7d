# SPDX-License-Identifier: Apache-2.0
"""Reserved account numbers of the simulated bank, one an outcome (``reserved.json``), held by anybody who asks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import Any, Literal

from node.corebank.accounts import Account
from node.corebank.port import AccountClass, AccountStatus


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the core misbehaves on one account; the default is a core that works."""

    ours: bool = True
    name_differs: bool = False
    id_differs: bool = False
    posts: Literal["now", "never", "late"] = "now"  # late: at the second look-up or the day's end, unless closed
    answers: Literal["truth", "silence", "failed"] = "truth"
    forgets: bool = False  # a look-up finds no such id while nothing is posted
    unknown_look_ups: int = 0
    closes: bool = True
    extra_fen: int = 0
    half: bool = False
    down: bool = False


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reserved number: ``outcome`` names it, ``zh`` and ``en`` say what happens there."""

    outcome: str
    account: str
    behaviour: Behaviour
    zh: str
    en: str
    held: dict[str, Any] = field(default_factory=dict[str, Any])

    def as_account(self, branch: str, branch_code: str) -> Account:
        """The account to put into the books: no holder of its own, so that any person of a test fits."""
        held = dict(self.held)
        closed_on = held.pop("closed_on", None)
        return Account(
            account=self.account,
            account_class=AccountClass(held.pop("class", "I")),
            status=AccountStatus(held.pop("status", "NORMAL")),
            branch=branch,
            branch_code=branch_code,
            closed_on=date.fromisoformat(closed_on) if closed_on else None,
            **held,
        )


def reserved_accounts() -> dict[str, Reserved]:
    """All reserved numbers by outcome, in the order of the file."""
    text = files("node.corebank").joinpath("reserved.json").read_text(encoding="utf-8")
    items: list[dict[str, Any]] = json.loads(text)
    return {
        item["outcome"]: Reserved(
            outcome=item["outcome"],
            account=item["account"],
            behaviour=Behaviour(**item["behaviour"]),
            zh=item["zh"],
            en=item["en"],
            held=item["held"],
        )
        for item in items
    }
