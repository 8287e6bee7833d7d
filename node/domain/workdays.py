# SPDX-License-Identifier: Apache-2.0
"""Days as the protocol counts them: Beijing days of a block's time, and Chinese working days for deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))  # no daylight saving since 1991
_OFFSET_S = 8 * 3600
_DAY_S = 86_400
_LAST_S = 253_402_214_400  # 9999-12-31


def beijing_day(unix_s: int) -> int:
    """The number of the Beijing day that a Unix time falls on; 0 is 1970-01-01."""
    return (unix_s + _OFFSET_S) // _DAY_S


def beijing_date(unix_s: int) -> date:
    """The calendar date in Beijing at a Unix time; the last date there is for a time that no calendar holds."""
    return datetime.fromtimestamp(unix_s, BEIJING).date() if unix_s < _LAST_S else date.max


def end_of_day(day: date) -> int:
    """The Unix time at which ``day`` is over in Beijing: midnight, the first second of the next day."""
    return int(datetime.combine(day + timedelta(days=1), time(), BEIJING).astimezone(UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Holidays:
    """Public holidays and make-up working days of the years that are known: an editable table, filled by ``seed``."""

    years: frozenset[int]
    free: frozenset[date]  # weekdays that are free, and weekend days of a holiday
    makeup_days: frozenset[date]  # weekend days that are worked

    def works(self, day: date) -> bool:
        """Whether people work on ``day``; of a year that is not known, plain weekdays."""
        if day in self.makeup_days:
            return True
        return day.weekday() < 5 and day not in self.free

    def known(self, day: date) -> bool:
        return day.year in self.years


@dataclass(frozen=True, slots=True)
class DueDay:
    """A date counted in working days. ``flagged``: a year without holiday data was counted by plain weekdays."""

    day: date
    flagged: bool


def seed() -> Holidays:
    """The calendar of the chinesecalendar package, with the years for which it has a full one."""
    from chinese_calendar import constants  # pyright: ignore[reportMissingTypeStubs]  # big, and few commands need it

    free: frozenset[date] = frozenset(constants.holidays)
    worked: frozenset[date] = frozenset(constants.workdays)
    return Holidays(frozenset(d.year for d in free), free, worked)


def add_working_days(start: date, number: int, holidays: Holidays) -> DueDay:
    """The ``number``-th working day after ``start``, which does not count itself (民法典 201); ``number`` from 0."""
    day, flagged = start, False
    while number > 0:
        day += timedelta(days=1)
        flagged = flagged or not holidays.known(day)
        number -= holidays.works(day)
    return DueDay(day, flagged)


def working_days_between(start: date, end: date, holidays: Holidays) -> int:
    """How many working days lie after ``start`` up to and with ``end``; 0 where ``end`` is not later."""
    return sum(holidays.works(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
