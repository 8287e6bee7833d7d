# SPDX-License-Identifier: Apache-2.0
"""The node's reducer and the independent model say the same of every step of every walk."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.domain.case_json import case_from_json, case_to_json
from tests.model.machine import Machine
from tests.model.model import RULES
from tests.model.walks import MAGIC, ROLES, START, Act, Walk, draw, outcomes, write_walks

WALKS = 2_000
CHUNK = 250


def follow(walk: Walk) -> Machine:
    machine = Machine(walk.ledger, ROLES, START)
    for place, step in enumerate(walk.steps):
        if isinstance(step, Act):
            machine.act(step)
            continue
        assert machine.step(step) == step.outcome, f"step {place}"
        assert machine.view(step) == step.view, f"step {place}"
    return machine


@pytest.mark.parametrize("first", range(0, WALKS, CHUNK))
def test_reducer_and_model_agree_on_every_step_of_random_walks(first: int) -> None:
    for seed in range(first, first + CHUNK):
        follow(draw(seed))


def test_walks_reach_every_rule_and_take_every_action() -> None:
    counts = outcomes(draw(seed) for seed in range(400))
    reached = {outcome for _, outcome in counts}
    assert reached >= {0, 255, *RULES.values()}
    assert {action for action, outcome in counts if outcome == 0} == {action for action, _ in counts}


def test_every_case_of_a_walk_comes_back_from_its_stored_form() -> None:
    for seed in range(40):
        for case in follow(draw(seed)).cases.values():
            text = case_to_json(case)
            assert case_from_json(text) == case
            assert case_to_json(case_from_json(text)) == text


def test_a_walk_file_has_the_documented_form(tmp_path: Path) -> None:
    write_walks(tmp_path / "walks", seed=7, n=3)
    data = (tmp_path / "walks").read_bytes()
    assert data[:8] == MAGIC
    assert int.from_bytes(data[8:12], "big") == 3
    at, sizes = 12, {0: 344, 1: 27}
    for number in range(3):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        at += 4
        walk = draw(7 * 1_000_003 + number)
        assert data[at : at + 32] == walk.ledger
        at += 32 + 1 + len(ROLES)
        assert int.from_bytes(data[at : at + 2], "big") == len(walk.steps)
        at += 2
        for _ in walk.steps:
            at += sizes[data[at]]
        assert at == end
    assert at == len(data)


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_walks(tmp_path / name, seed=3, n=5)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
