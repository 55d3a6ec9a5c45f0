"""When a saved export is due, and which days a report covers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from supportapp.reports.rules import Days, Period, next_moment, percentile, preset

MSK = ZoneInfo("Europe/Moscow")
FRIDAY = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)  # 14:00 in Moscow


@pytest.mark.parametrize(
    ("period", "hour", "due"),
    [
        (Period.DAILY, 15, datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),
        (Period.DAILY, 14, datetime(2026, 11, 21, 11, 0, tzinfo=UTC)),  # this very moment is over
        (Period.WEEKLY, 8, datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),
        (Period.MONTHLY, 0, datetime(2026, 11, 30, 21, 0, tzinfo=UTC)),
    ],
)
def test_the_next_file_is_due_at_the_local_hour(period: Period, hour: int, due: datetime) -> None:
    assert next_moment(period, hour, after=FRIDAY, tz=MSK) == due


def test_the_period_before_is_as_long_and_touches_it() -> None:
    days = Days(date(2026, 11, 1), date(2026, 11, 20))
    assert days.before == Days(date(2026, 10, 12), date(2026, 10, 31))
    assert len(days.before) == len(days) == 20


@pytest.mark.parametrize("length", [1, 7, 31, 32, 90, 190, 191, 366, 3650])
def test_the_parts_of_a_period_are_the_period(length: int) -> None:
    first = date(2024, 1, 17)
    days = Days(first, date.fromordinal(first.toordinal() + length - 1))
    parts = days.parts()
    assert sum(len(part) for part in parts) == length
    assert (parts[0].first, parts[-1].last) == (days.first, days.last)
    assert all((b.first - a.last).days == 1 for a, b in pairwise(parts))
    assert len(parts) <= 45


def test_the_last_month_is_a_whole_one() -> None:
    assert preset("month", date(2026, 3, 31)) == Days(date(2026, 2, 1), date(2026, 2, 28))
    assert preset("fortnight", date(2026, 3, 31)) is None


def test_nine_of_ten_is_the_nearest_rank() -> None:
    pairs = [(1, 5), (2, 3), (9, 1), (50, 1)]
    assert percentile(pairs, 0.5) == 1
    assert percentile(pairs, 0.9) == 9
    assert percentile([], 0.5) is None
