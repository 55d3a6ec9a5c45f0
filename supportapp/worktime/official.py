"""The official production calendar: the ``holidays`` library plus :mod:`supportapp.worktime.decrees`.

A year is known when the library carries the government's decree for it. The decree moves at least the New Year
weekend each year and comes out in the year before, so a year in which nothing is moved is a year nobody has told us of.
The tests compare every known year with the official calendar, day by day; a new release of the library that
knows one more year fails them until that year has been compared too.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache

import holidays

from supportapp.worktime import decrees, statutory
from supportapp.worktime.calendar import WorkCalendar

FIRST_YEAR = 2013  # the first year that is checked against the official calendar

_MOVED_FROM = re.compile(r"перенесено с (\d\d\.\d\d\.\d{4})")


@cache
def official_calendar() -> WorkCalendar:
    """The calendar without the corrections of staff. Built once in a process (about 0.1 s)."""
    off = {day for decree in decrees.DAYS_OFF for day in decree.days()}
    known: dict[int, frozenset[date]] = {}
    short = set(decrees.SHORT_DAYS)
    year = FIRST_YEAR
    while moves := _moves(library := holidays.country_holidays("RU", years=year, language="ru")):
        known[year] = frozenset(d for d in statutory.days_of(year) if library.is_working_day(d) and d not in off)
        short.update(source for target, source in moves.items() if statutory.is_eve(target))
        year += 1
    return WorkCalendar(known=known, shortened=frozenset(short))


def _moves(library: holidays.HolidayBase) -> dict[date, date]:
    """The days off that a decree moved: the day that became free -> the day that was taken for it."""
    found = {day: _MOVED_FROM.search(name) for day, name in library.items()}
    return {day: datetime.strptime(match[1], "%d.%m.%Y").date() for day, match in found.items() if match}  # noqa: DTZ007
