"""The calendar in force, and whether it is enough for the deadlines of the coming weeks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import select

from supportapp.extensions import db, settings
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.models import CalendarCorrection
from supportapp.worktime.official import official_calendar
from supportapp.worktime.rules import local_date

LOOK_AHEAD = timedelta(days=30)
_CORRECTIONS = select(CalendarCorrection.day, CalendarCorrection.working)


def current_calendar() -> WorkCalendar:
    """The official calendar with the corrections of staff, which win over everything.

    One small SELECT a call: the handful of corrections are their own version, so a change is seen by every process
    in its next transaction. The calendar is built anew only when they differ. In a loop, ask once.
    """
    rows = db.session.execute(_CORRECTIONS)
    return _corrected(frozenset((day, working) for day, working in rows))


def unknown_year_warning(at: datetime) -> int | None:
    """The first year that deadlines counted from ``at`` may fall into within 30 days and that is not known yet.

    Until the product learns the decree of that year, its dates rest on the Labour Code alone: staff must be told.
    """
    today = local_date(at, settings.timezone)
    needed = (today.year, (today + LOOK_AHEAD).year)
    return next((year for year in needed if not official_calendar().knows(year)), None)


@lru_cache(maxsize=8)
def _corrected(corrections: frozenset[tuple[date, bool]]) -> WorkCalendar:
    return official_calendar().corrected(dict(corrections)) if corrections else official_calendar()
