# SPDX-License-Identifier: Apache-2.0
"""The registry as the projection has it: acts to rows and back, and the members folded from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from node.domain.entries import Act, Acted, Block, Founded, Founding, Position
from node.domain.errors import Broken
from node.domain.members import Members
from node.store.projection import ProjectionAct, ProjectionBlock

FOUNDED = 0  # the kind under which the registry's construction is filed


class NotFounded(Broken):
    """The log begins without the registry's construction, or has a second one. Values: ``block``."""

    code = "not_founded"


def fold(members: Members | None, event: Founded | Acted) -> Members:
    """The members after one event of the registry. Raises NotFounded, ActOutOfLine."""
    if isinstance(event, Founded):
        if members is not None:
            raise NotFounded(block=event.block.number)
        return Members.found(event)
    if members is None:
        raise NotFounded(block=event.block.number)
    return members.apply(event.act, event.block.timestamp)


def members_now(session: Session) -> Members | None:
    """The members as of the cursor; None where nothing of the registry has been seen yet."""
    return Roll().now(session)


class Roll:
    """The members as a session's snapshot has them, folded on from the call before: acts only ever become more, and
    whoever asks asks often. Where the last act known was taken back, it begins anew. Threads may share one."""

    def __init__(self) -> None:
        self._known: tuple[_At, Members] | None = None

    def now(self, session: Session) -> Members | None:
        """None where nothing of the registry has been seen yet."""
        newest = _newest(session)
        if newest is None:
            return None
        known = self._known
        if known is not None and known[0] == newest:
            return known[1]
        if known is not None and not _stands(session, known[0]):
            known = None
        members = None if known is None else known[1]
        acts = select(ProjectionAct, ProjectionBlock).join(ProjectionBlock).order_by(*_PLACE)
        if known is not None:
            acts = acts.where(sqlalchemy.tuple_(*_PLACE) > known[0].place)
        for row, block in session.exec(acts):
            members = fold(members, event_of(row, block))
        assert members is not None
        self._known = (newest, members)
        return members


@dataclass(frozen=True, slots=True)
class _At:
    """Where an act stands; ``hash`` of its block, which fixes all acts before it."""

    block: int
    transaction: int
    log: int
    hash: bytes

    @property
    def place(self) -> tuple[int, int, int]:
        return self.block, self.transaction, self.log


_PLACE = (col(ProjectionAct.block), col(ProjectionAct.tx_index), col(ProjectionAct.log_index))


def _newest(session: Session) -> _At | None:
    newest = [column.desc() for column in _PLACE]
    act, block = ProjectionAct, ProjectionBlock
    query = sqlalchemy.select(*_PLACE, col(block.hash)).join(block, col(block.number) == col(act.block))
    query = query.order_by(*newest).limit(1)
    found = session.connection().execute(query).first()
    return None if found is None else _At(*found)


def _stands(session: Session, at: _At) -> bool:
    act = session.get(ProjectionAct, at.place)
    block = session.get(ProjectionBlock, at.block)
    return act is not None and block is not None and block.hash == at.hash


def row_of(event: Founded | Acted) -> dict[str, Any]:
    """The columns of ProjectionAct for one event; 64-bit numbers as decimal strings in the JSON."""
    at = event.position
    place = {"block": at.block, "tx_index": at.transaction, "log_index": at.log, "tx_hash": event.tx_hash}
    if isinstance(event, Founded):
        governors = [{"name": g.name, "first": g.first, "second": g.second} for g in event.governors]
        raw = {"registry": event.registry.hex(), "threshold": event.threshold, "governors": governors}
        return place | {"kind": FOUNDED, "org": 0, "number": 0, "raw": raw}
    raw = act_to_raw(event.act) | {"signatures": [s.hex() for s in event.signatures]}
    return place | {"kind": event.act.kind, "org": event.act.org, "number": event.act.number, "raw": raw}


def event_of(row: ProjectionAct, block: ProjectionBlock) -> Founded | Acted:
    """The event again, as it stood in the log."""
    header = Block(block.number, block.hash, block.parent, block.timestamp)
    position = Position(row.block, row.tx_index, row.log_index)
    if row.kind == FOUNDED:
        governors = tuple(Founding(g["name"], g["first"], g["second"]) for g in row.raw["governors"])
        registry, threshold = bytes.fromhex(row.raw["registry"]), int(row.raw["threshold"])
        return Founded(position, header, row.tx_hash, registry, threshold, governors)
    signatures = tuple(bytes.fromhex(s) for s in row.raw["signatures"])
    return Acted(position, header, row.tx_hash, act_from_raw(row.raw), signatures)


def act_to_raw(act: Act) -> dict[str, Any]:
    """An act's fields as JSON values."""
    return {
        "kind": act.kind,
        "org": act.org,
        "number": str(act.number),
        "first": act.first,
        "second": act.second,
        "code": act.code,
        "order_limit_fen": str(act.order_limit_fen),
        "day_limit_fen": str(act.day_limit_fen),
        "data": act.data.hex(),
        "valid_until": str(act.valid_until),
    }


def act_from_raw(raw: dict[str, Any]) -> Act:
    """The inverse of ``act_to_raw``; other keys are left alone."""
    return Act(
        kind=raw["kind"],
        org=raw["org"],
        number=int(raw["number"]),
        first=raw["first"],
        second=raw["second"],
        code=raw["code"],
        order_limit_fen=int(raw["order_limit_fen"]),
        day_limit_fen=int(raw["day_limit_fen"]),
        data=bytes.fromhex(raw["data"]),
        valid_until=int(raw["valid_until"]),
    )
