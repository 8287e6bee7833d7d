# SPDX-License-Identifier: Apache-2.0
"""The main job, for real: the whole alliance on a chain, each party with its own database, keys and folder."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from node.sheets.samples import sample_path

STEPS = ("1", "2", "3", "4", "5")
PARTIES = ("office", "bank-1", "bank-2", "bank-3", "auditor", "governors/1", "governors/2", "governors/3", "chain")


def play(*options: str, timeout_s: int = 900) -> tuple[int, str]:
    command = [sys.executable, "-m", "node.demo", "--plain", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    return done.returncode, done.stdout + done.stderr


def report_of(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def assert_whole(report: dict[str, Any], code: int, shown: str) -> None:
    failed = [check for check in report["checks"] if not check["ok"]]
    assert (code, failed) == (0, []), shown[-3000:]
    for step in STEPS:
        assert sum(check["name"].startswith(f"{step}.") for check in report["checks"]) >= 2
    assert report["entries"] > 150
    assert report["refusals"] == 1
    office, *banks = report["totals"].values()
    for figure in ("consented_fen", "ordered_fen", "debited_fen", "reversed_fen", "settled_fen"):
        assert office[figure] == sum(bank[figure] for bank in banks) > 0


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], int, str]:
    """One run on the embedded chain, its folders kept."""
    root = tmp_path_factory.mktemp("demo") / "alliance"
    file = root.parent / "report.json"
    code, shown = play("--keep", str(root), "--report", str(file))
    return root, report_of(file), code, shown


def test_the_main_job_on_the_embedded_chain(kept: tuple[Path, dict[str, Any], int, str]) -> None:
    _, report, code, shown = kept
    assert report["chain"] == "embedded"
    assert_whole(report, code, shown)


def test_what_is_kept_is_a_home_each_with_a_passphrase_file_for_its_owner_alone(
    kept: tuple[Path, dict[str, Any], int, str],
) -> None:
    root = kept[0]
    for party in PARTIES:
        assert 'mode = "demo"' in (root / party / "settings.toml").read_text()
    for party in PARTIES[:-1]:
        assert os.stat(root / party / "passphrase").st_mode & 0o077 == 0
        assert "chain_url" in (root / party / "settings.toml").read_text()


def test_nothing_personal_is_readable_in_any_file(kept: tuple[Path, dict[str, Any], int, str]) -> None:
    root, _, _, shown = kept
    with sample_path("inquiries-20.csv").open(encoding="gb18030", newline="") as file:
        people = list(csv.DictReader(file))
    words = {row[column] for row in people for column in ("姓名", "公民身份号码", "银行账号")}
    needles = [word.encode() for word in words] + [word.encode("utf-16-le") for word in words]
    files = [path for path in root.rglob("*") if path.is_file()]
    assert len(files) > 50
    for path in files:
        data = path.read_bytes()
        assert not [n for n in needles if n in data], path.name
    assert not [word for word in words if word in shown]


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    code, _ = play("--keep", str(tmp_path))
    assert code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failed_run_still_writes_its_report(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    code, shown = play("--chain", "http://127.0.0.1:9", "--report", str(file), "--lang", "en")
    report = report_of(file)
    assert code == 1
    assert [check["ok"] for check in report["checks"]] == [False]
    assert "Traceback" not in shown


@pytest.mark.node_js
def test_the_main_job_on_anvil(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    code, shown = play("--chain", "anvil", "--report", str(file))
    assert_whole(report_of(file), code, shown)


@pytest.mark.node_js
@pytest.mark.long
@pytest.mark.parametrize("chain", ["hardhat", "ganache"])
def test_the_main_job_on_the_other_simulators(chain: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    code, shown = play("--chain", chain, "--report", str(file))
    assert_whole(report_of(file), code, shown)
