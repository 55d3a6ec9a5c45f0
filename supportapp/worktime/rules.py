"""Deadlines in working days, targets in working hours. Moments that come in are aware, those that go out are in UTC."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from supportapp.worktime.calendar import WorkCalendar

_DAY = timedelta(days=1)
_ZERO = timedelta()
_MIDNIGHT = time()


@dataclass(frozen=True)
class SupportHours:
    """When a support level works, local time. ``closes_at`` 00:00 is the midnight that ends the day.

    The hours are the same on every working day: a shortened day before a holiday does not shorten them. With
    ``around_the_clock`` every hour of every day counts and the two times mean nothing.
    """

    opens_at: time
    closes_at: time
    around_the_clock: bool = False

    def __post_init__(self) -> None:
        if not self.around_the_clock and self.closes_at != _MIDNIGHT and self.closes_at <= self.opens_at:
            raise ValueError(f"no time lies between opening at {self.opens_at} and closing at {self.closes_at}")

    def on(self, day: date, tz: ZoneInfo) -> tuple[datetime, datetime]:
        """The opening and the closing moment of one local day (UTC), whatever kind of day it is."""
        opens = _moment(day, self.opens_at, tz)
        closes = _moment(day, self.closes_at, tz) if self.closes_at != _MIDNIGHT else start_of_day(day + _DAY, tz)
        return opens, closes


def local_date(at: datetime, tz: tzinfo) -> date:
    """The date on the wall in ``tz`` at the moment ``at``."""
    if at.tzinfo is None:
        raise ValueError(f"naive datetime {at!r}")
    return at.astimezone(tz).date()


def start_of_day(day: date, tz: ZoneInfo) -> datetime:
    """The first instant of a local date (UTC), also where the clocks are put forward at midnight."""
    return _moment(day, _MIDNIGHT, tz)


def deadline(received_at: datetime, days: int, calendar: WorkCalendar, tz: ZoneInfo) -> datetime:
    """The first instant (UTC) after the end of the ``days``-th working day; the local day of receipt does not count.

    Received Friday 20 November 2026 at 14:00 in Moscow, three days: Thursday 26 November, 00:00 in Moscow.
    """
    last = calendar.next_working_day(local_date(received_at, tz), days)
    return start_of_day(last + _DAY, tz)


def add_working_time(
    start: datetime, amount: timedelta, hours: SupportHours, calendar: WorkCalendar, tz: ZoneInfo
) -> datetime:
    """The first moment (UTC) by which ``amount`` of support time has gone by since ``start``.

    When it is used up exactly at closing time, that is the answer, not the next opening.
    """
    if amount < _ZERO:
        raise ValueError(f"a negative amount of working time: {amount}")
    day, moment = local_date(start, tz), start.astimezone(UTC)
    if hours.around_the_clock or not amount:
        return moment + amount
    if not calendar.is_working(day):
        day = calendar.next_working_day(day)
    while True:
        opens, closes = hours.on(day, tz)
        moment = max(opens, moment)
        available = max(closes - moment, _ZERO)
        if amount <= available:
            return moment + amount
        amount -= available
        day = calendar.next_working_day(day)


def working_time_between(
    start: datetime, end: datetime, hours: SupportHours, calendar: WorkCalendar, tz: ZoneInfo
) -> timedelta:
    """How much support time lies between two moments; zero when ``end`` is not after ``start``."""
    day, last = local_date(start, tz), local_date(end, tz)
    start, end = start.astimezone(UTC), end.astimezone(UTC)  # two moments of one zone differ by the clock on its wall
    if hours.around_the_clock:
        return max(end - start, _ZERO)
    if end <= start:
        return _ZERO
    total = _ZERO
    for edge in {day, last}:
        if calendar.is_working(edge):
            opens, closes = hours.on(edge, tz)
            total += max(min(closes, end) - max(opens, start), _ZERO)
    return total + _whole_days(day + _DAY, last - _DAY, hours, calendar, tz)


def _whole_days(first: date, last: date, hours: SupportHours, calendar: WorkCalendar, tz: ZoneInfo) -> timedelta:
    """The support time of all days from ``first`` to ``last``: years may lie between."""
    total = _ZERO
    for year in range(first.year, last.year + 1):
        days, sums = _year(year, hours, calendar, tz)
        total += max(sums[bisect_right(days, last)] - sums[bisect_left(days, first)], _ZERO)
    return total


@lru_cache(maxsize=128)
def _year(year: int, hours: SupportHours, calendar: WorkCalendar, tz: ZoneInfo) -> tuple[list[date], list[timedelta]]:
    """The working days of a year, and the support time before each of them and in all."""
    days = calendar.working_days(year)
    lengths = (closes - opens for opens, closes in (hours.on(day, tz) for day in days))
    return days, list(accumulate((max(length, _ZERO) for length in lengths), initial=_ZERO))


def _moment(day: date, at: time, tz: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tz).astimezone(UTC)
