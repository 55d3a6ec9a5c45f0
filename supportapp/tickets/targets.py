"""Time targets of a ticket: when the first answer and the solution are due, in the support hours of its level."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, delete, false, or_, select

from supportapp.certificates.models import SupportLevel
from supportapp.extensions import db, settings
from supportapp.tickets.escalating.models import Escalation
from supportapp.tickets.models import Ticket
from supportapp.worktime.queries import current_calendar
from supportapp.worktime.rules import SupportHours, add_working_time, working_time_between

# Tickets without a level are promised nothing; what they took is measured in these hours.
USUAL_HOURS = SupportHours(time(9), time(18))
NEAR = timedelta(hours=1)  # of working time: the target is shown in red, and told of


def support_hours(level: SupportLevel) -> SupportHours:
    """The hours in which the level's targets run."""
    return SupportHours(level.opens_at, level.closes_at, level.around_the_clock)


def spent_minutes(ticket: Ticket, start: datetime, end: datetime) -> int:
    """The minutes of the ticket's support hours between two moments."""
    hours = support_hours(ticket.level) if ticket.level is not None else USUAL_HOURS
    spent = working_time_between(start, end, hours, current_calendar(), settings.timezone)
    return int(spent.total_seconds() // 60)


def promised(level: SupportLevel, hours: int | None, *, at: datetime) -> datetime | None:
    """The moment ``hours`` working hours of the level after ``at``; None when nothing is promised."""
    if hours is None:
        return None
    return add_working_time(at, timedelta(hours=hours), support_hours(level), current_calendar(), settings.timezone)


def near_limits(at: datetime) -> dict[int, datetime]:
    """By the key of each level: the moment until which a target is near, NEAR of its working time after ``at``."""
    calendar, levels = current_calendar(), db.session.scalars(select(SupportLevel))
    return {level.id: add_working_time(at, NEAR, support_hours(level), calendar, settings.timezone) for level in levels}


def near_target(at: datetime) -> ColumnElement[bool]:
    """That a ticket's target is near or past, by its index; paused ones have none."""
    limits = near_limits(at)
    if not limits:
        return false()
    by_level = (and_(Ticket.level_id == key, Ticket.due_order <= limit) for key, limit in limits.items())
    return and_(Ticket.due_order <= max(limits.values()), or_(*by_level))


def start(ticket: Ticket, *, at: datetime) -> None:
    """Set the targets of the ticket's level, counted from ``at``; without a level there are none.

    They are new promises: what was told of the old ones is forgotten. A first answer that was given stands beside the
    promise that it kept or missed.
    """
    level = ticket.level
    if ticket.id is not None:
        db.session.execute(delete(Escalation).where(Escalation.ticket_id == ticket.id))
    if ticket.first_responded_at is None:
        ticket.first_response_due = promised(level, level.first_response_hours, at=at) if level is not None else None
    ticket.resolution_due = promised(level, level.resolution_hours, at=at) if level is not None else None
    point_at_nearest(ticket)


def respond(ticket: Ticket, *, at: datetime) -> None:
    """Staff answered: the first response is given, once."""
    if ticket.first_responded_at is None:
        ticket.first_responded_at = at
        ticket.first_response_minutes = spent_minutes(ticket, ticket.created_at, at)
    point_at_nearest(ticket)


def pause(ticket: Ticket, *, at: datetime) -> None:
    """The clock stops while it is not support's turn."""
    if ticket.paused_at is None:
        ticket.paused_at = at
    point_at_nearest(ticket)


def resume(ticket: Ticket, *, at: datetime) -> None:
    """The clock goes on; what working time was left at the pause is left now."""
    paused_at, ticket.paused_at = ticket.paused_at, None
    ticket.resolution_minutes = None
    if paused_at is not None:
        ticket.paused_minutes += spent_minutes(ticket, paused_at, at)
    if paused_at is not None and ticket.level is not None:
        ticket.first_response_due = _moved(ticket.first_response_due, ticket.level, paused_at, at)
        ticket.resolution_due = _moved(ticket.resolution_due, ticket.level, paused_at, at)
    point_at_nearest(ticket)


def finish(ticket: Ticket) -> None:
    """The ticket was closed and its clock stands: keep what working time it took while it was support's turn."""
    assert ticket.paused_at is not None
    ticket.resolution_minutes = max(
        0, spent_minutes(ticket, ticket.created_at, ticket.paused_at) - ticket.paused_minutes
    )


def _moved(due: datetime | None, level: SupportLevel, paused_at: datetime, at: datetime) -> datetime | None:
    if due is None or due <= paused_at:  # what was missed before the pause stays missed
        return due
    hours, calendar, tz = support_hours(level), current_calendar(), settings.timezone
    left = working_time_between(paused_at, due, hours, calendar, tz)
    return add_working_time(at, left, hours, calendar, tz)


def point_at_nearest(ticket: Ticket) -> None:
    """The target that orders the queue."""
    if ticket.paused_at is not None or not ticket.is_open:
        ticket.target_at = None
        return
    first = ticket.first_response_due if ticket.first_responded_at is None else None
    ticket.target_at = min((due for due in (first, ticket.resolution_due) if due is not None), default=None)
