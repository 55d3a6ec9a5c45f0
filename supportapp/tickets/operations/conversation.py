"""What people say on a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from supportapp.accounts.models import Customer, StaffUser
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.files.operations import attach
from supportapp.guard.findings import as_column
from supportapp.guard.texts import found_in_text
from supportapp.i18n import N_, gettext
from supportapp.tickets import messages, rules, search, targets
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.operations import waiting
from supportapp.tickets.operations.record import (
    Person,
    clean_body,
    lock,
    lock_for_customer,
    lock_for_staff,
    record,
    require_open,
    require_staff,
)
from supportapp.tickets.rules import CloseReason, EventKind, MessageKind, Status

NOT_SOLVED = N_("The problem is not solved.")


def reply(
    ticket: Ticket,
    body: str,
    *,
    by: Person,
    at: datetime,
    files: Sequence[StoredFile] = (),
    seen_version: int | None = None,
    mail_id: str | None = None,
) -> Message:
    """Write to the other side. On a merged ticket it lands in the one it was merged into: see ``message.ticket``.

    ``mail_id`` is the Message-ID of the customer's mail, when he wrote one.
    """
    ticket = merged_target(ticket)
    if isinstance(by, Customer):
        return _reply_of_customer(ticket, body, by=by, at=at, files=files, mail_id=mail_id)
    lock_for_staff(ticket, by, seen_version)
    message = add_message(ticket, MessageKind.REPLY, clean_body(body), by=by, at=at, files=files)
    ticket.status = rules.after_staff_reply(ticket.status)
    targets.respond(ticket, at=at)
    record(ticket, EventKind.REPLIED, by=by, at=at)
    messages.replied(ticket, message, at=at)
    db.session.flush()
    return message


def request_information(
    ticket: Ticket,
    body: str,
    *,
    by: StaffUser,
    at: datetime,
    files: Sequence[StoredFile] = (),
    seen_version: int | None = None,
) -> Message:
    """Ask the customer for something. The automatic closing counts from the day he receives it."""
    lock_for_staff(ticket, by, seen_version)
    message = add_message(ticket, MessageKind.INFO_REQUEST, clean_body(body), by=by, at=at, files=files)
    return _await_customer(ticket, message, Status.AWAITING_INFO, EventKind.INFO_REQUESTED, by=by, at=at)


def propose_solution(
    ticket: Ticket,
    body: str,
    *,
    by: StaffUser,
    at: datetime,
    files: Sequence[StoredFile] = (),
    seen_version: int | None = None,
) -> Message:
    """Propose a solution. The automatic closing counts from the day the customer receives it."""
    lock_for_staff(ticket, by, seen_version)
    message = add_message(ticket, MessageKind.SOLUTION, clean_body(body), by=by, at=at, files=files)
    return _await_customer(ticket, message, Status.SOLUTION_PROPOSED, EventKind.SOLUTION_PROPOSED, by=by, at=at)


def add_note(ticket: Ticket, body: str, *, by: StaffUser, at: datetime, files: Sequence[StoredFile] = ()) -> Message:
    """Write an internal note, also on a closed ticket. The customer never sees it, its files or that it exists."""
    lock(ticket)
    require_staff(ticket, by)
    message = add_message(ticket, MessageKind.NOTE, clean_body(body), by=by, at=at, files=files)
    updated_at = ticket.updated_at
    record(ticket, EventKind.NOTE_ADDED, by=by, at=at)
    ticket.updated_at = updated_at  # the customer's list shows it, and must not move by what he cannot see
    db.session.flush()
    return message


def reject_solution(
    ticket: Ticket, body: str, *, by: Customer, at: datetime, files: Sequence[StoredFile] = ()
) -> Message:
    """The customer says that it is not solved, with or without words of his own."""
    return reply(ticket, body.strip() or gettext(NOT_SOLVED, by.language), by=by, at=at, files=files)


def thank(
    ticket: Ticket,
    body: str,
    *,
    by: Customer,
    at: datetime,
    files: Sequence[StoredFile] = (),
    mail_id: str | None = None,
) -> Message:
    """Words of thanks and nothing else: they stand in the conversation, and neither the status nor the clock of the
    automatic closing changes. After a proposed solution the customer is offered the button that says it is solved."""
    lock_for_customer(ticket, by)
    message = add_message(ticket, MessageKind.REPLY, clean_body(body), by=by, at=at, files=files, mail_id=mail_id)
    ticket.customer_seen_at = at
    record(ticket, EventKind.THANKED, by=by, at=at)
    if ticket.status is Status.SOLUTION_PROPOSED:
        messages.thanked(ticket, at=at)
    db.session.flush()
    return message


def add_message(
    ticket: Ticket,
    kind: MessageKind,
    body: str,
    *,
    by: Person,
    at: datetime,
    files: Sequence[StoredFile] = (),
    mail_id: str | None = None,
) -> Message:
    """Append to the conversation and take the files along. Secrets that got so far are marked for staff."""
    attach(files, at=at)
    secrets = as_column(one.kind for one in found_in_text(body))
    message = Message(ticket=ticket, kind=kind, body=body, created_at=at, secrets=secrets, mail_id=mail_id)
    if isinstance(by, Customer):
        message.customer = by
    else:
        message.staff = by
    message.files = list(files)
    db.session.add(message)
    if kind is not MessageKind.NOTE:
        ticket.last_message_at = at
    db.session.flush()
    search.take_in(message)
    return message


def merged_target(ticket: Ticket) -> Ticket:
    """The ticket in which the conversation goes on."""
    while ticket.close_reason is CloseReason.MERGED and ticket.merged_into is not None:
        ticket = ticket.merged_into
    return ticket


def _reply_of_customer(
    ticket: Ticket, body: str, *, by: Customer, at: datetime, files: Sequence[StoredFile], mail_id: str | None
) -> Message:
    lock_for_customer(ticket, by)
    require_open(ticket)
    message = add_message(ticket, MessageKind.REPLY, clean_body(body), by=by, at=at, files=files, mail_id=mail_id)
    awaited = ticket.awaits_customer
    ticket.status = rules.after_customer_reply(ticket.status)
    ticket.customer_seen_at = at
    record(ticket, EventKind.REPLIED, by=by, at=at)
    if awaited:
        waiting.end(ticket, at=at)
        messages.answer_received(ticket, at=at)
    messages.tell_assignee(ticket, "staff_ticket_replied", message, at=at)
    db.session.flush()
    return message


def _await_customer(
    ticket: Ticket, message: Message, status: Status, kind: EventKind, *, by: StaffUser, at: datetime
) -> Message:
    ticket.status = status
    record(ticket, kind, by=by, at=at)
    targets.respond(ticket, at=at)
    waiting.begin(ticket, at=at)
    ticket.request = messages.asked(ticket, message, at=at)
    db.session.flush()
    return message
