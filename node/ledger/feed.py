# SPDX-License-Identifier: Apache-2.0
"""The feed that pages, webhooks and jobs read by ``after=``: seen, undone, final, in the order of the log.

Ids are given in the transaction that holds the cursor, so they appear in order and none is skipped. What a reader was
told already is not told again: after a rebuild the feed stays silent until something is new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from node.domain.entries import Entry, Presented
from node.store.own_records import News, OwnEvent
from node.store.projection import ProjectionBlock, ProjectionEntry, ProjectionRefusal


@dataclass(frozen=True, slots=True)
class Item:
    """One entry or refusal as the feed tells of it; ``rule`` 0: taken."""

    block: int
    block_hash: bytes
    block_time: int
    tx_index: int
    log_index: int
    place: int
    root: bytes
    org: int
    action: int
    entry_hash: bytes
    office: int
    case_id: bytes
    rule: int = 0

    @property
    def order(self) -> tuple[int, int, int, int]:
        return self.block, self.tx_index, self.log_index, self.place

    @property
    def key(self) -> tuple[bytes, int, bytes, int]:
        return self.block_hash, self.org, self.root, self.place


def tell(session: Session, news: News, items: Iterable[Item]) -> int:
    """Append what is news to readers, in the order given; gives the number of rows."""
    wanted = list(items)
    told = _told(session, {item.block_hash for item in wanted})
    fresh = [item for item in wanted if _is_news(news, told.get(item.key))]
    if not fresh:
        return 0
    last = session.connection().execute(select(func.max(OwnEvent.id))).scalar_one() or 0
    rows = [_row(number, news, item) for number, item in enumerate(fresh, start=last + 1)]
    session.exec(insert(OwnEvent), params=rows)
    return len(rows)


def items_between(session: Session, after: int, last: int | None) -> list[Item]:
    """All entries and refusals in blocks ``after + 1`` to ``last`` (None: to the end), in the order of the log."""
    found = [*_taken(session, after, last), *_refused(session, after, last)]
    return sorted(found, key=lambda item: item.order)


def item_of(event: Presented, entry: Entry, entry_hash: bytes, place: int, rule: int) -> Item:
    """The item for one entry of a chunk that was just read."""
    return Item(
        block=event.position.block,
        block_hash=event.block.hash,
        block_time=event.block.timestamp,
        tx_index=event.position.transaction,
        log_index=event.position.log,
        place=place,
        root=event.submission.root,
        org=entry.org,
        action=entry.action,
        entry_hash=entry_hash,
        office=entry.office,
        case_id=entry.case_id,
        rule=rule,
    )


def _is_news(news: News, told: str | None) -> bool:
    if news is News.SEEN:
        return told in (None, News.UNDONE)
    return told == News.SEEN


def _told(session: Session, blocks: set[bytes]) -> dict[tuple[bytes, int, bytes, int], str]:
    """The last news of each item in these blocks."""
    event = OwnEvent
    columns = (col(event.block_hash), col(event.org), col(event.root), col(event.place), col(event.news))
    query = select(*columns).where(col(event.block_hash).in_(blocks)).order_by(col(event.id))
    return {
        (block_hash, org, root, place): news
        for block_hash, org, root, place, news in session.connection().execute(query)
    }


def _row(number: int, news: News, item: Item) -> dict[str, Any]:
    return {
        "id": number,
        "news": news.value,
        "block": item.block,
        "block_hash": item.block_hash,
        "entry_hash": item.entry_hash,
        "root": item.root,
        "place": item.place,
        "org": item.org,
        "action": item.action,
        "office": item.office,
        "case_id": item.case_id,
        "rule": item.rule,
        "block_time": item.block_time,
    }


def _taken(session: Session, after: int, last: int | None) -> list[Item]:
    row = ProjectionEntry
    query = select(*_columns(row)).join(ProjectionBlock, col(ProjectionBlock.number) == col(row.block))
    found = session.connection().execute(query.where(*_range(col(row.block), after, last)))
    return [Item(*values) for values in found]


def _refused(session: Session, after: int, last: int | None) -> list[Item]:
    row = ProjectionRefusal
    query = select(*_columns(row), col(row.rule)).join(ProjectionBlock, col(ProjectionBlock.number) == col(row.block))
    found = session.connection().execute(query.where(*_range(col(row.block), after, last)))
    return [Item(*values) for values in found]


def _range(block: Mapped[int], after: int, last: int | None) -> list[ColumnElement[bool]]:
    above: list[ColumnElement[bool]] = [block > after]
    return above if last is None else [*above, block <= last]


def _columns(row: type[ProjectionEntry | ProjectionRefusal]) -> tuple[Mapped[Any], ...]:
    """The columns of an Item, in its order; the block's hash comes with the join."""
    return (
        col(row.block),
        col(ProjectionBlock.hash),
        col(row.block_time),
        col(row.tx_index),
        col(row.log_index),
        col(row.place),
        col(row.root),
        col(row.org),
        col(row.action),
        col(row.entry_hash),
        col(row.office),
        col(row.case_id),
    )
