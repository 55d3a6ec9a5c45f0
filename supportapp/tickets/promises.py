"""What was promised in working time, counted again by another calendar: pure, on moments and what happened.

A promise keeps its amount of working time. Where the calendars do not differ, nothing moves: not by a level that was
changed since, nor by anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from supportapp.tickets.rules import EventKind
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.rules import SupportHours, add_working_time, local_date, working_time_between

STOPS = frozenset({EventKind.INFO_REQUESTED, EventKind.SOLUTION_PROPOSED})
ENDS = frozenset(
    {
        *(EventKind.CLOSED_AUTOMATICALLY, EventKind.SOLUTION_ACCEPTED, EventKind.WITHDRAWN),
        *(EventKind.CLOSED_BY_STAFF, EventKind.MERGED),
    }
)
TOLD = STOPS | ENDS | {EventKind.REPLIED, EventKind.REOPENED, EventKind.CERTIFICATE_CHOSEN}


@dataclass(frozen=True)
class Event:
    """A timeline entry of a kind in TOLD."""

    kind: EventKind
    at: datetime
    by_customer: bool


@dataclass(frozen=True)
class Run:
    """A time in which the promise's clock ran; the last one has no end, though it may stand at this moment."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class Difference:
    """Two calendars, and the days on which they differ."""

    before: WorkCalendar
    after: WorkCalendar
    days: Sequence[date]

    def touches(self, start: datetime, end: datetime, tz: ZoneInfo) -> bool:
        """Whether any of the days lies between two moments."""
        first, last = local_date(start, tz), local_date(end, tz)
        return any(first <= day <= last for day in self.days)


def runs(begun: datetime, events: Iterable[Event]) -> list[Run]:
    """When the clock ran since the promise was given: at ``begun``, or when a certificate was chosen."""
    found, start, stopped = list[Run](), begun, None
    for event in events:
        goes_on = event.kind is EventKind.REOPENED or (event.kind is EventKind.REPLIED and event.by_customer)
        if event.kind is EventKind.CERTIFICATE_CHOSEN:
            found, start, stopped = [], event.at, (event.at if stopped else None)
        elif event.kind in STOPS | ENDS:
            stopped = stopped or event.at
        elif goes_on and stopped is not None:
            found.append(Run(start, stopped))
            start, stopped = event.at, None
    return [*found, Run(start)]


def recount(due: datetime, clock: Sequence[Run], hours: SupportHours, change: Difference, tz: ZoneInfo) -> datetime:
    """The moment at which the same amount of working time is used up by the other calendar."""
    if hours.around_the_clock or not change.touches(clock[0].start, due, tz):
        return due
    left = _amount(due, clock, hours, change.before, tz)
    for run in clock:
        if run.end is None:
            return add_working_time(run.start, left, hours, change.after, tz)
        spent = working_time_between(run.start, run.end, hours, change.after, tz)
        if left <= spent:
            return add_working_time(run.start, left, hours, change.after, tz)
        left -= spent
    return due


def _amount(
    due: datetime, clock: Sequence[Run], hours: SupportHours, calendar: WorkCalendar, tz: ZoneInfo
) -> timedelta:
    """The working time that was promised: what ran until ``due``."""
    amount = timedelta()
    for run, following in zip(clock, [*clock[1:], None], strict=True):
        end = due if run.end is None else min(due, run.end)
        amount += working_time_between(run.start, end, hours, calendar, tz)
        if following is None or due < following.start:
            break
    return amount
