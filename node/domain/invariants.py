# SPDX-License-Identifier: Apache-2.0
"""The money invariants of PROPERTIES.md, checked after every step, in production too: a second look at the reducer."""

from __future__ import annotations

from node.domain.case import Case, DebitState
from node.domain.entries import ZERO32, Action, Entry
from node.domain.errors import Broken


class InvariantBroken(Broken):
    """A case is in a state that the rules exclude: our bug, or altered data. ``number``: of PROPERTIES.md."""

    code = "invariant_broken"


def check(case: Case) -> None:
    """Properties 1 to 6 and 11 of one state; raises InvariantBroken with the number of the first that fails."""
    opened = case.opened
    open_fen = opened.amount_fen if opened else 0
    _hold(case, 1, all(_debit_within_order(case, d.order, d.amount_fen) for d in case.debits))
    _hold(case, 2, all(c.debited_fen == _debited(case, c.hash) for c in case.consents))
    _hold(case, 3, case.net_fen == sum(d.amount_fen for d in case.debits if d.state is not DebitState.REVERSED))
    for consent in case.consents:
        of_it = open_fen if opened and opened.consent == consent.hash else 0
        _hold(case, 4, of_it + consent.debited_fen <= consent.amount_fen)
    _hold(case, 5, open_fen + case.net_fen <= case.claim_fen)
    not_ended = [o.hash for o in case.orders if not o.ended]
    _hold(case, 6, not_ended == ([] if case.open_order == ZERO32 else [case.open_order]))
    if case.at_end:
        quiet = not not_ended and case.unsettled == 0 and not any(d.open for d in case.disputes)
        _hold(case, 11, quiet)


def check_step(before: Case | None, entry: Entry, after: Case) -> None:
    """``check`` of the state after, and what a step may not do: properties 5 (claim set once), 7 and 11."""
    check(after)
    if before is None:
        return
    _hold(after, 5, before.claim_fen in (0, after.claim_fen))
    if before.accepted and entry.action != Action.DEBIT:
        _hold(after, 7, after.opened == before.opened)
    if before.at_end:
        _hold(after, 11, entry.action == Action.REVERSE)


def _debit_within_order(case: Case, order_hash: bytes, amount_fen: int) -> bool:
    order = case.order(order_hash)
    return order is not None and order.accepted and 0 < amount_fen <= order.amount_fen


def _debited(case: Case, consent: bytes) -> int:
    return sum(d.amount_fen for d in case.debits if d.consent == consent)


def _hold(case: Case, number: int, holds: bool) -> None:
    if not holds:
        raise InvariantBroken(number=number, office=case.key.office, case=case.key.case_id.hex(), seq=case.seq)
