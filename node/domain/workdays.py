# SPDX-License-Identifier: Apache-2.0
"""Days as the protocol counts them: Beijing days of a block's time, and Chinese working days for deadlines."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))  # no daylight saving since 1991
_OFFSET_S = 8 * 3600
_DAY_S = 86_400


def beijing_day(unix_s: int) -> int:
    """The number of the Beijing day that a Unix time falls on; 0 is 1970-01-01."""
    return (unix_s + _OFFSET_S) // _DAY_S


def beijing_date(unix_s: int) -> date:
    """The calendar date in Beijing at a Unix time."""
    return datetime.fromtimestamp(unix_s, BEIJING).date()


def end_of_day(day: date) -> int:
    """The Unix time at which ``day`` is over in Beijing: midnight, the first second of the next day."""
    return int(datetime.combine(day + timedelta(days=1), time(), BEIJING).astimezone(UTC).timestamp())
