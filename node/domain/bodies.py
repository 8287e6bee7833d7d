# SPDX-License-Identifier: Apache-2.0
"""What an entry says under seal: one body schema an action, versioned, strict (DOMAIN section 3).

Amounts are whole fen, dates YYYY-MM-DD. A change of a schema is a new version beside the old one, since what stands on
the ledger stays as it was written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from node.domain import codes
from node.domain.entries import MAX_FEN, Action
from node.domain.errors import Refused


def _real(day: str) -> str:
    date.fromisoformat(day)
    return day


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_real)]
Text = Annotated[str, Field(max_length=400)]
LONGEST_SHORT = 80  # characters
Short = Annotated[str, Field(max_length=LONGEST_SHORT)]
FenField = Annotated[int, Field(ge=1, le=MAX_FEN)]


class PayloadWrong(Refused):
    """A body does not fit its schema. Values: ``schema``, ``field``, ``why`` (never the value)."""

    code = "payload_wrong"


class Body(BaseModel):
    """Base of all bodies: strict, closed, frozen; ``note`` is free text for the other side."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)
    schema_name: ClassVar[str]
    note: Text = ""


class EvidenceRef(BaseModel):
    """A scan by the digest of its plain bytes; the file itself never goes on chain."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)
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


def make_body(action: Action, values: Mapping[str, Any]) -> Body:
    """Check a body's values, plain JSON, against the action's schema: nothing is converted, nothing is left over.

    Raises PayloadWrong, naming the field and never the value.
    """
    schema = BODIES[action]
    try:
        return schema.model_validate_json(json.dumps(dict(values)))
    except TypeError:  # a value that JSON does not know
        raise PayloadWrong(schema=schema.schema_name, field="*", why="not_json") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise PayloadWrong(schema=schema.schema_name, field=field, why=first["type"]) from None
