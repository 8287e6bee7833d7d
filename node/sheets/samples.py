# SPDX-License-Identifier: Apache-2.0
"""The project's sample files, made from a seed: inquiries as an office would import them, and the banks' accounts.

Everybody in them is synthetic (DOMAIN section 6): ID numbers of the unassigned area 369999, cards of the unissued
prefix 000000, names 测试…. ``scripts/make_samples.py`` writes the files; a test says that they are what it makes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from stdnum import luhn

from node.domain.catalogues import terms
from node.domain.identifiers import identity_check_digit
from node.domain.money import format_yuan
from node.sheets.fields import FIELDS
from node.sheets.samples_cast import CAST, Part
from node.sheets.writer import SheetOut, write_csv, write_xlsx

SEED = 20251
BANKS = ("样例银行一", "样例银行二", "样例银行三")
HEADER = ("序号", *(field_.title for field_ in FIELDS))
ACCOUNTS_HEADER = (
    "银行账号",
    "姓名",
    "公民身份号码",
    "账户类别",
    "账户状态",
    "余额(元)",
    "冻结金额(元)",
    "开户网点",
    "行号",
    "销户日期",
)
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_NUMBERS = "一二三四五六七八九十"
_BRANCHES = {"样例银行一": "999421000010", "样例银行二": "999428000014", "样例银行三": "999424000015"}
_AMOUNTS = (1, 32_504, 1_000_000, 1_000_001, 10_700_053)


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of a sample file, as text and dates."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    insurance: str
    category: str
    starts_on: date
    ends_on: date
    amount: str
    bank: str
    account: str = field(repr=False)
    region: str
    due: str = ""
    note: str = ""

    def cells(self, number: int) -> list[str | date]:
        """The row under HEADER."""
        return [
            str(number),
            self.name,
            self.id_number,
            self.insurance,
            self.category,
            self.starts_on,
            self.ends_on,
            self.amount,
            self.bank,
            self.account,
            self.region,
            self.due,
            self.note,
        ]


def sample_path(name: str) -> Path:
    """Where a sample file stands in the package, e.g. ``inquiries-20.xlsx``."""
    return Path(str(files("node.sheets").joinpath("samples").joinpath(name)))


def make_samples(count: int, seed: int = SEED) -> list[Sample]:
    """``count`` different inquiries without a fault: each category and city in turn, the special amounts first."""
    chance = random.Random(seed)  # noqa: S311 - samples, no secrets
    categories = list(terms("categories").values())
    regions = [code for code in terms("regions") if not code.endswith("0000")]
    samples: list[Sample] = []
    for number in range(count):
        category = categories[number % len(categories)]
        insurance = chance.choice(sorted(category.insurances))
        starts_on = date(2021, 1, 1) + timedelta(days=chance.randrange(1_200))
        amount_fen = _AMOUNTS[number] if number < len(_AMOUNTS) else chance.randrange(100_000, 9_000_000)
        samples.append(
            Sample(
                name=f"测试{chance.choice(_STEMS)}{chance.choice(_NUMBERS)}",
                id_number=_id_number(chance, number),
                insurance=terms("insurances")[insurance].zh,
                category=category.code,
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=chance.randrange(30, 800)),
                amount=format_yuan(amount_fen),
                bank=chance.choice(BANKS),
                account=_card(chance, number),
                region=regions[number % len(regions)],
            )
        )
    return samples


def cast_samples(seed: int = SEED) -> list[tuple[Part, Sample]]:
    """The twenty of the demo: each plays the part that ``samples_cast`` gives it."""
    drawn = make_samples(len(CAST), seed)
    return [
        (
            part,
            replace(
                sample,
                insurance=terms("insurances")[part.insurance].zh,
                category=part.category,
                bank=BANKS[part.bank - 1],
                amount=format_yuan(part.amount_fen),
                account=part.reserved or sample.account,
                starts_on=date(2024, 3, 1) if part.category == "PEN-02" else sample.starts_on,
                ends_on=date(2025, 8, 31) if part.category == "PEN-02" else sample.ends_on,
            ),
        )
        for part, sample in zip(CAST, drawn, strict=True)
    ]


def accounts_of(bank: int, seed: int = SEED) -> list[list[str]]:
    """The accounts that the numbered bank (from 1) holds for the demo, under ACCOUNTS_HEADER."""
    name = BANKS[bank - 1]
    return [
        [
            sample.account,
            sample.name,
            sample.id_number,
            "I",
            part.status,
            format_yuan(part.balance_fen),
            "0.00",
            f"{name}南昌支行",
            _BRANCHES[name],
            "",
        ]
        for part, sample in cast_samples(seed)
        if not part.reserved and (part.held_by or part.bank) == bank
    ]


def to_xlsx(samples: Iterable[Sample]) -> bytes:
    """A .xlsx with the header of the samples, dates as date cells, all else as text."""
    return write_xlsx(SheetOut("协查清单", HEADER, [s.cells(number) for number, s in enumerate(samples, start=1)]))


def to_csv(samples: Iterable[Sample], encoding: str) -> bytes:
    """The same as CSV."""
    rows = [[str(cell) for cell in s.cells(number)] for number, s in enumerate(samples, start=1)]
    return write_csv(HEADER, rows).decode("utf-8-sig").encode(encoding)


def accounts_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """An accounts file for ``corebank load``."""
    return write_csv(ACCOUNTS_HEADER, rows)


def _id_number(chance: random.Random, number: int) -> str:
    born = date(1934, 1, 1) + timedelta(days=chance.randrange(19_000))
    digits = f"369999{born:%Y%m%d}{number % 1000:03d}"
    return digits + identity_check_digit(digits)


def _card(chance: random.Random, number: int) -> str:
    digits = f"000000{chance.randrange(10**6):06d}{number:06d}"
    return digits + str(luhn.calc_check_digit(digits))
