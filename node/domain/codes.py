# SPDX-License-Identifier: Apache-2.0
"""The codes that sealed payloads use, as closed lists. Their names in both languages, and the ISO 20022 external code
where one exists, stand in ``data/codes.json``, one list an enum: ``{"ReplyOutcome": [{"code", "zh", "en", "iso"}]}``.

Sources: DOMAIN section 3 (回执, 同意退还) and section 4 (failures); the choice of codes is ours.
"""

from __future__ import annotations

from enum import StrEnum


class ReplyOutcome(StrEnum):
    """核验结果; all but MATCHED cannot be debited."""

    MATCHED = "matched"
    MISMATCH = "mismatch"
    CLOSED = "closed"
    FROZEN = "frozen"
    STOPPED = "stopped"
    LOST = "lost"
    DORMANT = "dormant"
    NOT_OURS = "not_ours"


class DeclineReason(StrEnum):
    """退回补正的原因."""

    INCOMPLETE = "incomplete"
    CONTRADICTORY = "contradictory"
    WRONG_ADDRESSEE = "wrong_addressee"


class AccountType(StrEnum):
    """账号类型."""

    CARD = "card"
    ACCOUNT = "account"


class Capacity(StrEnum):
    """签署人身份 (同意退还书)."""

    PAYEE = "payee"
    LEGAL_REPRESENTATIVE = "legal_representative"
    HEIR = "heir"
    ESTATE_ADMINISTRATOR = "estate_administrator"
    AGENT = "agent"
    FALSE_CLAIMANT = "false_claimant"


class DebitOutcome(StrEnum):
    """划扣结果."""

    FULL = "full"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"  # before acceptance


class DebitReason(StrEnum):
    """未足额划扣的原因; NONE where the debit is full."""

    NONE = "none"
    BALANCE = "balance"
    CLOSED = "closed"
    FROZEN = "frozen"
    STOPPED = "stopped"
    LOST = "lost"
    DORMANT = "dormant"
    NOT_OURS = "not_ours"
    EVIDENCE = "evidence"  # the bank has no copy of the consent, or another one
    REVOKED = "revoked"
    DISPUTED = "disputed"
    CORE = "core"


class CancelReason(StrEnum):
    """撤销指令的原因."""

    WRONG_AMOUNT = "wrong_amount"
    PAID_OTHERWISE = "paid_otherwise"
    WRONG_PERSON = "wrong_person"
    OTHER = "other"


class RevokeReason(StrEnum):
    """撤销同意的原因."""

    WITHDRAWN = "withdrawn"
    PAID_OTHERWISE = "paid_otherwise"
    INVALID = "invalid"


class ReverseReason(StrEnum):
    """冲正 / 退还的原因."""

    POSTED_WRONG = "posted_wrong"
    WRONG_PERSON = "wrong_person"
    CONSENT_VOID = "consent_void"
    TOO_MUCH = "too_much"


class DisputeReason(StrEnum):
    """异议事由."""

    PERSON_ALIVE = "person_alive"
    NOT_CONVICTED = "not_convicted"
    WRONG_PERSON = "wrong_person"
    CONSENT_CONTESTED = "consent_contested"
    AMOUNT_CONTESTED = "amount_contested"


class ResolveOutcome(StrEnum):
    """异议处理结果."""

    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class CloseOutcome(StrEnum):
    """结案结果; WITHDRAWN is the withdrawal of the letter."""

    RECOVERED = "recovered"
    PARTLY_RECOVERED = "partly_recovered"
    NO_CONSENT = "no_consent"
    CANNOT_DEBIT = "cannot_debit"
    REROUTED = "rerouted"
    NOT_OWED = "not_owed"
    GIVEN_BACK = "given_back"
    WITHDRAWN = "withdrawn"


class RequestItem(StrEnum):
    """协查事项."""

    NAME = "name"
    ID = "id"
    STATUS = "status"
    CLASS = "class"
    BRANCH = "branch"
    SUFFICIENCY = "sufficiency"
    FREEZE = "freeze"
