"""Deadlines follow the calendar: the automatic closing, and what a support level promised."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from supportapp.extensions import db, settings
from supportapp.tickets import promises, queries, targets
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.operations.record import lock
from supportapp.tickets.operations.waiting import closes_at
from supportapp.tickets.promises import Difference, Event
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.operations import counted_by, remember
from supportapp.worktime.queries import current_calendar
from supportapp.worktime.rules import start_of_day

DAY = timedelta(days=1)
YEARS_BEFORE, YEARS_AFTER = 2, 3


class Which(enum.StrEnum):
    """The deadlines of a ticket."""

    FIRST_RESPONSE = "first_response"
    SOLUTION = "solution"
    CLOSING = "closing"


@dataclass(frozen=True)
class Moved:
    """A deadline of an open ticket that is another one by another calendar."""

    ticket: Ticket
    which: Which
    before: datetime
    after: datetime


def moved_by(calendar: WorkCalendar, *, at: datetime) -> list[Moved]:
    """What would move if ``calendar`` came into force: the soonest first. Nothing is changed."""
    before = counted_by() or current_calendar()
    change = _difference(before, calendar, at)
    return sorted(_moves(change), key=lambda one: (one.after, one.ticket.id))


def remember_calendar(*, at: datetime) -> None:
    """Before the calendar changes: stored deadlines were counted by it as it is now, unless that is known already."""
    if counted_by() is None:
        remember(current_calendar(), *_years(at))


def recount_deadlines(*, at: datetime) -> int:
    """Bring the stored deadlines in line with the calendar as it is now; how many moved.

    Nothing is read when the calendar is the one of the last count. Without a last count the closings alone move.
    """
    calendar = current_calendar()
    before = counted_by()
    if before is not None and not before.differs(calendar, *_years(at)):
        return 0
    before = counted_by(lock=True)  # another process may have counted meanwhile
    change = _difference(before or calendar, calendar, at)
    number = 0
    for ticket in list(dict.fromkeys(one.ticket for one in _moves(change))):
        lock(ticket)  # the customer may have acted since it was read
        number += sum(_set(one) for one in _moves(change, ticket))
    remember(calendar, *_years(at))
    db.session.flush()
    return number


def _set(moved: Moved) -> bool:
    ticket = moved.ticket
    match moved.which:
        case Which.CLOSING:
            ticket.closes_at = moved.after
        case Which.FIRST_RESPONSE:
            ticket.first_response_due = moved.after
        case Which.SOLUTION:
            ticket.resolution_due = moved.after
    targets.point_at_nearest(ticket)
    return True


def _years(at: datetime) -> tuple[int, int]:
    """The years in which deadlines of open tickets can lie."""
    return at.year - YEARS_BEFORE, at.year + YEARS_AFTER


def _difference(before: WorkCalendar, after: WorkCalendar, at: datetime) -> Difference:
    return Difference(before, after, before.differs(after, *_years(at)))


def _moves(change: Difference, only: Ticket | None = None) -> list[Moved]:
    """Of all open tickets, or of one."""
    return [one for one in (*_closings(change, only), *_promises(change, only)) if one.before != one.after]


def _closings(change: Difference, only: Ticket | None) -> Iterator[Moved]:
    wanted = queries.waiting_tickets()
    for ticket in db.session.scalars(wanted if only is None else wanted.where(Ticket.id == only.id)):
        now = ticket.closes_at
        if now is not None:
            yield Moved(ticket, Which.CLOSING, now, closes_at(ticket, change.after))


def _promises(change: Difference, only: Ticket | None) -> Iterator[Moved]:
    if not change.days:
        return
    first, last = change.days[0], change.days[-1] + DAY
    wanted = queries.promised_tickets(until=_begins(last), due_from=_begins(first))
    wanted = wanted if only is None else wanted.where(Ticket.id == only.id)
    tickets = list(db.session.scalars(wanted))
    happened = _events(wanted.with_only_columns(Ticket.id).order_by(None)) if tickets else {}
    for ticket in tickets:
        assert ticket.level is not None
        clock = promises.runs(ticket.created_at, happened.get(ticket.id, ()))
        for which, due in _running(ticket):
            hours = targets.support_hours(ticket.level)
            yield Moved(ticket, which, due, promises.recount(due, clock, hours, change, settings.timezone))


def _running(ticket: Ticket) -> Iterator[tuple[Which, datetime]]:
    """The promises still to be kept."""
    if ticket.first_response_due is not None and ticket.first_responded_at is None:
        yield Which.FIRST_RESPONSE, ticket.first_response_due
    if ticket.resolution_due is not None:
        yield Which.SOLUTION, ticket.resolution_due


def _events(ticket_ids: Any) -> dict[int, list[Event]]:
    columns = (TimelineEntry.ticket_id, TimelineEntry.kind, TimelineEntry.at, TimelineEntry.customer_id)
    told = select(*columns).where(TimelineEntry.ticket_id.in_(ticket_ids), TimelineEntry.kind.in_(promises.TOLD))
    found: dict[int, list[Event]] = {}
    for ticket_id, kind, at, customer_id in db.session.execute(
        told.order_by(TimelineEntry.ticket_id, TimelineEntry.id)
    ):
        found.setdefault(ticket_id, []).append(Event(kind, at, customer_id is not None))
    return found


def _begins(day: date) -> datetime:
    return start_of_day(day, settings.timezone)
