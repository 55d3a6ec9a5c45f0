"""A ticket ends, and comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from supportapp.accounts.models import Customer, StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.files.models import StoredFile
from supportapp.guard.texts import without_secrets
from supportapp.i18n import N_
from supportapp.tickets import messages, rules
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.operations import waiting
from supportapp.tickets.operations.by_rule import assign_by_rule
from supportapp.tickets.operations.conversation import add_message
from supportapp.tickets.operations.record import (
    Person,
    clean_body,
    lock,
    lock_for_customer,
    lock_for_staff,
    record,
    require_open,
)
from supportapp.tickets.rules import CloseReason, EventKind, MessageKind, Status
from supportapp.worktime.queries import current_calendar


def accept_solution(ticket: Ticket, *, by: Customer, at: datetime) -> None:
    """The customer agrees: closed, solved."""
    lock_for_customer(ticket, by)
    require_open(ticket)
    shut(ticket, CloseReason.SOLVED, EventKind.SOLUTION_ACCEPTED, by=by, at=at)
    messages.closed(ticket, at=at)
    messages.tell_assignee(ticket, "staff_ticket_solved", None, at=at)
    db.session.flush()


def withdraw(ticket: Ticket, *, by: Customer, at: datetime) -> None:
    """The customer needs it no longer."""
    lock_for_customer(ticket, by)
    require_open(ticket)
    shut(ticket, CloseReason.WITHDRAWN, EventKind.WITHDRAWN, by=by, at=at)
    messages.closed(ticket, at=at)
    db.session.flush()


def close(ticket: Ticket, note: str, *, by: StaffUser, at: datetime, seen_version: int | None = None) -> None:
    """Staff close it; the reason is required and told to the customer."""
    ticket.close_note = check_closing(ticket, note, by=by, seen_version=seen_version)
    shut(ticket, CloseReason.BY_STAFF, EventKind.CLOSED_BY_STAFF, by=by, at=at)
    messages.closed(ticket, at=at)
    db.session.flush()


def check_closing(ticket: Ticket, note: str, *, by: StaffUser, seen_version: int | None = None) -> str:
    """Lock the ticket; the reason as the customer's mail will tell it, without secrets."""
    lock_for_staff(ticket, by, seen_version)
    return without_secrets(clean_body(note, field="note", limit=rules.NOTE_LENGTH), ticket.customer.language)


def close_unanswered(ticket: Ticket, *, at: datetime) -> bool:
    """Close it automatically when its deadline has passed and its warning was received.

    Everything is asked again with the row locked, so a reply of the same second wins and a second run does nothing.
    Says whether it was closed.
    """
    lock(ticket)
    if not ticket.awaits_customer or ticket.received_at is None or ticket.warned_at is None:
        return False
    closes_at = waiting.closes_at(ticket, current_calendar())
    if at < closes_at:
        ticket.closes_at = closes_at
        return False
    shut(ticket, CloseReason.NO_REACTION, EventKind.CLOSED_AUTOMATICALLY, by=None, at=at)
    messages.closed_unanswered(ticket, at=at)
    db.session.flush()
    return True


def reopen(
    ticket: Ticket,
    *,
    by: Customer,
    at: datetime,
    body: str = "",
    files: Sequence[StoredFile] = (),
    mail_id: str | None = None,
) -> Message | None:
    """The customer brings a closed ticket back to work, with what he says about it. Refused: "not_closed", "merged",
    "too_late"."""
    lock_for_customer(ticket, by)
    if ticket.is_open:
        raise Refused("not_closed", N_("The ticket %(reference)s is open already."), reference=ticket.reference)
    if ticket.close_reason is CloseReason.MERGED and ticket.merged_into is not None:
        target = ticket.merged_into.reference
        raise Refused("merged", N_("This ticket goes on as %(reference)s."), reference=target)
    if not rules.can_reopen(ticket.status, ticket.close_reason, ticket.closed_at, at, settings.REOPEN_DAYS):
        raise Refused(
            "too_late",
            N_("A ticket can be reopened for %(days)s days after it was closed. Please send a new one."),
            days=settings.REOPEN_DAYS,
        )
    message = None
    if body.strip():
        message = add_message(ticket, MessageKind.REPLY, clean_body(body), by=by, at=at, files=files, mail_id=mail_id)
    ticket.status = Status.IN_PROGRESS
    ticket.close_reason = ticket.closed_at = None
    ticket.close_note = ""
    ticket.customer_seen_at = at
    waiting.end(ticket, at=at)
    record(ticket, EventKind.REOPENED, by=by, at=at)
    messages.reopened(ticket, at=at)
    if ticket.assignee is not None and ticket.assignee.active:
        messages.tell_assignee(ticket, "staff_ticket_reopened", None, at=at)
    else:
        ticket.assignee = None  # who had it works here no longer
        assign_by_rule(ticket, at=at)
    db.session.flush()
    return message


def shut(
    ticket: Ticket, reason: CloseReason, kind: EventKind, *, by: Person | None, at: datetime, **details: str
) -> None:
    """Close for ``reason``; the caller has asked the rules and writes the mail."""
    ticket.status = Status.CLOSED
    ticket.close_reason = reason
    ticket.closed_at = at
    if isinstance(by, Customer):
        ticket.customer_seen_at = at
    waiting.stop(ticket, at=at)
    record(ticket, kind, by=by, at=at, **details)
