# SPDX-License-Identifier: Apache-2.0
"""``inquiry import --dry-run``: no chain, no question, every fault of a file, and exit code 1 where there is one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from node.sheets.samples import sample_path
from tests.cli.houses import House, in_process

GOOD, BAD = str(sample_path("inquiries-20.xlsx")), str(sample_path("inquiries-bad.xlsx"))


def dry(house: House, file: str, *options: str, code: int = 0) -> dict[str, list[dict[str, object]]]:
    """Without any passphrase."""
    answer = in_process(["--home", str(house.home), "--json", "inquiry", "import", file, "--dry-run", *options], {})
    assert answer.code == code, answer
    return answer.json


def test_a_good_file_is_accepted_on_a_fresh_node_in_demo_mode(new_house: Callable[..., House]) -> None:
    house = new_house("fresh")
    found = dry(house, GOOD)
    assert found == {"rows": 20, "accepted": 20, "skipped": 0, "faults": [], "warnings": []}
    assert not (house.home / "node.db").exists()


def test_every_expected_fault_is_found(new_house: Callable[..., House]) -> None:
    found = dry(new_house("fresh"), BAD, code=1)
    with sample_path("inquiries-bad.expected.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = [list(row.values())[:2] for row in csv.DictReader(file)]
    assert [[str(f["row"]), f["column"]] for f in found["faults"]] == expected
    assert all(set(f) == {"row", "column", "value", "rule", "message"} for f in found["faults"])


def test_without_any_node_a_file_is_judged_as_in_demo_mode() -> None:
    answer = in_process(["inquiry", "import", GOOD, "--dry-run", "--json"], {})
    assert (answer.code, answer.json["accepted"]) == (0, 20)


def test_a_production_node_takes_no_made_up_person(new_house: Callable[..., House]) -> None:
    house = new_house("real", mode="production")
    unknown = in_process(["--home", str(house.home), "--json", "inquiry", "import", GOOD, "--dry-run"], {})
    assert (unknown.code, unknown.json["error"]) == (1, "banks_unknown")
    banks = [word for name in ("样例银行一", "样例银行二", "样例银行三") for word in ("--bank", name)]
    found = dry(house, GOOD, *banks, code=1)
    assert found["accepted"] == 0
    assert {f["column"] for f in found["faults"]} >= {"公民身份号码"}


def test_banks_may_be_named(new_house: Callable[..., House]) -> None:
    found = dry(new_house("fresh"), GOOD, "--bank", "样例银行一", code=1)
    assert {f["rule"] for f in found["faults"]} == {"bank_unknown"}


def test_the_sheet_comes_back_with_its_faults(new_house: Callable[..., House], tmp_path: Path) -> None:
    target = tmp_path / "annotated.xlsx"
    dry(new_house("fresh"), BAD, "--annotated", str(target), code=1)
    assert target.read_bytes().startswith(b"PK")


def test_a_file_that_is_no_sheet_is_refused(new_house: Callable[..., House], tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(b"PK\x03\x04 not really")
    answer = in_process(
        ["--home", str(new_house("fresh").home), "--json", "inquiry", "import", str(file), "--dry-run"], {}
    )
    assert answer.code == 1
    assert "error" in answer.json
