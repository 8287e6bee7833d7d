# SPDX-License-Identifier: Apache-2.0
"""Walks drawn by the independent model, run by forge on the contracts: outcome, case and sums agree at every step."""

from pathlib import Path

import pytest

from tests.contracts.forge import Outcome, forge_test
from tests.model.pairs import write_pairs
from tests.model.walks import write_walks

pytestmark = pytest.mark.node_js

FILES = 8  # test_walks_0 to test_walks_7
WALKS = 250  # a file
SEED = 20_260_302


@pytest.fixture(scope="module")
def results(drawn: Path) -> dict[str, Outcome]:
    for i in range(FILES):
        write_walks(drawn / f"walks-{i}.bin", SEED + i, WALKS)
    write_pairs(drawn / "pairs.bin")
    return {t.name: t for t in forge_test("--match-contract", "WalksTest", settings={"WALKS": str(drawn)})}


@pytest.mark.parametrize("i", range(FILES))
def test_walks(results: dict[str, Outcome], i: int) -> None:
    assert results[f"test_walks_{i}"].status == "Success", results[f"test_walks_{i}"].reason


def test_every_state_against_every_action(results: dict[str, Outcome]) -> None:
    assert results["test_pairs"].status == "Success", results["test_pairs"].reason


def test_nothing_else_was_left_out(results: dict[str, Outcome]) -> None:
    assert set(results) == {f"test_walks_{i}" for i in range(FILES)} | {"test_pairs"}
