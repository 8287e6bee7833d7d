# SPDX-License-Identifier: Apache-2.0
"""The Foundry suite passes, and contracts/PROPERTIES.md names for each property tests that ran and passed."""

import json
import re

import pytest

from tests.contracts.forge import CONTRACTS, ROOT, Outcome, forge_test

pytestmark = pytest.mark.node_js

PROPERTIES = 33
# `File.t.sol:function`, as the page writes it
NAMED = re.compile(r"`(\w+\.t\.sol):(\w+)`")


@pytest.fixture(scope="module")
def results() -> list[Outcome]:
    """All but what reads files drawn here: test_walks.py and test_hashes.py run those."""
    return forge_test("--no-match-contract", "WalksTest|HashesTest")


def test_every_forge_test_passes(results: list[Outcome]) -> None:
    failed = [f"{t.suite} {t.name}: {t.status} {t.reason}" for t in results if t.status != "Success"]
    assert not failed, "\n".join(failed)
    assert len(results) > 150


def test_every_test_file_ran(results: list[Outcome]) -> None:
    ran = {t.suite.split(":")[0] for t in results} | {"Walks.t.sol", "Hashes.t.sol"}
    assert {path.name for path in (CONTRACTS / "test").glob("*.t.sol")} == ran


@pytest.mark.parametrize("name", ["CaseLedger", "MembershipRegistry"])
def test_what_was_tested_is_what_is_deployed(results: list[Outcome], name: str) -> None:
    """The test contracts are compiled by another pipeline; the contracts under test must not be."""
    built = sorted((CONTRACTS / "cache" / "tested" / f"{name}.sol").glob("*.json"))
    assert [path.name for path in built] == [f"{name}.json"]
    committed = json.loads((ROOT / "node" / "chain" / "artifacts" / f"{name}.json").read_bytes())
    assert json.loads(built[0].read_bytes())["bytecode"]["object"] == committed["bytecode"]


def properties() -> dict[int, list[tuple[str, str]]]:
    """The numbered properties of the page, each with the tests that it names."""
    text = (CONTRACTS / "PROPERTIES.md").read_text("utf-8")
    items = re.split(r"^(\d+)\. ", text, flags=re.M)[1:]
    return {int(n): NAMED.findall(item) for n, item in zip(items[::2], items[1::2], strict=True)}


def test_the_page_numbers_all_properties_once() -> None:
    assert list(properties()) == list(range(1, PROPERTIES + 1))


@pytest.mark.parametrize("number", range(1, PROPERTIES + 1))
def test_each_property_names_tests_that_passed(results: list[Outcome], number: int) -> None:
    passed = {(t.suite.split(":")[0], t.name) for t in results if t.status == "Success"}
    named = properties()[number]
    assert named, f"property {number} names no test"
    missing = [f"{file}:{name}" for file, name in named if file != "Walks.t.sol" and (file, name) not in passed]
    assert not missing, f"property {number} names tests that did not pass: {missing}"
