# SPDX-License-Identifier: Apache-2.0
"""A report against the chain, rows from anywhere, and the sentences that an auditor reads."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from node.audit.findings import Finding, Kind
from node.audit.findings import describe as describe_finding
from node.audit.replay import Replay, replay
from node.audit.rows import TABLES, expected_tables
from node.audit.verify import Difference, ReportMalformed, Row, describe, verify_report, verify_rows
from node.domain.entries import Position
from node.domain.messages import catalogue
from tests.audit.story import Story, tell


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


@pytest.fixture(scope="module")
def replayed(story: Story) -> Replay:
    return replay(story.log.blocks, story.log.deployment)


@pytest.fixture
def report(replayed: Replay) -> dict[str, Any]:
    """As a run writes it: organisations by name."""
    assert replayed.members is not None
    books = replayed.books
    return {
        "chain": "embedded",
        "entries": len(replayed.entries),
        "refusals": len(replayed.refusals),
        "totals": {o.name: books[o.id].figures() for o in replayed.members.orgs() if o.id in books},
        "checks": [{"name": "totals", "ok": True, "detail": ""}],
    }


def test_a_report_that_tells_the_truth_agrees(replayed: Replay, report: dict[str, Any]) -> None:
    assert list(verify_report(replayed, json.loads(json.dumps(report)))) == []


def test_a_report_may_name_organisations_by_id(replayed: Replay, report: dict[str, Any]) -> None:
    report["totals"] = {str(org): book.figures() for org, book in replayed.books.items()}
    assert list(verify_report(replayed, report)) == []


FIGURES = ["consented_fen", "ordered_fen", "debited_fen", "reversed_fen", "settled_fen"]


@pytest.mark.parametrize("figure", FIGURES)
def test_one_fen_in_a_total_is_named(replayed: Replay, report: dict[str, Any], figure: str) -> None:
    report["totals"]["样例银行甲"][figure] += 1
    (difference,) = verify_report(replayed, report)
    assert (difference.key, difference.field) == ("totals/样例银行甲", figure)
    assert int(difference.found) == int(difference.expected) + 1


@pytest.mark.parametrize("field", ["entries", "refusals"])
def test_another_number_of_entries_or_refusals_is_named(replayed: Replay, report: dict[str, Any], field: str) -> None:
    report[field] -= 1
    (difference,) = verify_report(replayed, report)
    assert (difference.table, difference.field) == ("report", field)


def test_what_a_report_leaves_out_is_named(replayed: Replay, report: dict[str, Any], story: Story) -> None:
    left_out = copy.deepcopy(report)
    del left_out["totals"]["样例银行甲"]
    del left_out["totals"]["样例银行乙"]  # which has nothing to tell
    assert list(verify_report(replayed, left_out)) == [
        Difference("report", f"totals/{story.bank.id}", "*", "-", "present")
    ]
    del report["totals"]["样例经办机构"]["settled_fen"]
    assert [d.found for d in verify_report(replayed, report)] == ["-"]


def test_an_organisation_that_there_is_not_has_no_money(replayed: Replay, report: dict[str, Any]) -> None:
    report["totals"]["无此单位"] = dict.fromkeys(FIGURES, 0) | {"debited_fen": 7}
    assert [(d.key, d.found, d.expected) for d in verify_report(replayed, report)] == [("totals/无此单位", "7", "0")]


@pytest.mark.parametrize("name", ["9" * 5_000, "65536" * 2, "²"])
def test_a_report_that_names_no_organisation_by_a_number_is_told_of_it(
    replayed: Replay, report: dict[str, Any], name: str
) -> None:
    report["totals"][name] = {"ordered_fen": 7}
    found = [(d.key, d.found, d.expected) for d in verify_report(replayed, report) if d.field == "ordered_fen"]
    assert found == [(f"totals/{name}", "7", "0")]


@pytest.mark.parametrize("wrong", [[], None, {"totals": []}, {"totals": {"1": 5}}])
def test_what_is_no_report_is_refused(replayed: Replay, wrong: object) -> None:
    with pytest.raises(ReportMalformed):
        list(verify_report(replayed, wrong))


def test_true_is_no_number(replayed: Replay, report: dict[str, Any]) -> None:
    report["totals"]["样例银行乙"]["settled_fen"] = False
    assert [d.found for d in verify_report(replayed, report)] == ["False"]


# --------------------------------------------------------------------------------------------- rows


def test_only_the_tables_that_are_handed_over_are_asked_for(replayed: Replay) -> None:
    assert list(verify_rows(replayed, [], [])) == []
    missing = list(verify_rows(replayed, [], ["projection_case"]))
    assert len(missing) == len(replayed.cases)
    assert {d.found for d in missing} == {"-"}


def test_the_tables_are_those_that_are_named(replayed: Replay) -> None:
    assert tuple(expected_tables(replayed)) == TABLES


def test_an_outcome_that_a_house_does_not_know_yet_is_no_difference(replayed: Replay) -> None:
    refusal = replayed.refusals[0]
    key = (refusal.entry.org, refusal.root, refusal.place)
    for outcome, expected in ((None, 0), (int(refusal.rule), 0), (0, 1)):
        row = Row("own_entry", key, {"entry_hash": refusal.hash, "outcome": outcome})
        assert len(list(verify_rows(replayed, [row], ["own_entry"]))) == expected


def test_an_entry_that_no_chain_has_heard_of_has_no_outcome(replayed: Replay) -> None:
    fields = {"entry_hash": bytes(32), "outcome": 0}
    (difference,) = verify_rows(replayed, [Row("own_entry", (4, bytes(32), 0), fields)], ["own_entry"])
    assert (difference.field, difference.found, difference.expected) == ("outcome", "0", "-")


# ---------------------------------------------------------------------------------------- sentences


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_finding_has_its_sentence(kind: Kind, lang: Any) -> None:
    finding = Finding(kind, Position(12, 0, 0), "was-so", "must-be-so", 4, bytes([7]) * 32, 3)
    text = describe_finding(finding, lang)
    assert "{" not in text
    assert "was-so" in text


def test_there_is_no_sentence_without_a_finding() -> None:
    kinds = {key.removeprefix("audit.finding.") for key in catalogue() if key.startswith("audit.finding.")}
    assert kinds == set(Kind)


def test_a_difference_names_table_key_field_found_and_expected() -> None:
    text = describe(Difference("own_posting", "ab", "debited_fen", "50001", "50000"), "en")
    assert all(word in text for word in ("own_posting", "ab", "debited_fen", "50001", "50000"))
    assert "—" not in describe(Difference("own_posting", "ab", "*", "present", "-"))


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    from node.services.audit.verifying import Ledger
    from node.services.audit.verifying import verify_report as verify_file

    file = tmp_path / "report.json"
    file.write_text("{")
    with pytest.raises(ReportMalformed):
        verify_file(Ledger(None, None), file)  # type: ignore[arg-type]
