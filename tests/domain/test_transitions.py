# SPDX-License-Identifier: Apache-2.0
"""The table: its codes are the enums', and it says what the protocol's page says."""

from __future__ import annotations

import json
from enum import IntEnum
from importlib.resources import files

import pytest

from node.domain.entries import Action, OrgRole, Phase
from node.domain.rules import FIELDS
from node.domain.transitions import ActKind, Rule, table

DATA = json.loads(files("node.domain").joinpath("data/transitions.json").read_text(encoding="utf-8"))
HEADED = {Action.ACKNOWLEDGE, Action.REPLY, Action.DECLINE, Action.CONSENT, Action.ORDER, Action.ACCEPT}


@pytest.mark.parametrize(
    ("name", "codes"),
    [("actions", Action), ("rules", Rule), ("acts", ActKind), ("phases", Phase), ("roles", OrgRole)],
)
def test_codes_and_names_are_the_enums(name: str, codes: type[IntEnum]) -> None:
    assert {row["code"]: row["name"] for row in DATA[name]} == {code.value: code.name for code in codes}


def test_rules_stand_in_the_order_in_which_they_are_judged() -> None:
    assert [row["code"] for row in DATA["rules"]] == list(range(1, 25))


def test_every_action_has_a_row_and_no_other_code_has() -> None:
    assert set(table().actions) == set(Action)
    assert table().action(0) is None
    assert table().action(16) is None
    assert table().act(18) is None
    assert table().action(8) is table().actions[Action.DEBIT]


def test_what_stops_goes_by_what_it_names_and_what_builds_on_the_case_by_its_head() -> None:
    for action, row in table().actions.items():
        assert row.head is (action in HEADED)
        assert ("head" in row.fields) is row.head
        assert ("target" in row.fields) is (row.target is not None)
        assert row.fields <= FIELDS.keys()


def test_a_machine_signs_alone_and_a_pause_stops_only_these() -> None:
    assert {a for a, r in table().actions.items() if r.service} == {Action.ACKNOWLEDGE, Action.REPLY, Action.DEBIT}
    assert {a for a, r in table().actions.items() if r.pausable} == {Action.ORDER, Action.ACCEPT}


def test_nothing_leaves_an_end_but_the_giving_back() -> None:
    for end in (Phase.DECLINED, Phase.CLOSED):
        assert {a for a, r in table().actions.items() if end in r.phases} <= {Action.REVERSE}


def test_labels_speak_both_languages() -> None:
    assert table().actions[Action.REQUEST].label.say("zh") == "发函"
    assert table().phases[Phase.CLOSED].say("en") == "closed"
    assert table().sealed_sizes == (316, 616, 1216, 2416, 4816)
