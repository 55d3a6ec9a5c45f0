"""When an unanswered ticket is warned about and closed: pure rules on moments and a calendar.

Source: user guide, section 5 ("within 3 working days from the date the user received it"). The day of receipt does not
count; working days are those of the production calendar in the time zone of the support desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.rules import deadline, local_date, start_of_day

REACTION_DAYS = 3
EXTENSION_DAYS = 3
WARNING_DAYS = 1  # full working days between the received warning and the closing
WARNING_HOUR = time(9)  # nobody should be woken by it


@dataclass(frozen=True)
class Terms:
    """The numbers of working days by which is counted; others than the ones in force only in a dry run."""

    reaction_days: int = REACTION_DAYS
    extension_days: int = EXTENSION_DAYS
    warning_days: int = WARNING_DAYS


IN_FORCE = Terms()


@dataclass(frozen=True)
class Deadline:
    """The automatic closing as both sides see it. Moments are aware; days are local to the support desk."""

    received_at: datetime
    closes_at: datetime
    warns_at: datetime
    counted: list[date]
    skipped: list[date]
    extended: bool

    @property
    def last_day(self) -> date:
        """The last day on which an answer still keeps the ticket open."""
        return self.counted[-1]


def closing_moment(
    received_at: datetime,
    *,
    extended_at: datetime | None,
    warned_at: datetime | None,
    calendar: WorkCalendar,
    tz: ZoneInfo,
    terms: Terms = IN_FORCE,
) -> datetime:
    """The first moment at which the ticket may be closed: never before one full working day after the warning."""
    last = _days_to_answer(received_at, extended_at, calendar, tz, terms)[-1]
    moment = start_of_day(last + timedelta(days=1), tz)
    if warned_at is None:
        return moment
    return max(moment, deadline(warned_at, terms.warning_days, calendar, tz))


def warning_moment(
    received_at: datetime,
    *,
    extended_at: datetime | None,
    calendar: WorkCalendar,
    tz: ZoneInfo,
    terms: Terms = IN_FORCE,
) -> datetime:
    """When to warn: in the morning of the working day before the last one that counts."""
    day = _days_to_answer(received_at, extended_at, calendar, tz, terms)[-1 - terms.warning_days]
    return datetime.combine(day, WARNING_HOUR, tz)


def reminder_moment(received_at: datetime, *, calendar: WorkCalendar, tz: ZoneInfo) -> datetime:
    """When to remind who wants it: in the morning of the first day that counts. The warning comes on the second."""
    return datetime.combine(_days_to_answer(received_at, None, calendar, tz)[0], WARNING_HOUR, tz)


def count_days(
    received_at: datetime,
    *,
    extended_at: datetime | None,
    warned_at: datetime | None,
    calendar: WorkCalendar,
    tz: ZoneInfo,
) -> Deadline:
    """The deadline with its counted and skipped days, for people to check."""
    closes_at = closing_moment(received_at, extended_at=extended_at, warned_at=warned_at, calendar=calendar, tz=tz)
    day = received_at.astimezone(tz).date()
    counted: list[date] = []
    skipped: list[date] = []
    end = closes_at.astimezone(tz).date()
    while (day := date.fromordinal(day.toordinal() + 1)) < end:
        (counted if calendar.is_working(day) else skipped).append(day)
    warns_at = warning_moment(received_at, extended_at=extended_at, calendar=calendar, tz=tz)
    return Deadline(received_at, closes_at, warns_at, counted, skipped, extended_at is not None)


def _days_to_answer(
    received_at: datetime, extended_at: datetime | None, calendar: WorkCalendar, tz: ZoneInfo, terms: Terms = IN_FORCE
) -> list[date]:
    """The working days that the customer has. Who asked for more time has them from the asking on at the least: a
    warning that came late has put the closing off already."""
    received = local_date(received_at, tz)
    if extended_at is None:
        return calendar.working_days_after(received, terms.reaction_days)[0]
    days, _ = calendar.working_days_after(received, terms.reaction_days + terms.extension_days)
    more, _ = calendar.working_days_after(local_date(extended_at, tz), terms.extension_days)
    return max(days, more, key=lambda days: days[-1])
