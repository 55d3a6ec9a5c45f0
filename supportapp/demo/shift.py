"""Moving the demo's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from supportapp.worktime.calendar import WorkCalendar

UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
MOST = timedelta(days=366)


def parse_shift(words: str, *, at: datetime, calendar: WorkCalendar, tz: ZoneInfo) -> timedelta:
    """How far "5 hours", "2 days" or "3 working days" after ``at`` lies; ValueError with a sentence otherwise.

    A working day leads to the same local time on that day. Back is not offered: what was mailed cannot be unsent.
    """
    amount, _, unit = words.strip().lower().partition(" ")
    if not amount.isdecimal() or len(amount) > 4:
        raise ValueError('Say how far to move, such as "5 hours", "2 days" or "3 working days".')
    unit = " ".join(unit.split()).removesuffix("s")
    if unit == "working day":
        local = at.astimezone(tz)
        day = calendar.next_working_day(local.date(), int(amount)) if int(amount) else local.date()
        shift = datetime.combine(day, local.timetz()) - local
    elif unit in UNITS:
        shift = int(amount) * UNITS[unit]
    else:
        raise ValueError(f'"{unit}" is not a unit; use minutes, hours, days, weeks or working days.')
    if shift > MOST:
        raise ValueError("The demo's clock moves by a year at most.")
    return shift
