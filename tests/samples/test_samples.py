# SPDX-License-Identifier: Apache-2.0
"""The sample files are what their seed makes, hold what they promise, and fit the demo's banks."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from node.corebank.accounts import HEADER as CORE_HEADER
from node.corebank.accounts import accounts_from_rows
from node.corebank.reserved import reserved_accounts
from node.domain.catalogues import terms
from node.sheets.fields import Terms
from node.sheets.inquiries import read_inquiries
from node.sheets.records import read_records
from node.sheets.samples import ACCOUNTS_HEADER, BANKS, cast_samples, make_samples, sample_path, to_xlsx
from node.sheets.samples_bad import sample_files
from node.sheets.samples_cast import CAST

TERMS = Terms({name: number for number, name in enumerate(BANKS, start=11)}, date(2026, 11, 24), synthetic=True)
SHARED = Path(__file__).parents[3] / "shared" / "samples"


@pytest.mark.parametrize("name", list(sample_files()))
def test_each_file_is_what_the_seed_makes(name: str) -> None:
    assert content(sample_path(name).read_bytes()) == content(sample_files()[name]), "run scripts/make_samples.py"


def content(data: bytes) -> object:
    """An archive by its parts: how they are packed is the compressor's affair."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_there_are_no_other_files() -> None:
    assert {path.name for path in sample_path("").iterdir()} == set(sample_files())


@pytest.mark.parametrize("name", ["inquiries-20.xlsx", "inquiries-20.csv"])
def test_the_twenty_are_without_fault_and_without_due_dates(name: str) -> None:
    found = read_inquiries(sample_path(name).read_bytes(), TERMS)
    assert (found.count, found.accepted, found.faults, found.warnings) == (20, 20, (), ())
    assert {row.due_on for row in found.rows} == {None}
    assert {row.bank_org for row in found.rows} == set(TERMS.banks.values())


def faults_of(data: bytes) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in read_inquiries(data, TERMS).faults]


def expected_of(data: bytes) -> list[tuple[int, str]]:
    return [(int(line["row"]), line["column"]) for line in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))]


def test_the_bad_file_has_exactly_the_faults_of_its_list() -> None:
    expected = expected_of(sample_path("inquiries-bad.expected.csv").read_bytes())
    assert len(expected) > 35
    assert faults_of(sample_path("inquiries-bad.xlsx").read_bytes()) == expected


def test_a_thousand_cover_every_category_and_city_without_fault() -> None:
    found = read_inquiries(to_xlsx(make_samples(1_000)), TERMS)
    assert (found.accepted, found.faults) == (1_000, ())
    assert {row.category for row in found.rows} == set(terms("categories"))
    assert {row.insurance for row in found.rows} == set(terms("insurances"))
    assert {row.region for row in found.rows} == set(terms("regions")) - {"360000"}
    assert {1, 32_504, 10_700_053, 1_000_000, 1_000_001} <= {row.amount_fen for row in found.rows}


def test_everybody_is_synthetic() -> None:
    for sample in make_samples(100):
        assert sample.id_number.startswith("369999")
        assert sample.account.startswith("000000")
        assert sample.name.startswith("测试")
        assert sample.name not in repr(sample)


def test_each_bank_holds_the_accounts_of_the_cast() -> None:
    assert ACCOUNTS_HEADER == CORE_HEADER
    held: dict[str, int] = {}
    for bank in (1, 2, 3):
        records = read_records(sample_path(f"accounts-{bank}.csv").read_bytes(), ACCOUNTS_HEADER)
        assert not records.faults
        for account in accounts_from_rows(record.values for record in records.records):
            held[account.account] = bank
    reserved = {item.account for item in reserved_accounts().values()}
    for part, sample in cast_samples():
        if part.reserved:
            assert sample.account in reserved
        else:
            assert held[sample.account] == (part.held_by or part.bank)
    assert len({part.story for part in CAST}) == len(CAST) == 20


GOOD_SHARED = list(SHARED.glob("inquiries-*0.*"))  # none where the checkout stands alone


@pytest.mark.parametrize("path", GOOD_SHARED or [sample_path("inquiries-20.xlsx")], ids=lambda path: path.name)
def test_good_files_of_others_have_no_fault(path: Path) -> None:
    assert faults_of(path.read_bytes()) == []


def test_a_bad_file_of_others_gives_exactly_its_list() -> None:
    folder = SHARED if SHARED.is_dir() else sample_path(".")
    expected = expected_of((folder / "inquiries-bad.expected.csv").read_bytes())
    assert faults_of((folder / "inquiries-bad.xlsx").read_bytes()) == expected
