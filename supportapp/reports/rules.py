"""Exports and periods as pure rules: states, when the next one is due, which days a report covers."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KEPT = timedelta(days=7)  # how long a finished file is offered
DEAD_AFTER = timedelta(minutes=2)  # without a sign of life the worker is taken for dead
MOST_ATTEMPTS = 3
AT_ONCE_ROWS = 3_000  # what is so small is made while the browser waits
DAY = timedelta(days=1)
RECEIVERS = ("Manager", "Admin")  # the roles whose holders may have exports


class ExportForm(enum.StrEnum):
    """What the file is; a CSV file that comes with its conversation is a ZIP of two."""

    CSV = "csv"
    XLSX = "xlsx"


class ExportState(enum.StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Period(enum.StrEnum):
    """How often a saved export is made: every day, every Monday, on the first of every month."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


def next_moment(period: Period, hour: int, *, after: datetime, tz: ZoneInfo) -> datetime:
    """The first moment after ``after`` at which the saved export is due (UTC)."""
    day = after.astimezone(tz).date()
    while True:
        if _is_its_day(period, day):
            moment = datetime.combine(day, time(hour), tz).astimezone(UTC)
            if moment > after:
                return moment
        day += DAY


def _is_its_day(period: Period, day: date) -> bool:
    if period is Period.WEEKLY:
        return day.weekday() == 0
    return period is Period.DAILY or day.day == 1


@dataclass(frozen=True)
class Days:
    """The local days ``first``..``last``, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}")

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    @property
    def before(self) -> Days:
        """The period of the same length that ends where this one begins."""
        return Days(self.first - DAY * len(self), self.first - DAY)

    def shifted(self, days: int) -> Days:
        """As long, and begun so many days earlier."""
        return Days(self.first - DAY * days, self.last - DAY * days)

    def begins(self, tz: ZoneInfo) -> datetime:
        """The first instant."""
        return datetime.combine(self.first, time(), tz).astimezone(UTC)

    def ends(self, tz: ZoneInfo) -> datetime:
        """The first instant that belongs to it no more."""
        return datetime.combine(self.last + DAY, time(), tz).astimezone(UTC)

    def parts(self) -> list[Days]:
        """Days, weeks or months that a picture can show: at most some forty, the outer ones cut to the period."""
        if len(self) <= 31:
            return [Days(self.first + DAY * n, self.first + DAY * n) for n in range(len(self))]
        starts = self._mondays() if len(self) <= 190 else self._months()
        starts = [self.first, *(day for day in starts if self.first < day <= self.last)]
        return [Days(a, b - DAY) for a, b in zip(starts, [*starts[1:], self.last + DAY], strict=True)]

    def _mondays(self) -> list[date]:
        monday = self.first - DAY * self.first.weekday()
        return [monday + 7 * DAY * n for n in range(len(self) // 7 + 2)]

    def _months(self) -> list[date]:
        months = range(self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month)
        step = -(-len(months) // 40)
        return [date(number // 12, number % 12 + 1, 1) for number in months[::step]]


def preset(name: str, today: date) -> Days | None:
    """The period that a word names; None for no word of ours."""
    first = today.replace(day=1)
    match name:
        case "week":
            return Days(today - DAY * 6, today)
        case "30days":
            return Days(today - DAY * 29, today)
        case "month":
            return Days((first - DAY).replace(day=1), first - DAY)
        case "90days":
            return Days(today - DAY * 89, today)
        case "year":
            return Days(today - DAY * 364, today)
    return None


def percentile(sorted_counts: list[tuple[int, int]], share: float) -> int | None:
    """The value that ``share`` of all do not exceed (nearest rank), of (value, how many) pairs in ascending order."""
    total = sum(count for _, count in sorted_counts)
    rank, seen = max(1, -(-total * round(share * 100) // 100)), 0
    for value, count in sorted_counts:
        seen += count
        if seen >= rank:
            return value
    return None
