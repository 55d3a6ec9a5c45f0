"""What older tickets took in working time, counted afterwards from their timelines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select

from supportapp.extensions import db
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import EventKind, Status
from supportapp.tickets.targets import spent_minutes

BATCH = 200
STOPS = frozenset({EventKind.INFO_REQUESTED, EventKind.SOLUTION_PROPOSED})
ENDS = frozenset(
    {
        *(EventKind.CLOSED_AUTOMATICALLY, EventKind.SOLUTION_ACCEPTED, EventKind.WITHDRAWN),
        *(EventKind.CLOSED_BY_STAFF, EventKind.MERGED),
    }
)
UNMEASURED = or_(
    and_(Ticket.first_responded_at.is_not(None), Ticket.first_response_minutes.is_(None)),
    and_(Ticket.status == Status.CLOSED, Ticket.closed_at.is_not(None), Ticket.resolution_minutes.is_(None)),
)


def measure_next(after: int) -> int | None:
    """Measure the next BATCH of unmeasured tickets with greater keys; the last key, None when there are no more."""
    wanted = select(Ticket).where(Ticket.id > after, UNMEASURED).order_by(Ticket.id).limit(BATCH)
    tickets = db.session.scalars(wanted.with_for_update(of=Ticket)).all()
    for ticket in tickets:
        _measure(ticket)
    db.session.flush()
    return tickets[-1].id if tickets else None


def _measure(ticket: Ticket) -> None:
    if ticket.first_responded_at is not None and ticket.first_response_minutes is None:
        ticket.first_response_minutes = spent_minutes(ticket, ticket.created_at, ticket.first_responded_at)
    if ticket.status is Status.CLOSED and ticket.closed_at is not None:
        ticket.paused_minutes, stood = _pauses(ticket)
        spent = spent_minutes(ticket, ticket.created_at, stood or ticket.closed_at)
        ticket.resolution_minutes = max(0, spent - ticket.paused_minutes)


def _pauses(ticket: Ticket) -> tuple[int, datetime | None]:
    """The minutes in which it was not our turn, and since when the clock stands."""
    minutes, stopped = 0, None
    for entry in ticket.timeline:
        goes_on = entry.kind is EventKind.REOPENED or (
            entry.kind is EventKind.REPLIED and entry.customer_id is not None and stopped is not None
        )
        if goes_on and stopped is not None:
            minutes, stopped = minutes + spent_minutes(ticket, stopped, entry.at), None
        elif entry.kind in STOPS | ENDS:
            stopped = stopped or entry.at
    return minutes, stopped
