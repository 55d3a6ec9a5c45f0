"""Which tickets have something to be told of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select

from supportapp.extensions import db
from supportapp.tickets.escalating.models import Escalation
from supportapp.tickets.escalating.rules import Promise, Stage
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import IS_OPEN
from supportapp.tickets.targets import near_limits, near_target


def tickets_to_escalate(*, at: datetime) -> Select[int]:
    """Keys of open tickets with a promise that is near or missed and not told of yet, the nearest first. Paused ones
    have no target and are not among them."""
    limits = near_limits(at)
    first = and_(Ticket.first_responded_at.is_(None), _untold(Promise.FIRST, Ticket.first_response_due, limits, at))
    untold = or_(first, _untold(Promise.RESOLUTION, Ticket.resolution_due, limits, at))
    return select(Ticket.id).where(near_target(at), IS_OPEN, untold).order_by(Ticket.due_order, Ticket.id)


def told_of(ticket: Ticket) -> set[tuple[Promise, Stage]]:
    """What was told of this ticket's present promises."""
    rows = db.session.execute(select(Escalation.promise, Escalation.stage).where(Escalation.ticket_id == ticket.id))
    return {(promise, stage) for promise, stage in rows}


def _untold(promise: Promise, due: Any, limits: dict[int, datetime], at: datetime) -> ColumnElement[bool]:
    soon = [and_(Ticket.level_id == level, due <= limit) for level, limit in limits.items()]
    return and_(or_(false(), *soon), ~_told(promise, Stage.MISSED), or_(due <= at, ~_told(promise, Stage.NEAR)))


def _told(promise: Promise, stage: Stage) -> ColumnElement[bool]:
    of_it = Escalation.ticket_id == Ticket.id, Escalation.promise == promise, Escalation.stage == stage
    return exists().where(*of_it)
