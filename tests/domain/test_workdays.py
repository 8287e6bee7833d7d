# SPDX-License-Identifier: Apache-2.0
"""Beijing days and Chinese working days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.workdays import (
    Holidays,
    add_working_days,
    beijing_date,
    beijing_day,
    end_of_day,
    seed,
    working_days_between,
)

NONE = Holidays(frozenset({2026}), frozenset(), frozenset())


def unix(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[misc]


def test_a_beijing_day_begins_at_16_utc() -> None:
    before, after = unix(2026, 3, 1, 15, 59, 59), unix(2026, 3, 1, 16, 0, 0)
    assert beijing_day(after) == beijing_day(before) + 1
    assert (beijing_date(before), beijing_date(after)) == (date(2026, 3, 1), date(2026, 3, 2))
    assert beijing_day(0) == 0
    assert beijing_day(unix(1970, 1, 1, 16)) == 1


@given(st.dates(date(1992, 1, 1), date(2100, 1, 1)))
def test_a_day_ends_where_the_next_begins(day: date) -> None:
    assert beijing_date(end_of_day(day) - 1) == day
    assert beijing_day(end_of_day(day)) == beijing_day(end_of_day(day) - 1) + 1


@pytest.mark.parametrize(
    ("start", "number", "due"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the National Day holiday
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked before the Spring Festival
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_public_holidays_and_makeup_days(start: date, number: int, due: date) -> None:
    found = add_working_days(start, number, seed())
    assert (found.day, found.flagged) == (due, False)


def test_a_year_without_data_counts_weekdays_and_is_flagged() -> None:
    found = add_working_days(date(2026, 12, 30), 3, seed())
    assert (found.day, found.flagged) == (date(2027, 1, 4), True)
    assert not add_working_days(date(2026, 12, 29), 2, seed()).flagged


@given(st.dates(date(2026, 1, 1), date(2026, 11, 1)), st.integers(0, 30))
def test_counting_there_and_back(start: date, number: int) -> None:
    for holidays in (NONE, seed()):
        due = add_working_days(start, number, holidays).day
        assert working_days_between(start, due, holidays) == number
        assert number == 0 or holidays.works(due)


def test_nothing_lies_between_a_day_and_an_earlier_one() -> None:
    assert working_days_between(date(2026, 5, 8), date(2026, 5, 1), NONE) == 0
