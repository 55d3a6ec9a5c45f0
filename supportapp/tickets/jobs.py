"""The automatic closing, as the scheduler runs it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Select, select

from supportapp import clock
from supportapp.database import reading
from supportapp.extensions import db
from supportapp.notifications.models import Notification
from supportapp.tickets import operations, queries
from supportapp.tickets.escalating.queries import tickets_to_escalate
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.reminding import is_due_for_reminder
from supportapp.tickets.operations.waiting import is_due_for_warning
from supportapp.worktime.queries import current_calendar

log = logging.getLogger(__name__)


def warn_and_close() -> None:
    """Warn and remind in time, close what nobody answered. May run twice at once, be killed and be restarted."""
    at = clock.now()
    _hear_deliveries()
    operations.recount_deadlines(at=at)
    db.session.commit()
    _each(_due_for_warning(at), operations.warn, at=at)
    _each(_due_for_reminder(at), operations.remind, at=at)
    unanswered = list(db.session.scalars(queries.tickets_to_close(at=at)))
    db.session.rollback()
    _each(unanswered, operations.close_unanswered, at=at)


def escalate() -> None:
    """Tell of time targets that are near or missed. May run twice at once, be killed and be restarted."""
    at = clock.now()
    with reading():
        due = list(db.session.scalars(tickets_to_escalate(at=at)))
        db.session.rollback()
    _each(due, operations.escalate, at=at)


def _due_for_warning(at: datetime) -> list[int]:
    return _due(queries.waiting_tickets(), is_due_for_warning, at)


def _due_for_reminder(at: datetime) -> list[int]:
    return _due(queries.tickets_to_remind(), is_due_for_reminder, at)


def _due(waiting: Select[Ticket], is_due: Callable[..., bool], at: datetime) -> list[int]:
    """Looked up without keeping writers waiting; the act asks each one again."""
    with reading():
        calendar = current_calendar()
        due = [ticket.id for ticket in db.session.scalars(waiting) if is_due(ticket, at=at, calendar=calendar)]
        db.session.rollback()
    return due


def _hear_deliveries() -> None:
    """The signal of a delivery is heard in the transaction that stores it; where that failed, it is heard now."""
    for key in list(db.session.scalars(queries.unheard_deliveries())):
        mail = db.session.get(Notification, key)
        if mail is not None and mail.sent_at is not None:
            operations.mark_delivered(mail, at=mail.sent_at)
    db.session.commit()


def _each(ticket_ids: list[int], act: Callable[..., bool], *, at: datetime) -> None:
    """One transaction a ticket: what fails for one ticket holds up no other."""
    for ticket_id in ticket_ids:
        try:
            ticket = db.session.scalars(select(Ticket).where(Ticket.id == ticket_id)).one()
            if act(ticket, at=at):
                log.info("%s: ticket %s", act.__name__, ticket.reference)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("%s failed for ticket %s", act.__name__, ticket_id)
