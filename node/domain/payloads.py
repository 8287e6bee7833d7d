# SPDX-License-Identifier: Apache-2.0
"""The envelope of what is sealed, around a body of ``node.domain.bodies`` (PROTOCOL section 4).

    {"schema": "reply/1", "salt": 32 bytes as hex, "clear": the entry's clear fields again,
     "happened_at", "learnt_at": UTC, "body": the fields of the schema}

``clear`` lets a reader, and ``inspect`` before a signature, refuse a payload that says another thing than its entry.
Times are ISO 8601 in UTC to the second.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from node.domain.bodies import BODIES, Body, PayloadWrong, make_body
from node.domain.entries import Action, Entry
from node.domain.rules import FIELDS
from node.domain.transitions import table

__all__ = [
    "Payload",
    "PayloadWrong",
    "build",
    "clear_of",
    "differing",
    "make_body",
    "read",
    "schema_known",
    "schema_said",
]

_SCHEMA = re.compile("[a-z]{1,20}/[0-9]{1,4}")
_KEYS = {"schema", "salt", "clear", "happened_at", "learnt_at", "body"}


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload as read: its body typed, its times aware, in UTC."""

    action: Action
    body: Body
    clear: Mapping[str, Any]
    happened_at: datetime
    learnt_at: datetime


def clear_of(entry: Entry) -> dict[str, int | str]:
    """The clear fields of an entry in wire names; hashes as hex. What a payload repeats."""
    clear: dict[str, int | str] = {
        "action": Action(entry.action).name,
        "org": entry.org,
        "office": entry.office,
        "caseId": bytes.hex(entry.case_id),
    }
    for name in sorted(table().actions[Action(entry.action)].fields):
        value = getattr(entry, FIELDS[name])
        clear[name] = bytes.hex(value) if isinstance(value, bytes) else value
    return clear


def build(entry: Entry, body: Body, salt: bytes, happened_at: datetime, learnt_at: datetime) -> dict[str, Any]:
    """The payload of an entry as plain JSON values, ready to be made canonical. ``salt``: 32 random bytes."""
    return {
        "schema": body.schema_name,
        "salt": bytes.hex(salt),
        "clear": clear_of(entry),
        "happened_at": _utc(happened_at),
        "learnt_at": _utc(learnt_at),
        "body": body.model_dump(mode="json", exclude_defaults=True),
    }


def read(action: Action, payload: Mapping[str, Any]) -> Payload:
    """The payload, typed. Raises PayloadWrong; ask ``schema_known`` and ``differing`` first."""
    if set(payload) != _KEYS:
        raise PayloadWrong(schema=schema_said(payload), field="*", why="form")
    try:
        happened, learnt = (_moment(payload[key]) for key in ("happened_at", "learnt_at"))
        clear, body = payload["clear"], dict(payload["body"])
    except (TypeError, ValueError, OverflowError):  # Overflow: a time of year 1 or 9999 in another zone
        raise PayloadWrong(schema=schema_said(payload), field="*", why="form") from None
    try:
        return Payload(action, make_body(action, body), clear, happened, learnt)
    except PayloadWrong as error:
        if error.values["why"] != "extra_forbidden":
            raise
        raise PayloadWrong(**error.values | {"field": "*"}) from None  # its name is its writer's, and may say anything


def schema_known(action: Action, schema: object) -> bool:
    """Whether this node reads that schema for that action."""
    return schema == BODIES[action].schema_name


def schema_said(payload: Mapping[str, Any]) -> str:
    """The schema that a payload names, where it looks like one; whatever else another member wrote there is "?"."""
    said = payload.get("schema")
    return said if isinstance(said, str) and _SCHEMA.fullmatch(said) else "?"


def differing(entry: Entry, payload: Mapping[str, Any]) -> str | None:
    """The first clear field that the payload repeats with another value than the entry's, or None."""
    said = payload.get("clear")
    clear = clear_of(entry)
    if not isinstance(said, Mapping):
        return "clear"
    repeated = cast(Mapping[str, object], said)
    if set(repeated) != set(clear):
        return "clear"
    return next((name for name, value in clear.items() if not _same(repeated[name], value)), None)


def _same(said: object, value: int | str) -> bool:
    return type(said) is type(value) and said == value  # true is no 1


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if _utc(moment) != text:
        raise ValueError("not UTC to the second")
    return moment


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
