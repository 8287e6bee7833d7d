# SPDX-License-Identifier: Apache-2.0
"""Every (state, action) pair: the reducer says what the model says, and each action is taken where the table says."""

from __future__ import annotations

from functools import cache

from tests.model.machine import Machine
from tests.model.model import NAMES, PHASES, ROWS
from tests.model.pairs import KEY, Found, explore, names_taken
from tests.model.story import AUTHORITY, BANK, OFFICE
from tests.model.walks import ROLES, START, Act, Step


@cache
def found(recipient: int = BANK) -> tuple[Found, ...]:
    return tuple(explore(recipient))


def phase_of(state: Found) -> str:
    file = state.node.world.files.get(KEY)
    return "NONE" if file is None else file.phase


def at(state: Found) -> Machine:
    machine = Machine(state.node.world.ledger, ROLES, START)
    for step in state.node.path:
        if isinstance(step, Act):
            machine.act(step)
        else:
            assert machine.step(step) == step.outcome
    return machine


def test_reducer_and_model_agree_in_every_state_on_every_action() -> None:
    for recipient in (BANK, AUTHORITY):
        for state in found(recipient):
            machine = at(state)
            for step in state.refused:
                assert machine.step(step) == step.outcome
                assert machine.view(step) == step.view
            for step in state.taken:
                other = machine.copy()
                assert other.step(step) == 0
                assert other.view(step) == step.view


def test_every_action_is_tried_by_both_sides_in_every_phase() -> None:
    tried: dict[str, set[tuple[str, int]]] = {}
    for state in found():
        tries: tuple[Step, ...] = (*state.refused, *state.taken)
        tried.setdefault(phase_of(state), set()).update((NAMES[s.action], s.org) for s in tries)
    assert set(tried) == set(PHASES)
    for phase, pairs in tried.items():
        assert len(pairs) == 2 * len(ROWS), phase


def test_an_action_is_taken_in_exactly_the_phases_of_the_table() -> None:
    taken: dict[str, set[str]] = {name: set() for name in ROWS}
    for state in found():
        for step in state.taken:
            taken[NAMES[step.action]].add(phase_of(state))
    assert taken == {name: set(row["phases"]) for name, row in ROWS.items()}


def test_the_office_alone_closes_in_two_entries_unless_money_is_under_way() -> None:
    """Property 26; DECLINED and CLOSED are ends."""
    for state in found():
        file = state.node.world.files.get(KEY)
        if file is None or file.phase in ("DECLINED", "CLOSED") or file.unsettled():
            continue
        order = file.open_order()
        if order is None:
            assert "CLOSE" in names_taken(state)
        elif not order[1].accepted:
            assert {"CANCEL", "REVOKE"} <= names_taken(state)


def test_the_bank_ends_any_order_and_both_sides_end_any_debit() -> None:
    """Properties 27 and 29, in dispute, revocation and expiry too."""
    for state in found():
        file = state.node.world.files.get(KEY)
        if file is None:
            continue
        if file.open_order():
            assert "DEBIT" in names_taken(state)
        if file.unsettled():
            assert {("SETTLE", OFFICE), ("REVERSE", BANK)} <= {(NAMES[s.action], s.org) for s in state.taken}


def test_the_raiser_can_end_its_dispute() -> None:
    """Property 30."""
    for state in found():
        file = state.node.world.files.get(KEY)
        raisers = {o for side, o in (("office", OFFICE), ("recipient", BANK)) if file and file.disputed(side)}
        assert raisers <= {s.org for s in state.taken if NAMES[s.action] == "RESOLVE"}


def test_so_many_states_are_told_apart() -> None:
    assert len(found()) == 824
