# SPDX-License-Identifier: Apache-2.0
"""The transition table, read from the one file that Python, the Foundry tests and the documentation share.

Source: PROTOCOL section 3 and docs/wire.md; the file is ``node/domain/data/transitions.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from node.domain.entries import Action, OrgRole, Phase
from node.domain.messages import Lang

Side = Literal["office", "recipient", "either"]
Target = Literal["order", "consent", "debit", "dispute"]
OrderState = Literal["any", "none", "open", "unaccepted"]
ActBy = Literal["G", "A", "P", "AG"]


class Rule(IntEnum):
    """Why an entry is refused; the codes of the table, in the order in which the ledger judges (docs/wire.md)."""

    ACTION = 1
    FIELDS = 2
    PAYLOAD_SIZE = 3
    CASE = 4
    PARTY = 5
    RECIPIENT = 6
    PHASE = 7
    ORDER_OPEN = 8
    UNSETTLED = 9
    HEAD = 10
    TARGET = 11
    ACCEPTED = 12
    NOT_ACCEPTED = 13
    DISPUTED = 14
    CONSENT_LIVE = 15
    CONSENT_STANDS = 16
    AMOUNT_RANGE = 17
    AMOUNT = 18
    PARTS = 19
    CONSENT_AMOUNT = 20
    CLAIM = 21
    FUND_ACCOUNT = 22
    ORDER_LIMIT = 23
    DAY_LIMIT = 24


class ActKind(IntEnum):
    """What governors and ADMINs do on the registry (docs/wire.md, Acts)."""

    ADMIT = 1
    SUSPEND = 2
    REINSTATE = 3
    SET_LIMITS = 4
    LOWER_LIMITS = 5
    REPLACE_ADMINS = 6
    NAME_SUCCESSOR = 7
    PAUSE = 8
    RESUME = 9
    ADD_OFFICER = 10
    SUSPEND_OFFICER = 11
    ADD_SENDER = 12
    REMOVE_SENDER = 13
    REGISTER_KEY = 14
    ADD_FUND_ACCOUNT = 15
    REMOVE_FUND_ACCOUNT = 16
    NAME_LEDGER = 17


@dataclass(frozen=True, slots=True)
class Label:
    """A name in both languages."""

    zh: str
    en: str

    def say(self, lang: Lang = "zh") -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One row of the table. ``fields``: what it uses beside office, caseId, commitment, sealed; in wire names."""

    action: Action
    label: Label
    by: frozenset[OrgRole]
    side: Side
    phases: frozenset[Phase]
    fields: frozenset[str]
    head: bool  # names the head that its signers saw
    target: Target | None
    order: OrderState  # what it needs of the open order
    to: Phase | None  # the phase that it leads to, None where the phase stays
    service: bool  # a service officer may sign it alone
    pausable: bool


@dataclass(frozen=True, slots=True)
class ActRow:
    """One kind of act. ``by``: G governors, A the org's ADMINs, P its ADMINs or a governor's, AG both A and G."""

    kind: ActKind
    label: Label
    by: ActBy
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """The whole file, typed."""

    actions: dict[Action, ActionRow]
    acts: dict[ActKind, ActRow]
    rules: dict[Rule, Label]
    phases: dict[Phase, Label]
    roles: dict[OrgRole, Label]
    sealed_sizes: tuple[int, ...]

    def action(self, code: int) -> ActionRow | None:
        """The row of an action by its code on the wire; None for a code that there is not."""
        return self.actions[Action(code)] if code in self.actions else None

    def act(self, code: int) -> ActRow | None:
        """The row of a kind of act by its code on the wire; None for a code that there is not."""
        return self.acts[ActKind(code)] if code in self.acts else None


@cache
def table() -> Table:
    """The transition table; read once."""
    text = files("node.domain").joinpath("data/transitions.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return Table(
        actions={Action(row["code"]): _action_row(row) for row in data["actions"]},
        acts={
            ActKind(row["code"]): ActRow(ActKind(row["code"]), _label(row), row["by"], frozenset(row["fields"]))
            for row in data["acts"]
        },
        rules={Rule(row["code"]): _label(row) for row in data["rules"]},
        phases={Phase(row["code"]): _label(row) for row in data["phases"]},
        roles={OrgRole(row["code"]): _label(row) for row in data["roles"]},
        sealed_sizes=tuple(data["sealed_sizes"]),
    )


def _action_row(row: dict[str, Any]) -> ActionRow:
    return ActionRow(
        action=Action(row["code"]),
        label=_label(row),
        by=frozenset(OrgRole[name] for name in row["by"]),
        side=row["side"],
        phases=frozenset(Phase[name] for name in row["phases"]),
        fields=frozenset(row["fields"]),
        head=row["head"],
        target=row["target"],
        order=row["order"],
        to=None if row["to"] is None else Phase[row["to"]],
        service=row["service"],
        pausable=row["pausable"],
    )


def _label(row: dict[str, Any]) -> Label:
    return Label(row["zh"], row["en"])
