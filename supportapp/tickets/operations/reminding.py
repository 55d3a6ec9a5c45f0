"""The optional mail between a request and the warning, for customers who have asked for reminders.

It starts and counts nothing: nobody is closed on the strength of it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select

from supportapp.extensions import db, settings
from supportapp.notifications.models import NotificationState, OptionalMail
from supportapp.tickets import messages, queries
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.operations.record import lock
from supportapp.tickets.rules import EventKind
from supportapp.tickets.waiting import reminder_moment, warning_moment
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.queries import current_calendar


def is_due_for_reminder(ticket: Ticket, *, at: datetime, calendar: WorkCalendar) -> bool:
    """Whether the customer is to be reminded now: once a round, before it is time to warn, of a mail that arrived, and
    only while he has done nothing."""
    received_at, request = ticket.received_at, ticket.request
    if not ticket.awaits_customer or received_at is None or not ticket.customer.wants_mail(OptionalMail.REMINDERS):
        return False
    if ticket.reminder_id is not None or ticket.warning_id is not None or ticket.extended_at is not None:
        return False
    if request is None or request.state is not NotificationState.SENT:
        return False
    begins = reminder_moment(received_at, calendar=calendar, tz=settings.timezone)
    ends = warning_moment(received_at, extended_at=None, calendar=calendar, tz=settings.timezone)
    return begins <= at < ends and not _has_acted(ticket)


def remind(ticket: Ticket, *, at: datetime) -> bool:
    """Remind of what is asked, once. Says whether it was time to; called again it does nothing."""
    lock(ticket)
    if not is_due_for_reminder(ticket, at=at, calendar=current_calendar()):
        return False
    deadline = queries.deadline_of(ticket)
    assert deadline is not None
    ticket.reminder = messages.reminder(ticket, deadline, at=at)
    db.session.flush()
    return True


def _has_acted(ticket: Ticket) -> bool:
    """Whether the customer himself, and not his machine, did anything since he was asked."""
    his = TimelineEntry.ticket_id == ticket.id, TimelineEntry.customer_id.is_not(None)
    since = TimelineEntry.at > ticket.asked_at, TimelineEntry.kind != EventKind.AUTO_REPLIED
    return db.session.scalar(select(exists().where(*his, *since))) or False
