"""Remembering by which calendar deadlines were counted."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supportapp.extensions import db
from supportapp.worktime.calendar import WorkCalendar, of_exceptions
from supportapp.worktime.models import CountedCalendar

ONLY = 1


def counted_by(*, lock: bool = False) -> WorkCalendar | None:
    """The calendar of the last count; None when there was none. ``lock`` makes others who recount wait."""
    wanted = select(CountedCalendar).where(CountedCalendar.id == ONLY)
    wanted = wanted.with_for_update().execution_options(populate_existing=True) if lock else wanted
    row = db.session.scalars(wanted).one_or_none()
    return None if row is None else of_exceptions(map(date.fromisoformat, row.exceptions), row.first, row.last)


def remember(calendar: WorkCalendar, first: int, last: int) -> None:
    """Deadlines are counted by this calendar now; ``first``..``last`` are the years in which any can lie."""
    row = db.session.get(CountedCalendar, ONLY)
    exceptions = [day.isoformat() for day in calendar.exceptions(first, last)]
    if row is not None:
        row.first, row.last, row.exceptions = first, last, exceptions
    else:
        try:
            with db.session.begin_nested():
                db.session.add(CountedCalendar(id=ONLY, first=first, last=last, exceptions=exceptions))
        except IntegrityError:  # another process was faster; it knows the same
            return
    db.session.flush()
