"""Which days are worked. Pure: the years and the corrections are given, nothing is read from anywhere."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from supportapp.worktime import statutory

_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Working days of the five-day week. Immutable; make another one when something changes.

    ``known`` has the working days of every year a government decree is known for, ``shortened`` the days that are
    an hour shorter though no holiday follows them, ``corrections`` what staff say about single days: True is
    working, False is off, and that wins over everything. A year that is not known has the weekends and holidays of
    the Labour Code alone; ask :meth:`knows` before you promise a date in it.
    """

    known: Mapping[int, frozenset[date]]
    shortened: frozenset[date] = frozenset()
    corrections: Mapping[date, bool] = field(default_factory=dict)
    _years: dict[int, frozenset[date]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", MappingProxyType(dict(self.known)))
        object.__setattr__(self, "corrections", MappingProxyType(dict(self.corrections)))

    def corrected(self, corrections: Mapping[date, bool]) -> WorkCalendar:
        """The same calendar with these corrections instead of its own."""
        return WorkCalendar(self.known, self.shortened, corrections)

    def knows(self, year: int) -> bool:
        """Whether the government's moves of days off for ``year`` are known. Corrections do not make it so."""
        return year in self.known

    def is_working(self, day: date) -> bool:
        """Whether people work on this local date. A datetime is refused: its date depends on a time zone."""
        if isinstance(day, datetime):
            raise TypeError(f"a date is wanted, not the moment {day!r}")
        return day in self._working_days(day.year)

    def working_days(self, year: int) -> list[date]:
        """The days of a year that are worked, in order."""
        return sorted(self._working_days(year))

    def is_short(self, day: date) -> bool:
        """Whether ``day`` is worked an hour shorter: the eve of a holiday, or worked in place of such an eve."""
        return self.is_working(day) and (statutory.is_eve(day) or day in self.shortened)

    def next_working_day(self, day: date, n: int = 1) -> date:
        """The ``n``-th working day strictly after ``day`` (n >= 1)."""
        _check_count(n)
        while n:
            day += _DAY
            n -= self.is_working(day)
        return day

    def working_days_after(self, start: date, n: int) -> tuple[list[date], list[date]]:
        """The ``n`` (>= 1) working days after ``start``, and the days off that were skipped on the way to the last."""
        _check_count(n)
        counted: list[date] = []
        skipped: list[date] = []
        day = start
        while len(counted) < n:
            day += _DAY
            (counted if self.is_working(day) else skipped).append(day)
        return counted, skipped

    def exceptions(self, first: int, last: int) -> list[date]:
        """The days of these years on which it differs from a plain week of five working days."""
        return [day for year in range(first, last + 1) for day in sorted(self._working_days(year) ^ _plain(year))]

    def differs(self, other: WorkCalendar, first: int, last: int) -> list[date]:
        """The days of these years that only one of the two has as working days."""
        years = range(first, last + 1)
        return [day for year in years for day in sorted(self._working_days(year) ^ other._working_days(year))]

    def _working_days(self, year: int) -> frozenset[date]:
        days = self._years.get(year)
        if days is None:
            days = self._years[year] = self._corrected_year(year)
        return days

    def _corrected_year(self, year: int) -> frozenset[date]:
        days = self.known[year] if year in self.known else statutory.working_days(year)
        mine = {day: working for day, working in self.corrections.items() if day.year == year}
        return (days | {day for day, working in mine.items() if working}) - {d for d, w in mine.items() if not w}


def of_exceptions(exceptions: Iterable[date], first: int, last: int) -> WorkCalendar:
    """The calendar whose :meth:`WorkCalendar.exceptions` these are; other years are those of the Labour Code."""
    by_year: dict[int, set[date]] = {}
    for day in exceptions:
        by_year.setdefault(day.year, set()).add(day)
    return WorkCalendar({year: _plain(year) ^ by_year.get(year, set()) for year in range(first, last + 1)})


@lru_cache(maxsize=32)
def _plain(year: int) -> frozenset[date]:
    days = (date(year, 1, 1) + _DAY * n for n in range(365 + isleap(year)))
    return frozenset(day for day in days if day.weekday() < 5)


def _check_count(n: int) -> None:
    if n < 1:
        raise ValueError(f"at least one working day must be counted, not {n}")
