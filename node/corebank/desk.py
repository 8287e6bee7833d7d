# SPDX-License-Identifier: Apache-2.0
"""The debit desk: carries an accepted order to the core bank at most once, and says how it ended once that is final.

Where a crash leaves it, and what the next run does:

    before ``started``        PENDING: nothing was sent; it is sent now
    after ``started``         SENT: it may have been sent; it is looked up, never sent again
    full                      ended
    absent, failed, partial   the id is closed at the core first, so that nothing is posted later; its last word counts
    unknown, no answer        it waits and is looked up again

Whether the evidence is there, the acceptance final and no stop seen is for the caller to check before it comes here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from node.corebank.journal import DebitJournal, Line, State
from node.corebank.port import CannotClose, CoreBank, CoreUnavailable, DebitResult, Outcome
from node.domain.codes import DebitReason
from node.domain.ports import Clock


@dataclass(frozen=True, slots=True)
class DebitOrder:
    """An accepted order. ``order_id``: the ORDER's entry hash in hex; ``day``: Beijing date of the ACCEPT's block."""

    order_id: str
    account: str = field(repr=False)
    amount_fen: int
    allow_partial: bool
    day: date


class Wait(StrEnum):
    """Why an order has not ended yet."""

    IN_FLIGHT = "in_flight"  # another worker has just sent it
    UNKNOWN = "unknown"  # the core does not know how it ended
    NO_ANSWER = "no_answer"  # the core does not answer
    DAY_OPEN = "day_open"  # the id closes only with the core's day


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not ended: come back. ``look_ups`` so far, for the screen."""

    why: Wait
    look_ups: int


class DebitDesk:
    """One bank's desk. ``accepted_fen`` gives the sum of the orders accepted on a Beijing date, as the ledger has it:
    the control total that stops whatever runs twice, before its money moves. ``reached`` hears each step's name."""

    def __init__(
        self,
        core: CoreBank,
        journal: DebitJournal,
        clock: Clock,
        *,
        accepted_fen: Callable[[date], int],
        patience_s: float = 60.0,
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._core = core
        self._journal = journal
        self._clock = clock
        self._accepted_fen = accepted_fen
        self._patience = timedelta(seconds=patience_s)
        self._reached = reached

    def execute(self, order: DebitOrder) -> DebitResult | Waiting:
        """Send the order if nobody has, else find out how it ended. A result is final and may be reported.

        Errors: OrderDiffers; ControlTotalExceeded (nothing was sent).
        """
        line = self._admit(order)
        if line.result is not None:
            return line.result
        if line.state is State.PENDING:
            if not self._journal.start(order.order_id, self._clock.now(), self._accepted_fen(order.day)):
                return Waiting(Wait.IN_FLIGHT, 0)
            self._reached("started")
            return self._conclude(order, line, self._send(order))
        if self._in_flight(line):
            return Waiting(Wait.IN_FLIGHT, line.look_ups)
        return self._conclude(order, line, None)

    def give_up(self, order: DebitOrder) -> DebitResult | Waiting:
        """A person stops it: nothing is sent, its id is closed, what had been posted counts. Errors: OrderDiffers."""
        line = self._admit(order)
        if line.result is not None:
            return line.result
        if line.state is State.SENT and self._in_flight(line):
            return Waiting(Wait.IN_FLIGHT, line.look_ups)
        if line.state is State.PENDING:
            # an order that will not be sent cannot pass the control total
            if not self._journal.start(order.order_id, self._clock.now(), ceiling_fen=2**63 - 1):
                return Waiting(Wait.IN_FLIGHT, 0)
            self._reached("started")
        return self._settle(order, line)

    def _admit(self, order: DebitOrder) -> Line:
        assert order.amount_fen > 0, "an order is at least a fen"
        line = self._journal.admit(order.order_id, order.amount_fen, allow_partial=order.allow_partial, day=order.day)
        self._reached("admitted")
        return line

    def _in_flight(self, line: Line) -> bool:
        """Whether the worker that sent it may still be waiting for its answer; a clock set back does not hold it up."""
        assert line.sent_at is not None
        return timedelta(0) <= self._clock.now() - line.sent_at < self._patience

    def _send(self, order: DebitOrder) -> DebitResult | None:
        try:
            result = self._core.debit(
                order.order_id, order.account, order.amount_fen, allow_partial=order.allow_partial
            )
        except CoreUnavailable:
            result = None
        self._reached("answered")
        return result

    def _conclude(self, order: DebitOrder, line: Line, result: DebitResult | None) -> DebitResult | Waiting:
        if result is None or result.outcome is Outcome.UNKNOWN:
            try:
                result = self._core.look_up(order.order_id)
            except CoreUnavailable:
                return self._wait(order, Wait.NO_ANSWER)
            self._reached("looked_up")
        if result.outcome is Outcome.UNKNOWN:
            return self._wait(order, Wait.UNKNOWN)
        if result.outcome is Outcome.FULL and result.posted_fen >= order.amount_fen:
            return self._end(order, result)
        return self._settle(order, line)

    def _settle(self, order: DebitOrder, line: Line) -> DebitResult | Waiting:
        """Close the id; only then is less than the whole a result."""
        try:
            result = self._core.close(order.order_id)
        except CannotClose:
            return Waiting(Wait.DAY_OPEN, line.look_ups)
        except CoreUnavailable:
            return self._wait(order, Wait.NO_ANSWER)
        self._reached("closed")
        return self._end(order, result)

    def _end(self, order: DebitOrder, result: DebitResult) -> DebitResult | Waiting:
        """Give back what the bank may not keep for this order, then write the result down."""
        keep_fen = min(result.posted_fen, order.amount_fen)
        if not order.allow_partial and keep_fen < order.amount_fen:
            keep_fen = 0
        if result.posted_fen > keep_fen:
            reason = result.reason
            try:
                result = self._core.reverse(order.order_id, keep_fen=keep_fen)
            except CoreUnavailable:
                return self._wait(order, Wait.NO_ANSWER)
            if result.outcome is not Outcome.FULL and reason is not DebitReason.NONE:
                result = replace(result, reason=reason)
            self._reached("given_back")
        self._journal.end(order.order_id, result)
        self._reached("ended")
        return result

    def _wait(self, order: DebitOrder, why: Wait) -> Waiting:
        return Waiting(why, self._journal.looked_up(order.order_id))
