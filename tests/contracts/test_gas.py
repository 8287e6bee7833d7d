# SPDX-License-Identifier: Apache-2.0
"""What an entry costs is within its bound, and exactly what the committed snapshot says."""

import json
from pathlib import Path
from typing import Any

import pytest

from node.domain.entries import Action
from tests.contracts.gas import SNAPSHOT, measure

pytestmark = pytest.mark.node_js

BOUNDS = {"REQUEST": 72_000, "CONSENT": 65_000, "ORDER": 65_000, "DEBIT": 65_000, "DISPUTE": 65_000}
OTHERS = 45_000


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return measure(Path(tmp_path_factory.mktemp("gas")) / "anvil.log")


def test_every_action_is_measured(found: dict[str, dict[str, Any]]) -> None:
    assert {name.split(" ")[0] for name in found} == {action.name for action in Action}


def test_every_action_is_within_its_bound(found: dict[str, dict[str, Any]]) -> None:
    passed = {name: cost["entry"] for name, cost in found.items() if cost["entry"] > BOUNDS.get(name, OTHERS)}
    assert not passed


def test_the_snapshot_is_exact(found: dict[str, dict[str, Any]]) -> None:
    told = json.loads(SNAPSHOT.read_text("utf-8"))
    assert found == told, "gas has changed: look why, then run `.venv/bin/python -m tests.contracts.gas`"
