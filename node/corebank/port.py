# SPDX-License-Identifier: Apache-2.0
"""The port to a bank's core system: verify an account; debit, look up, close and reverse by order id.

An order id is the order's entry hash as 64 lower-case hex digits. An adapter keeps these promises:

- One order id posts at most once. ``debit`` with a known id posts nothing and gives what the id came to.
- ``close`` is final: afterwards nothing can ever be posted under the id. It gives the final posting.
- ``reverse`` and ``close`` may be called again and give the same answer.
- A call that ends in CoreUnavailable or in UNKNOWN may have posted, or may yet post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from node.domain.codes import DebitReason
from node.domain.errors import Refused, Unavailable


class CoreUnavailable(Unavailable):
    """The core system did not answer; what it did is not known."""

    code = "core_unavailable"


class CannotClose(Unavailable):
    """The core system cannot close a single id; it is closed once the core's own ``day`` has ended."""

    code = "core_cannot_close"


class NothingPosted(Refused):
    """A reversal of an order under which nothing stands."""

    code = "core_nothing_posted"


class AccountStatus(StrEnum):
    """账户状态 as a reply names it (DOMAIN section 3)."""

    NORMAL = "NORMAL"
    CLOSED = "CLOSED"
    FROZEN_FULL = "FROZEN_FULL"
    FROZEN_PART = "FROZEN_PART"
    CREDIT_ONLY = "CREDIT_ONLY"
    PAYMENT_STOPPED = "PAYMENT_STOPPED"
    LOST = "LOST"
    DORMANT = "DORMANT"
    NONE = "NONE"  # 不存在


class AccountClass(StrEnum):
    """账户类别; a passbook and a social-security card are classes of their own in the reply."""

    I = "I"  # noqa: E741 - the class is called so
    II = "II"
    III = "III"
    PASSBOOK = "PASSBOOK"
    SOCIAL_CARD = "SOCIAL_CARD"


class Sufficiency(StrEnum):
    """足额 / 不足 / 无法: whether an amount could be debited now; never the balance."""

    SUFFICIENT = "SUFFICIENT"
    INSUFFICIENT = "INSUFFICIENT"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """What the core says of an account. Where it is not ours, or name or ID differ, nothing else is told."""

    ours: bool
    name_matches: bool
    id_matches: bool
    status: AccountStatus | None = None
    account_class: AccountClass | None = None
    branch: str = ""  # 开户网点
    branch_code: str = ""  # 行号
    sufficiency: Sufficiency | None = None
    closed_on: date | None = None


class Outcome(StrEnum):
    """How a debit ended, as far as the core can say now."""

    FULL = "full"
    PARTIAL = "partial"
    FAILED = "failed"
    UNKNOWN = "unknown"  # in work, or lost on the way
    ABSENT = "absent"  # the core knows no such id; it may still arrive


@dataclass(frozen=True, slots=True)
class DebitResult:
    """What stands under an order id: ``posted_fen`` is what the bank keeps, ``reference`` its journal number.

    ``reason`` says why it is less than the order; CORE also where the id was closed before the core took it up.
    """

    outcome: Outcome
    posted_fen: int = 0
    reference: str = ""
    reason: DebitReason = DebitReason.NONE


class CoreBank(Protocol):
    """A core banking system. Every call may raise CoreUnavailable."""

    def verify_account(self, account: str, name: str, id_number: str, amount_fen: int) -> AccountAnswer:
        """Compare name and ID with the account's holder, and say whether the amount could be debited."""
        ...

    def debit(self, order_id: str, account: str, amount_fen: int, *, allow_partial: bool) -> DebitResult:
        """Take the amount, or what is there of it where a part is allowed. Sent once an order, never again."""
        ...

    def look_up(self, order_id: str) -> DebitResult:
        """What stands under the id now; posts nothing."""
        ...

    def close(self, order_id: str) -> DebitResult:
        """From now on nothing is ever posted under the id; gives its final posting, if any. Errors: CannotClose."""
        ...

    def reverse(self, order_id: str, *, keep_fen: int = 0) -> DebitResult:
        """Give back to the account what stands above ``keep_fen``. Errors: NothingPosted."""
        ...

    def day(self) -> date:
        """The core's business day."""
        ...


def payment_reference(order_id: str) -> str:
    """The first 16 bytes of the order's entry hash as hex: fits a statement's 35 characters (PROTOCOL section 3)."""
    assert len(order_id) == 64, "an order id is 32 bytes as hex"
    return order_id[:32]
