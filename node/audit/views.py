# SPDX-License-Identifier: Apache-2.0
"""The ledger's own books against the replay: what its storage says of cases, totals and the global count.

Events alone cannot show that the latest chunk was kept from the auditor; storage, read as of the same block, does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from node.audit.findings import Finding, Kind
from node.audit.replay import Replay
from node.chain.connection import Connection
from node.chain.contracts import view_many
from node.chain.deployment import Deployment
from node.chain.hexes import quantity
from node.domain.case import Case
from node.domain.entries import Action, CaseKey, Phase

_CASE = "(bytes32,uint8,bool,bool,bool,bool,uint16,uint16,uint24,uint24,uint24,uint56,uint56)"
_CASE_FIELDS = (
    "head",
    "phase",
    "debitable",
    "accepted",
    "office_dispute",
    "recipient_dispute",
    "office",
    "recipient",
    "seq",
    "open_order_seq",
    "unsettled",
    "claim_fen",
    "net_fen",
)
_TOTAL = "(uint64,uint128)"

Fields = dict[str, Any]


class Views(Protocol):
    """What the ledger's storage says as of one block."""

    def taken(self) -> int:
        """The global count of entries taken."""
        ...

    def cases(self, keys: Sequence[CaseKey]) -> list[Fields]:
        """``caseOf`` of each, by field; all zero where there is no such case."""
        ...

    def totals(self, asked: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """``totalOf`` each (organisation, action): (entries, fen)."""
        ...


class ChainViews:
    """The views by ``eth_call`` as of ``block``, which the network must still hold the state of."""

    def __init__(self, connection: Connection, deployment: Deployment, block: int) -> None:
        self._connection = connection
        self._ledger = deployment.ledger.address
        self._block = quantity(block)

    def taken(self) -> int:
        return self._ask("taken()", [()], "uint64")[0]

    def cases(self, keys: Sequence[CaseKey]) -> list[Fields]:
        answers = self._ask("caseOf(uint16,bytes32)", [(key.office, key.case_id) for key in keys], _CASE)
        return [dict(zip(_CASE_FIELDS, answer, strict=True)) for answer in answers]

    def totals(self, asked: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        return self._ask("totalOf(uint16,uint8)", asked, _TOTAL)

    def _ask(self, signature: str, arguments: Sequence[Sequence[Any]], result: str) -> list[Any]:
        answers = view_many(self._connection, self._ledger, signature, (result,), arguments, self._block)
        return [values[0] for values in answers]


def compare_views(replay: Replay, views: Views) -> Iterator[Finding]:
    """Findings where storage differs from the replay; ``views`` as of the replay's last block."""
    if views.taken() != replay.taken:
        yield Finding(Kind.VIEW_TAKEN, None, str(views.taken()), str(replay.taken))
    keys = list(replay.cases)
    for key, told in zip(keys, views.cases(keys), strict=True):
        expected = _case_fields(replay.cases[key].case)
        differing = [name for name, value in expected.items() if told[name] != value]
        if differing:
            where = f"{key.office}/{key.case_id.hex()}"
            yield Finding(Kind.VIEW_CASE, None, _said(where, told, differing), _said(where, expected, differing))
    orgs = replay.members.orgs() if replay.members else ()
    asked = [(org.id, int(action)) for org in orgs for action in Action]
    for (org, action), told in zip(asked, views.totals(asked), strict=True):
        written = replay.written.get((org, action))
        expected = (written.entries, written.fen) if written else (0, 0)
        if tuple(told) != expected:
            name = Action(action).name
            yield Finding(Kind.VIEW_TOTAL, None, _total(name, told), _total(name, expected), org)


def _case_fields(case: Case) -> Fields:
    opened = case.opened
    fields: Fields = {
        "head": case.head,
        "phase": int(case.phase),
        "debitable": case.debitable,
        "accepted": case.accepted,
        "office": case.key.office,
        "recipient": case.recipient,
        "seq": case.seq,
        "open_order_seq": opened.seq if opened else 0,
        "unsettled": case.unsettled,
        "claim_fen": case.claim_fen,
        "net_fen": case.net_fen,
    }
    if case.phase in (Phase.DECLINED, Phase.CLOSED):  # disputes are void there, whatever storage still holds
        return fields
    return fields | {"office_dispute": case.disputed(True), "recipient_dispute": case.disputed(False)}


def _said(where: str, fields: Fields, names: Sequence[str]) -> str:
    values = {name: fields[name] for name in names}
    return f"{where}: " + ", ".join(f"{n} {v.hex() if isinstance(v, bytes) else v}" for n, v in values.items())


def _total(action: str, total: Sequence[int]) -> str:
    return f"{action}: {total[0]} entries, {total[1]} fen"
