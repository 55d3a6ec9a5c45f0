"""Days that an address names by their distance from today: what was kept with it means other days tomorrow."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp import clock
from supportapp.extensions import settings
from supportapp.reports.rules import Days
from supportapp.worktime.rules import local_date

DAY = timedelta(days=1)
FROM_TODAY = re.compile(r"today(?:([+-])([0-9]{1,4})d)?")


def _month(day: date) -> Days:
    first = day.replace(day=1)
    return Days(first, (first + 31 * DAY).replace(day=1) - DAY)


def _week(day: date) -> Days:
    monday = day - DAY * day.weekday()
    return Days(monday, monday + 6 * DAY)


def _year(day: date) -> Days:
    return Days(date(day.year, 1, 1), date(day.year, 12, 31))


PERIODS: dict[str, tuple[Any, Callable[[date], Days]]] = {
    "today": (_l("today"), lambda day: Days(day, day)),
    "yesterday": (_l("yesterday"), lambda day: Days(day - DAY, day - DAY)),
    "this-week": (_l("this week"), _week),
    "last-week": (_l("last week"), lambda day: _week(day - 7 * DAY)),
    "this-month": (_l("this month"), _month),
    "last-month": (_l("last month"), lambda day: _month(day.replace(day=1) - DAY)),
    "last-7-days": (_l("the last 7 days"), lambda day: Days(day - 6 * DAY, day)),
    "last-30-days": (_l("the last 30 days"), lambda day: Days(day - 29 * DAY, day)),
    "last-90-days": (_l("the last 90 days"), lambda day: Days(day - 89 * DAY, day)),
    "this-year": (_l("this year"), _year),
    "last-year": (_l("last year"), lambda day: _year(date(day.year - 1, 1, 1))),
}


def today() -> date:
    """The date on the wall of the support desk."""
    return local_date(clock.now(), settings.timezone)


def is_relative(text: str) -> bool:
    """Whether the text means other days on another day."""
    return text in PERIODS or FROM_TODAY.fullmatch(text) is not None


def resolve(text: str) -> Days | None:
    """The days that ``last-month`` or ``today-30d`` stand for now; None for what is no such word."""
    if text in PERIODS:
        return PERIODS[text][1](today())
    found = FROM_TODAY.fullmatch(text)
    if found is None:
        return None
    day = today() + DAY * int(f"{found[1]}{found[2]}")
    return Days(day, day)


def words_for(text: str) -> str:
    """What such a word is called."""
    if text in PERIODS:
        return str(PERIODS[text][0])
    found = FROM_TODAY.fullmatch(text)
    assert found is not None
    number = int(found[2])
    return str(_("%(days)s days ago", days=number) if found[1] == "-" else _("in %(days)s days", days=number))


def choices() -> list[tuple[str, Any]]:
    """(word, name) for a select."""
    return [(word, name) for word, (name, _days) in PERIODS.items()]
