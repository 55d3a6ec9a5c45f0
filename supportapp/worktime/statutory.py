"""Public holidays as the Labour Code itself fixes them (article 112), for years without a government decree."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta

NEW_YEAR = frozenset((1, day) for day in range(1, 9))  # 1-6 and 8 January, and Christmas on the 7th
OTHERS = frozenset({(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)})
EVES = frozenset((1, day) for day in range(1, 8)) | {(12, 31), (2, 22), (3, 7), (4, 30), (5, 8), (6, 11), (11, 3)}

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_eve(day: date) -> bool:
    """Whether a public holiday follows ``day``: if it is worked at all, it is an hour shorter (article 95)."""
    return (day.month, day.day) in EVES


def days_of(year: int) -> list[date]:
    """Every day of ``year``, in order."""
    first = date(year, 1, 1)
    return [first + n * _DAY for n in range(366 if isleap(year) else 365)]


def days_off(year: int) -> frozenset[date]:
    """Weekends, holidays, and the working day after a holiday that fell on a weekend (article 112, part 2).

    The New Year holidays that fall on a weekend move too, but where to is for the government to say each year.
    """
    off = {d for d in days_of(year) if d.weekday() >= _SATURDAY or (d.month, d.day) in NEW_YEAR | OTHERS}
    for month, day in sorted(OTHERS):
        holiday = date(year, month, day)
        if holiday.weekday() >= _SATURDAY:
            off.add(_first_outside(off, holiday))
    return frozenset(off)


def working_days(year: int) -> frozenset[date]:
    """What is left of ``year`` after :func:`days_off`: the best guess for a year without a decree."""
    return frozenset(days_of(year)) - days_off(year)


def _first_outside(off: set[date], day: date) -> date:
    while day in off:
        day += _DAY
    return day
