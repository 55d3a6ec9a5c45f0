"""The mails of a ticket: an event in, a recorded notification out. Templates: ``templates/mail/ticket_*``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db, settings
from supportapp.i18n import DEFAULT_LANGUAGE
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Notification, OptionalMail
from supportapp.notifications.operations import notify
from supportapp.notifications.unsubscribing import make_off_link
from supportapp.tickets.assigning.absences import hearers
from supportapp.tickets.letters import OPEN, letter_to_customer, quote_of
from supportapp.tickets.links import AnswerPurpose
from supportapp.tickets.mail_foot import newest_request
from supportapp.tickets.mail_values import ticket_values
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.rules import CloseReason, MessageKind, Status
from supportapp.tickets.waiting import EXTENSION_DAYS, REACTION_DAYS, Deadline

# the guide promises every other mail
OPTIONAL = {
    "ticket_extended": OptionalMail.STATUS,
    "ticket_certificate_chosen": OptionalMail.STATUS,
    "ticket_reminder": OptionalMail.REMINDERS,
}
# mails with buttons whose offer holds now, or from whose receipt the days to answer count
AT_ONCE = frozenset({"ticket_closing_soon", "ticket_reminder"})
# mails without which nobody may be closed
STARTS_A_CLOCK = frozenset({"ticket_info_requested", "ticket_solution_proposed", "ticket_closing_soon"})
# Under which subject several mails go as one: what changes whose turn it is, before a reply, before the rest (the
# confirmations of own acts, and that somebody has begun).
CHANGES_THE_TURN, REPLIES = 2, 1
WEIGHTS = {
    **dict.fromkeys(
        ("ticket_info_requested", "ticket_solution_proposed", "ticket_reopened", "ticket_merged"), CHANGES_THE_TURN
    ),
    **dict.fromkeys((f"ticket_closed_{reason}" for reason in CloseReason), CHANGES_THE_TURN),
    **dict.fromkeys(("staff_ticket_solved", "staff_ticket_reopened"), CHANGES_THE_TURN),
    **dict.fromkeys(("ticket_replied", "staff_ticket_replied"), REPLIES),
}


def submitted(ticket: Ticket, *, at: datetime) -> Notification:
    """The ticket has arrived: its reference, its priority and the promised answer."""
    return _to_customer(ticket, "ticket_submitted", at=at, first_response_due=ticket.first_response_due)


def in_progress(ticket: Ticket, *, at: datetime) -> Notification:
    """An engineer has begun."""
    return _to_customer(ticket, "ticket_in_progress", at=at)


def replied(ticket: Ticket, message: Message, *, at: datetime) -> Notification:
    """Staff wrote; the customer need not answer unless he was asked before."""
    return _to_customer(ticket, "ticket_replied", at=at, message=message)


def asked(ticket: Ticket, message: Message, *, at: datetime) -> Notification:
    """A request for information or a proposed solution, with what happens without an answer."""
    solution = ticket.status is Status.SOLUTION_PROPOSED
    purposes = [AnswerPurpose.SOLVED, AnswerPurpose.NOT_SOLVED] if solution else []
    name = "ticket_solution_proposed" if solution else "ticket_info_requested"
    return _to_customer(ticket, name, at=at, message=message, purposes=purposes, days=REACTION_DAYS)


def answer_received(ticket: Ticket, *, at: datetime) -> Notification:
    """The customer's answer has put the ticket back to work."""
    return _to_customer(ticket, "ticket_answer_received", at=at)


def thanked(ticket: Ticket, *, at: datetime) -> Notification:
    """He thanked for a proposed solution: is it solved, then?"""
    purposes = [AnswerPurpose.SOLVED, AnswerPurpose.NOT_SOLVED]
    return _to_customer(ticket, "ticket_thanked", at=at, purposes=purposes)


def closing_soon(ticket: Ticket, deadline: Deadline, *, at: datetime) -> Notification:
    """The warning one working day before ``deadline``, with links that work without signing in."""
    return _before_closing(ticket, "ticket_closing_soon", deadline, at=at)


def reminder(ticket: Ticket, deadline: Deadline, *, at: datetime) -> Notification:
    """What is asked and until when, with the warning's links; only for who wants reminders."""
    return _before_closing(ticket, "ticket_reminder", deadline, at=at, message=newest_request(ticket))


def extended(ticket: Ticket, *, at: datetime) -> Notification | None:
    """More time was taken: the new date. None when the customer wants no confirmations of what he did himself."""
    return _confirm(ticket, "ticket_extended", at=at, closes_at=ticket.closes_at, days=EXTENSION_DAYS)


def certificate_chosen(ticket: Ticket, *, at: datetime) -> Notification | None:
    """The customer put it under a certificate; the foot says by when we answer now. None when he wants no such
    confirmations."""
    return _confirm(ticket, "ticket_certificate_chosen", at=at)


def closed(ticket: Ticket, *, at: datetime) -> Notification:
    """Closed by somebody: why, and until when it can be reopened."""
    purposes = [AnswerPurpose.REOPEN]
    return _to_customer(ticket, f"ticket_closed_{_reason(ticket)}", at=at, purposes=purposes)


def closed_unanswered(ticket: Ticket, *, at: datetime) -> Notification:
    """Closed automatically, and how to reopen it."""
    return _to_customer(ticket, "ticket_closed_no_reaction", at=at, purposes=[AnswerPurpose.REOPEN], days=REACTION_DAYS)


def reopened(ticket: Ticket, *, at: datetime) -> Notification:
    """The ticket is back in work."""
    return _to_customer(ticket, "ticket_reopened", at=at)


def merged(source: Ticket, target: Ticket, *, at: datetime) -> Notification:
    """The ticket goes on as another one."""
    return _to_customer(source, "ticket_merged", at=at, target=ticket_values(target, source.customer.language))


def tell_assignee(ticket: Ticket, name: str, message: Message | None, *, at: datetime) -> None:
    """A mail to the engineer who works on it and, while he is absent, to his deputy; to whom of them can be reached."""
    for staff, absent in hearers(ticket.assignee, at=at):
        tell_staff(ticket, name, staff, absent=absent, quote=quote_of(message, DEFAULT_LANGUAGE), at=at)


def tell_staff(
    ticket: Ticket, name: str, staff: StaffUser, *, at: datetime, quote: str | None = None, **context: Any
) -> Notification:
    """The mail ``name`` about the ticket to a colleague."""
    letter = Letter(
        name,
        {"ticket": ticket, "customer": ticket.customer, "staff": staff, **context},
        quote=quote,
        buttons=[(OPEN, f"{settings.PUBLIC_BASE_URL}/staff/tickets/{ticket.reference}")],
    )
    return notify(
        kind=name,
        recipient=staff.email,
        language=DEFAULT_LANGUAGE,
        letter=letter,
        at=at,
        about=ticket.about,
        gather=True,
    )


def _confirm(ticket: Ticket, name: str, *, at: datetime, **context: Any) -> Notification | None:
    """What the customer did himself, unless he wants no such mails."""
    wanted = ticket.customer.wants_mail(OPTIONAL[name])
    return _to_customer(ticket, name, at=at, **context) if wanted else None


def _before_closing(
    ticket: Ticket, name: str, deadline: Deadline, *, at: datetime, message: Message | None = None
) -> Notification:
    purposes = [AnswerPurpose.SOLVED, AnswerPurpose.NOT_SOLVED]
    if not deadline.extended:
        purposes.insert(1, AnswerPurpose.MORE_TIME)
    days = {"closes_at": deadline.closes_at, "last_day": deadline.last_day}
    return _to_customer(ticket, name, at=at, message=message, purposes=purposes, **days)


def _to_customer(
    ticket: Ticket,
    name: str,
    *,
    at: datetime,
    message: Message | None = None,
    purposes: Sequence[AnswerPurpose] = (),
    **context: Any,
) -> Notification:
    customer = ticket.customer
    letter = letter_to_customer(
        ticket, name, language=customer.language, at=at, message=message, purposes=purposes, context=context
    )
    optional = OPTIONAL.get(name)
    if optional is not None:
        letter = replace(letter, off_url=make_off_link(customer.id, optional))
    return notify(
        kind=name,
        recipient=customer.email,
        language=customer.language,
        letter=letter,
        at=at,
        about=ticket.about,
        customer_id=customer.id,
        optional=optional,
        gather=name not in AT_ONCE,
        answers=_answered_mail(ticket, message),
    )


def _answered_mail(ticket: Ticket, message: Message | None) -> str | None:
    """The Message-ID of the customer's mail, when the mail that is made now answers one."""
    before = select(Message).where(Message.ticket_id == ticket.id, Message.kind != MessageKind.NOTE)
    if message is not None:
        before = before.where(Message.id != message.id)
    last = db.session.scalars(before.order_by(Message.id.desc()).limit(1)).one_or_none()
    return last.mail_id if last is not None and last.customer_id is not None else None


def _reason(ticket: Ticket) -> str:
    assert ticket.close_reason in (CloseReason.SOLVED, CloseReason.WITHDRAWN, CloseReason.BY_STAFF)
    return ticket.close_reason.value
