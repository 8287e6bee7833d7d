# SPDX-License-Identifier: Apache-2.0
"""What an entry says under seal: one schema an action, versioned, strict (PROTOCOL section 4; DOMAIN section 3).

    {"schema": "reply/1", "salt": 32 bytes as hex, "clear": the entry's clear fields again,
     "happened_at", "learnt_at": UTC, "body": the fields below}

``clear`` lets a reader, and ``inspect`` before a signature, refuse a payload that says another thing than its entry.
Amounts are whole fen, dates YYYY-MM-DD, times ISO 8601 in UTC to the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node.domain import codes
from node.domain.entries import MAX_FEN, Action, Entry
from node.domain.errors import Refused
from node.domain.transitions import table

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Text = Annotated[str, Field(max_length=400)]
Short = Annotated[str, Field(max_length=80)]
FenField = Annotated[int, Field(ge=1, le=MAX_FEN)]

_WIRE = {
    "recipient": "recipient",
    "dueAt": "due_at",
    "head": "head",
    "target": "target",
    "consent": "consent",
    "amount": "amount_fen",
    "claim": "claim_fen",
    "notBefore": "not_before",
    "expiresAt": "expires_at",
    "inParts": "in_parts",
    "fundAccount": "fund_account",
    "debitable": "debitable",
}


class PayloadWrong(Refused):
    """A body does not fit its schema. Values: ``schema``, ``field``, ``why`` (never the value)."""

    code = "payload_wrong"


class Body(BaseModel):
    """Base of all bodies: strict, closed, frozen; ``note`` is free text for the other side."""

    model_config = ConfigDict(strict=False, extra="forbid", frozen=True, hide_input_in_errors=True)
    schema_name: ClassVar[str]
    note: Text = ""


class EvidenceRef(BaseModel):
    """A scan by the digest of its plain bytes; the file itself never goes on chain."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    digest: Digest
    name: Short


class RequestBody(Body):
    """协查函: one person, one account, one overpayment."""

    schema_name = "request/1"
    letter_number: Short
    agency: Short
    bank: Short
    person_name: Short
    person_id: Short
    account: Short
    account_type: codes.AccountType
    insurance: Short
    category: Short
    region: Short
    ineligible_from: Day
    stopped_on: Day
    amount_fen: FenField
    items: tuple[codes.RequestItem, ...]
    purpose: Short
    legal_basis: Short
    contact: Short = ""


class AcknowledgeBody(Body):
    """签收: by a person, or by the node's service officer (``automatic``)."""

    schema_name = "acknowledge/1"
    received_by: Short
    automatic: bool = False


class ReplyBody(Body):
    """回执: as little as possible; no balance."""

    schema_name = "reply/1"
    outcome: codes.ReplyOutcome
    name_matches: bool | None = None
    id_matches: bool | None = None
    account_ours: bool
    status: Short = ""
    account_class: Short = ""
    branch: Short = ""
    branch_code: Short = ""
    sufficiency: Short = ""
    queried_at: Short


class DeclineBody(Body):
    """退回补正."""

    schema_name = "decline/1"
    reason: codes.DeclineReason


class ConsentBody(Body):
    """同意退还书 / 扣款授权书: who agrees, in which capacity, up to how much, until when."""

    schema_name = "consent/1"
    number: Short
    signer_name: Short
    signer_id: Short
    capacity: codes.Capacity
    relation: Short = ""
    account: Short
    valid_until: Day
    evidence: tuple[EvidenceRef, ...] = Field(min_length=1, max_length=8)


class OrderBody(Body):
    """划扣指令."""

    schema_name = "order/1"
    consent_number: Short
    payee: Short


class AcceptBody(Body):
    """受理: the bank has its own copy of the consent's evidence and has checked each digest."""

    schema_name = "accept/1"
    consent_number: Short
    evidence: tuple[Digest, ...] = Field(min_length=1, max_length=8)


class DebitBody(Body):
    """划扣结果: what the bank keeps for the order, and its posting."""

    schema_name = "debit/1"
    outcome: codes.DebitOutcome
    reason: codes.DebitReason = codes.DebitReason.NONE
    posting: Short = ""
    posted_at: Short = ""
    payment_reference: Short = ""
    id_closed: bool = False


class CancelBody(Body):
    """撤销指令."""

    schema_name = "cancel/1"
    reason: codes.CancelReason


class RevokeBody(Body):
    """撤销同意."""

    schema_name = "revoke/1"
    reason: codes.RevokeReason
    evidence: tuple[EvidenceRef, ...] = Field(default=(), max_length=8)


class ReverseBody(Body):
    """冲正 (the bank's) / 退还 (the office's)."""

    schema_name = "reverse/1"
    reason: codes.ReverseReason
    reference: Short = ""


class SettleBody(Body):
    """到账核销: where the money stands on the fund account's statement."""

    schema_name = "settle/1"
    statement: Short
    received_on: Day


class DisputeBody(Body):
    """异议."""

    schema_name = "dispute/1"
    reason: codes.DisputeReason


class ResolveBody(Body):
    """异议处理; an administrative decision by its digest."""

    schema_name = "resolve/1"
    outcome: codes.ResolveOutcome
    decision: Digest | None = None


class CloseBody(Body):
    """结案; ``next_case``: where a re-routed inquiry goes on."""

    schema_name = "close/1"
    outcome: codes.CloseOutcome
    next_case: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")


BODIES: dict[Action, type[Body]] = {
    Action.REQUEST: RequestBody,
    Action.ACKNOWLEDGE: AcknowledgeBody,
    Action.REPLY: ReplyBody,
    Action.DECLINE: DeclineBody,
    Action.CONSENT: ConsentBody,
    Action.ORDER: OrderBody,
    Action.ACCEPT: AcceptBody,
    Action.DEBIT: DebitBody,
    Action.CANCEL: CancelBody,
    Action.REVOKE: RevokeBody,
    Action.REVERSE: ReverseBody,
    Action.SETTLE: SettleBody,
    Action.DISPUTE: DisputeBody,
    Action.RESOLVE: ResolveBody,
    Action.CLOSE: CloseBody,
}


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
        value = getattr(entry, _WIRE[name])
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


def make_body(action: Action, values: Mapping[str, Any]) -> Body:
    """Check a body's values against the action's schema. Raises PayloadWrong, naming the field and never the value."""
    schema = BODIES[action]
    try:
        return schema.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PayloadWrong(schema=schema.schema_name, field=field, why=first["type"]) from None


def read(action: Action, payload: Mapping[str, Any]) -> Payload:
    """The payload, typed. Raises PayloadWrong; ask ``schema_known`` and ``differing`` first."""
    try:
        happened, learnt = (datetime.fromisoformat(payload[key]) for key in ("happened_at", "learnt_at"))
        clear, body = payload["clear"], payload["body"]
    except (KeyError, TypeError, ValueError):
        raise PayloadWrong(schema=str(payload.get("schema", "")), field="*", why="form") from None
    return Payload(action, make_body(action, body), clear, happened, learnt)


def schema_known(action: Action, schema: object) -> bool:
    """Whether this node reads that schema for that action."""
    return schema == BODIES[action].schema_name


def differing(entry: Entry, payload: Mapping[str, Any]) -> str | None:
    """The first clear field that the payload repeats with another value than the entry's, or None."""
    said = payload.get("clear")
    clear = clear_of(entry)
    if not isinstance(said, Mapping) or said.keys() != clear.keys():
        return "clear"
    return next((name for name, value in clear.items() if said[name] != value), None)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
