"""The ticket awaits the customer: receipt, warning, extension, and the end of it.

The clock starts when the request was RECEIVED: its mail was accepted by the mail server for that customer, or he opened
the ticket in the portal, whichever comes first (user guide, section 5). A mail that failed starts nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from supportapp.accounts.models import Customer
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_
from supportapp.notifications.models import Notification
from supportapp.tickets import messages, queries, targets
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.record import lock, lock_for_customer, note_event, record
from supportapp.tickets.rules import AWAITING_CUSTOMER, CloseReason, EventKind, ReceivedBy
from supportapp.tickets.waiting import closing_moment, count_days, warning_moment
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.queries import current_calendar


def begin(ticket: Ticket, *, at: datetime) -> None:
    """A new round of waiting begins; an earlier request's receipt, warning and extension mean nothing any more."""
    _forget(ticket)
    ticket.waiting_round += 1
    ticket.asked_at = at
    targets.pause(ticket, at=at)


def end(ticket: Ticket, *, at: datetime) -> None:
    """It is support's turn again: the targets go on."""
    _forget(ticket)
    targets.resume(ticket, at=at)


def stop(ticket: Ticket, *, at: datetime) -> None:
    """The ticket was closed: nothing runs any more."""
    _forget(ticket)
    targets.pause(ticket, at=at)
    targets.finish(ticket)


def mark_delivered(notification: Notification, *, at: datetime) -> None:
    """The mail server has accepted a mail: a request starts the clock, a warning counts as given."""
    if notification.kind not in messages.STARTS_A_CLOCK:  # every mail of the portal comes by here
        return
    waits_for_it = or_(Ticket.request_id == notification.id, Ticket.warning_id == notification.id)
    # the status is indexed, so closed tickets are not searched
    ticket = db.session.scalars(select(Ticket).where(Ticket.status.in_(AWAITING_CUSTOMER), waits_for_it)).one_or_none()
    if ticket is None:
        return
    lock(ticket)
    if ticket.request_id == notification.id:
        _mark_received(ticket, ReceivedBy.MAIL, at=at)
    elif ticket.warning_id == notification.id:
        _mark_warned(ticket, at=at)
    db.session.flush()


def mark_bounced(notification: Notification, *, at: datetime) -> Ticket | None:
    """A report says that a mail did not arrive although its server had taken it. The clock of a request that bounced
    does not run, and a warning that bounced was not given. Says on which ticket it was noted.

    When the report comes after the automatic closing, the ticket stays closed and its engineer is told.
    """
    ticket = _ticket_of(notification)
    if ticket is None:
        return None
    lock(ticket)
    if ticket.request_id == notification.id and ticket.received_by is ReceivedBy.MAIL:
        _forget_receipt(ticket)
    elif ticket.warning_id == notification.id and ticket.warned_at is not None:
        ticket.warned_at = None
        if ticket.received_at is not None:
            ticket.closes_at = closes_at(ticket, current_calendar())
    note_event(ticket, EventKind.MAIL_BOUNCED, by=None, at=at, to=notification.recipient, mail=notification.kind)
    if ticket.close_reason is CloseReason.NO_REACTION and notification.kind in messages.STARTS_A_CLOCK:
        messages.tell_assignee(ticket, "staff_mail_bounced", None, at=at)
    db.session.flush()
    return ticket


def _forget_receipt(ticket: Ticket) -> None:
    """The mail was not received after all; who has opened the ticket since he was asked received the request then."""
    seen = ticket.customer_seen_at
    if seen is not None and ticket.asked_at is not None and seen > ticket.asked_at:
        ticket.received_at, ticket.received_by = seen, ReceivedBy.PORTAL
        ticket.closes_at = closes_at(ticket, current_calendar())
        return
    ticket.received_at = ticket.received_by = ticket.warned_at = ticket.closes_at = None
    ticket.warning = None


def mark_delayed(notification: Notification, *, at: datetime) -> Ticket | None:
    """A mail is still on its way; its server goes on trying."""
    ticket = _ticket_of(notification)
    if ticket is not None:
        note_event(ticket, EventKind.MAIL_BOUNCED, by=None, at=at, to=notification.recipient, delayed=True)
    return ticket


def mark_auto_reply(ticket: Ticket, *, by: Customer, at: datetime) -> None:
    """The customer's machine answered (he is away): staff see it, and nothing else changes."""
    lock_for_customer(ticket, by)
    note_event(ticket, EventKind.AUTO_REPLIED, by=by, at=at)
    db.session.flush()


def mark_seen(ticket: Ticket, *, by: Customer, at: datetime) -> bool:
    """The customer opened the ticket in the portal. Says whether anything had to be written."""
    if not ticket.has_news:
        return False
    lock_for_customer(ticket, by)
    ticket.customer_seen_at = at
    _mark_received(ticket, ReceivedBy.PORTAL, at=at)
    _mark_warned(ticket, at=at)
    db.session.flush()
    return True


def ask_for_more_time(ticket: Ticket, *, by: Customer, at: datetime) -> None:
    """The customer takes 3 more working days, once a round. Refused: "nothing_to_extend", "extended_already"."""
    lock_for_customer(ticket, by)
    if not ticket.awaits_customer or ticket.received_at is None:
        raise Refused("nothing_to_extend", N_("Nothing is about to be closed here."))
    if ticket.extended_at is not None:
        raise Refused("extended_already", N_("You have already taken more time. Reply to keep the ticket open."))
    ticket.extended_at = at
    ticket.customer_seen_at = at
    ticket.warning = None
    ticket.warned_at = None
    ticket.closes_at = closes_at(ticket, current_calendar())
    record(ticket, EventKind.EXTENDED, by=by, at=at, closes_at=ticket.closes_at.isoformat())
    messages.extended(ticket, at=at)
    db.session.flush()


def is_due_for_warning(ticket: Ticket, *, at: datetime, calendar: WorkCalendar) -> bool:
    """Whether the customer is to be warned now."""
    if not ticket.awaits_customer or ticket.received_at is None or ticket.warning_id is not None:
        return False
    moment = warning_moment(ticket.received_at, extended_at=ticket.extended_at, calendar=calendar, tz=settings.timezone)
    return at >= moment


def warn(ticket: Ticket, *, at: datetime) -> bool:
    """Warn of the coming closing, once. Says whether it was time to; called again it does nothing."""
    lock(ticket)
    calendar = current_calendar()
    if not is_due_for_warning(ticket, at=at, calendar=calendar):
        return False
    assert ticket.received_at is not None
    # The mail names the day that will hold when it arrives now: after a downtime that is later than the third day.
    deadline = count_days(
        ticket.received_at,
        extended_at=ticket.extended_at,
        warned_at=at,
        calendar=calendar,
        tz=settings.timezone,
    )
    ticket.warning = messages.closing_soon(ticket, deadline, at=at)
    db.session.flush()
    return True


def _ticket_of(notification: Notification) -> Ticket | None:
    """The ticket whose customer the mail went to."""
    kind, _, key = notification.about.partition(":")
    if kind != "ticket" or not key.isdecimal() or notification.customer_id is None:
        return None
    return queries.find_ticket(int(key))


def _mark_received(ticket: Ticket, how: ReceivedBy, *, at: datetime) -> None:
    if not ticket.awaits_customer or ticket.received_at is not None:
        return
    ticket.received_at = at
    ticket.received_by = how
    ticket.closes_at = closes_at(ticket, current_calendar())
    note_event(ticket, EventKind.RECEIVED, by=None, at=at, how=how.value)


def _mark_warned(ticket: Ticket, *, at: datetime) -> None:
    if not ticket.awaits_customer or ticket.warning_id is None or ticket.warned_at is not None:
        return
    ticket.warned_at = at
    ticket.closes_at = closes_at(ticket, current_calendar())
    note_event(ticket, EventKind.WARNED, by=None, at=at)


def closes_at(ticket: Ticket, calendar: WorkCalendar) -> datetime:
    """When a ticket whose request was received closes, by ``calendar`` and everything that happened since."""
    assert ticket.received_at is not None
    return closing_moment(
        ticket.received_at,
        extended_at=ticket.extended_at,
        warned_at=ticket.warned_at,
        calendar=calendar,
        tz=settings.timezone,
    )


def _forget(ticket: Ticket) -> None:
    ticket.asked_at = ticket.received_at = ticket.received_by = None
    ticket.extended_at = ticket.warned_at = ticket.closes_at = None
    ticket.request = ticket.warning = ticket.reminder = None
