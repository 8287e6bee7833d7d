# SPDX-License-Identifier: Apache-2.0
"""A replay against what somebody else holds: rows of a database, or a report. Every difference is named.

Rows come from anywhere, plain; no database is known here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from node.audit.replay import Replay
from node.audit.rows import Expected, Fields, Json, Keccak, Key, Unless, expected_tables
from node.audit.totals import Book
from node.domain.digest import keccak
from node.domain.errors import Refused
from node.domain.messages import Lang, say

ROW = "*"  # in place of a field: the row as a whole
_LONGEST_ID = 5  # digits of the greatest organisation id, 65535


class ReportMalformed(Refused):
    """The file is no report of a run. Values: ``field``."""

    code = "report_malformed"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: ``key`` holds the primary key's values in the order of its columns."""

    table: str
    key: Key
    fields: Fields


@dataclass(frozen=True, slots=True)
class Difference:
    """``found`` in the row, ``expected`` by the chain. ``field`` ``*``: the row itself is missing, or should not be."""

    table: str
    key: str
    field: str
    found: str
    expected: str


def describe(difference: Difference, lang: Lang = "zh") -> str:
    """A difference as a sentence."""
    d = difference
    sentence = "audit.difference.row" if d.field == ROW else "audit.difference"
    return say(sentence, lang, table=d.table, row=d.key, field=d.field, found=d.found, expected=d.expected)


def verify_rows(replay: Replay, rows: Iterable[Row], tables: Collection[str]) -> Iterator[Difference]:
    """Differences between the replay and a node's tables as of the replay's last block.

    ``tables``: those that are handed over, whole; what they lack shows when all rows have come.
    """
    expected = {name: table for name, table in expected_tables(replay).items() if name in tables}
    seen: dict[str, set[Key]] = {name: set() for name in expected}
    for row in rows:
        if row.table in expected:
            seen[row.table].add(row.key)
            yield from _judged(row, expected[row.table])
    for name, table in expected.items():
        for key in table.rows:
            if table.all and key not in seen[name]:
                yield Difference(name, key_text(key), ROW, "-", "present")


def verify_report(replay: Replay, report: object) -> Iterator[Difference]:
    """Differences between the replay and a run's report (``{"entries", "refusals", "totals": {org: {…_fen}}, …}``).

    An organisation is named by its id or by its name in the registry. Raises ReportMalformed.
    """
    told = _mapping(report, "report")
    for name, count in (("entries", len(replay.entries)), ("refusals", len(replay.refusals))):
        if told.get(name) != count:
            yield Difference("report", name, name, _text(told.get(name)), str(count))
    ids = {org.name: org.id for org in replay.members.orgs()} if replay.members else {}
    named: set[int] = set()
    for name, figures in _mapping(told.get("totals"), "totals").items():
        org = ids[name] if name in ids else _org_id(name)
        named.add(org)
        found = _mapping(figures, f"totals.{name}")
        for figure, expected in replay.books.get(org, Book()).figures().items():
            if type(found.get(figure)) is not int or found[figure] != expected:
                yield Difference("report", f"totals/{name}", figure, _text(found.get(figure)), str(expected))
    for org, book in replay.books.items():
        if org not in named and not book.empty:
            yield Difference("report", f"totals/{org}", ROW, "-", "present")


def key_text(key: Key) -> str:
    """A key as it is shown: its parts with / between them, bytes as hex."""
    return "/".join(_text(part) for part in key)


def _judged(row: Row, table: Expected) -> Iterator[Difference]:
    if row.key in table.rows:
        expected = table.fields(table.rows[row.key])
    elif table.only:
        yield Difference(row.table, key_text(row.key), ROW, "present", "-")
        return
    else:
        expected = table.unheard
    for name, value in expected.items():
        for path, found, wanted in _unequal(name, row.fields.get(name), value):
            yield Difference(row.table, key_text(row.key), path, found, wanted)


def _unequal(path: str, found: Any, expected: Any) -> Iterator[tuple[str, str, str]]:
    """(path, found, expected) of everything that is not equal; deep in JSON, by hash where only that is known."""
    if isinstance(expected, Keccak):
        hashed = keccak(found) if isinstance(found, bytes) else b""
        if hashed != expected.hash:
            yield path, f"keccak {hashed.hex() or '-'}", f"keccak {expected.hash.hex()}"
    elif isinstance(expected, Unless):
        if found is not None and found != expected.value:
            yield path, _text(found), _text(expected.value)
    elif isinstance(expected, Json):
        yield from _unequal_json(path, _parsed(found), expected.value)
    elif found != expected:
        yield path, _text(found), _text(expected)


def _unequal_json(path: str, found: Any, expected: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(found, dict) and isinstance(expected, dict):
        left, right = cast(dict[str, Any], found), cast(dict[str, Any], expected)
        for name in dict.fromkeys((*right, *left)):
            yield from _unequal_json(f"{path}.{name}", left.get(name), right.get(name))
    elif isinstance(found, list) and isinstance(expected, list):
        yield from _unequal_lists(path, cast(list[Any], found), cast(list[Any], expected))
    elif isinstance(found, bool) is not isinstance(expected, bool) or found != expected:  # in JSON 1 is not true
        yield path, _text(cast(Any, found)), _text(expected)


def _unequal_lists(path: str, found: Sequence[object], expected: Sequence[object]) -> Iterator[tuple[str, str, str]]:
    for index in range(max(len(found), len(expected))):
        left = found[index] if index < len(found) else None
        right = expected[index] if index < len(expected) else None
        yield from _unequal_json(f"{path}[{index}]", left, right)


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _org_id(name: str) -> int:
    """An organisation's id as text; 0, which is nobody's, for all else, however long it is."""
    return int(name) if name.isdecimal() and len(name) <= _LONGEST_ID else 0


def _mapping(value: object, field: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ReportMalformed(field=field)
    return cast(dict[str, Any], value)


def _text(value: object) -> str:
    if value is None:
        return "-"
    return value.hex() if isinstance(value, bytes) else str(value)
