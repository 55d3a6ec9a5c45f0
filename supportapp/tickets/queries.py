"""Reads. Access is part of the look-up: what a person may not see does not exist for that person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import LoaderOption

from supportapp.accounts.models import Customer, StaffUser
from supportapp.errors import NotFound
from supportapp.extensions import db, settings
from supportapp.files.models import StoredFile
from supportapp.notifications.models import Notification, NotificationState, OptionalMail
from supportapp.tickets.models import CannedReply, Message, Ticket, TimelineEntry, message_file
from supportapp.tickets.rules import AWAITING_CUSTOMER, EventKind, MessageKind, Status
from supportapp.tickets.waiting import Deadline, count_days
from supportapp.worktime.queries import current_calendar

REFERENCE_LENGTH = 24
# Written out, not bound: the indexes of open tickets are found by these very words.
IS_OPEN = Ticket.status != literal_column("'closed'")
QUEUE_ORDER = (Ticket.priority, Ticket.due_order, Ticket.created_at, Ticket.id)


def get_ticket_for(customer: Customer, reference: str) -> Ticket:
    """The customer's own ticket; NotFound for a missing and for a foreign one alike."""
    ticket = _by_reference(reference)
    if ticket is None or ticket.customer_id != customer.id:
        raise NotFound(reference)
    return ticket


def get_ticket_for_staff(staff: StaffUser, reference: str) -> Ticket:
    """The ticket by its reference, for a staff user whose account is active; NotFound otherwise."""
    ticket = _by_reference(reference) if staff.active else None
    if ticket is None:
        raise NotFound(reference)
    return ticket


def find_ticket(ticket_id: int) -> Ticket | None:
    """The ticket by its key, for jobs and signed links; no person's access is checked here."""
    return db.session.get(Ticket, ticket_id)


def find_ticket_by_reference(reference: str) -> Ticket | None:
    """The ticket by its reference; no person's access is checked here."""
    return _by_reference(reference)


def tickets_of(customer: Customer, *, only_open: bool | None = None) -> Select[Ticket]:
    """The customer's tickets, last changed first; ``only_open`` True or False narrows them."""
    tickets = (
        select(Ticket).where(Ticket.customer_id == customer.id).order_by(Ticket.updated_at.desc(), Ticket.id.desc())
    )
    if only_open is None:
        return tickets
    return tickets.where(Ticket.status != Status.CLOSED if only_open else Ticket.status == Status.CLOSED)


def count_tickets(customer: Customer) -> tuple[int, int]:
    """How many open and how many closed tickets the customer has."""
    by_status = (
        select(Ticket.status, func.count(Ticket.id)).where(Ticket.customer_id == customer.id).group_by(Ticket.status)
    )
    numbers = {row[0]: row[1] for row in db.session.execute(by_status)}
    closed = numbers.pop(Status.CLOSED, 0)
    return sum(numbers.values()), closed


def find_ticket_of_form(customer: Customer, form_token: str) -> Ticket | None:
    """The ticket that the customer has already sent with this form."""
    if not form_token or "\0" in form_token:
        return None
    made = select(Ticket).where(Ticket.form_token == form_token, Ticket.customer_id == customer.id)
    return db.session.scalars(made).one_or_none()


def queue() -> Select[Ticket]:
    """Open tickets in the order in which to work: priority, nearest target, age."""
    return select(Ticket).where(IS_OPEN).order_by(*QUEUE_ORDER)


def conversation(ticket: Ticket, *, internal: bool) -> Sequence[Message]:
    """The messages with their authors and files, oldest first; internal notes only when asked for."""
    return db.session.scalars(_messages(internal), {"ticket": ticket.id}).all()


class LastMessage(NamedTuple):
    """Who has the last word on a ticket."""

    author: str
    by_staff: bool


def last_messages(ticket_ids: Sequence[int]) -> dict[int, LastMessage]:
    """The last message of each ticket, by the ticket's key; internal notes are not meant."""
    return {
        ticket_id: LastMessage(customer or f"{first} {last_name}".strip() or username, customer is None)
        for ticket_id, customer, first, last_name, username in db.session.execute(_last(), {"tickets": ticket_ids})
    }


def timeline(ticket: Ticket, *, internal: bool) -> list[TimelineEntry]:
    """What happened, oldest first; entries for staff alone only when asked for."""
    entries = db.session.scalars(_entries(), {"ticket": ticket.id})
    return [entry for entry in entries if internal or not entry.is_internal]


def in_work_since(ticket: Ticket) -> datetime:
    """Since when an open ticket has been with support: it was sent, answered or reopened by its customer then."""
    since, is_ours = ticket.created_at, True
    for entry in timeline(ticket, internal=False):
        if entry.kind in (EventKind.INFO_REQUESTED, EventKind.SOLUTION_PROPOSED):
            is_ours = False
        elif entry.kind is EventKind.REOPENED or (
            entry.kind is EventKind.REPLIED and entry.customer_id and not is_ours
        ):
            since, is_ours = entry.at, True
    return since


def changes_since(ticket: Ticket, seen_version: int) -> list[TimelineEntry]:
    """What happened after somebody looked at the ticket at ``seen_version``."""
    return [entry for entry in timeline(ticket, internal=True) if entry.version > seen_version]


def deadline_of(ticket: Ticket) -> Deadline | None:
    """The coming automatic closing with its days; None while nothing runs."""
    if not ticket.awaits_customer or ticket.received_at is None:
        return None
    return count_days(
        ticket.received_at,
        extended_at=ticket.extended_at,
        warned_at=ticket.warned_at,
        calendar=current_calendar(),
        tz=settings.timezone,
    )


def get_file_for(customer: Customer, public_id: str) -> StoredFile:
    """A file the customer may download: his own upload, or one of a message he may read. NotFound otherwise."""
    stored = _file(public_id)
    if stored is None or not (stored.customer_id == customer.id or _readable_by(customer, stored)):
        raise NotFound(public_id)
    return stored


def get_file_for_staff(staff: StaffUser, public_id: str) -> StoredFile:
    """A file of any ticket, or one's own upload; a customer's draft is nobody else's. NotFound otherwise."""
    stored = _file(public_id)
    if stored is None or not staff.active or not (stored.staff_id == staff.id or stored.attached_at is not None):
        raise NotFound(public_id)
    return stored


def canned_replies() -> Sequence[CannedReply]:
    """The prepared answers by title."""
    return db.session.scalars(_canned()).all()


def waiting_tickets() -> Select[Ticket]:
    """Tickets whose automatic closing runs: the customer has received the request or the solution."""
    return (
        select(Ticket).where(Ticket.status.in_(AWAITING_CUSTOMER), Ticket.received_at.is_not(None)).order_by(Ticket.id)
    )


def tickets_to_remind() -> Select[Ticket]:
    """Those of them whose customer wants a reminder and has got neither one nor the warning."""
    wanted = ~Customer.muted_mails.contains(OptionalMail.REMINDERS.value)
    untold = Ticket.reminder_id.is_(None), Ticket.warning_id.is_(None)
    return waiting_tickets().join(Ticket.customer).where(wanted, *untold)


def promised_tickets(*, until: datetime, due_from: datetime) -> Select[Ticket]:
    """Open tickets that came before ``until`` with a promise still to be kept that is due at ``due_from`` or later."""
    answer_due = and_(Ticket.first_responded_at.is_(None), Ticket.first_response_due >= due_from)
    return (
        select(Ticket)
        .where(IS_OPEN, Ticket.level_id.is_not(None), Ticket.created_at < until)
        .where(or_(answer_due, Ticket.resolution_due >= due_from))
        .options(joinedload(Ticket.level))
        .order_by(Ticket.id)
    )


def unheard_deliveries() -> Select[int]:
    """Keys of mails that were delivered although their ticket does not know it yet."""
    request = and_(Ticket.request_id == Notification.id, Ticket.received_at.is_(None))
    warning = and_(Ticket.warning_id == Notification.id, Ticket.warned_at.is_(None))
    return (
        select(Notification.id)
        .join(Ticket, or_(request, warning))
        .where(
            Ticket.status.in_(AWAITING_CUSTOMER),
            Notification.sent_at.is_not(None),
            Notification.state == NotificationState.SENT,  # not one that came back later
        )
    )


def tickets_to_close(*, at: datetime) -> Select[int]:
    """Keys of tickets whose deadline has passed and whose warning was received."""
    return (
        select(Ticket.id)
        .where(
            Ticket.status.in_(AWAITING_CUSTOMER),
            Ticket.closes_at <= at,
            Ticket.warned_at.is_not(None),
        )
        .order_by(Ticket.id)
    )


def _by_reference(reference: str) -> Ticket | None:
    if not reference or len(reference) > REFERENCE_LENGTH or "\0" in reference:
        return None
    return db.session.scalars(_referred(), {"reference": reference.strip().upper()}).one_or_none()


# Statements of pages that are opened all day are built once: to build one takes longer than to run it.


@cache
def _referred() -> Select[Ticket]:
    shown = Ticket.customer, Ticket.product, Ticket.certificate, Ticket.level, Ticket.assignee
    loaded = (joinedload(one) for one in shown)
    return select(Ticket).where(Ticket.reference == bindparam("reference")).options(*loaded)


@cache
def _messages(internal: bool) -> Select[Message]:
    messages = select(Message).where(Message.ticket_id == bindparam("ticket")).order_by(Message.id)
    if not internal:
        messages = messages.where(Message.kind != MessageKind.NOTE)
    return messages.options(*_named(Message), selectinload(Message.files))


@cache
def _entries() -> Select[TimelineEntry]:
    entries = select(TimelineEntry).where(TimelineEntry.ticket_id == bindparam("ticket")).order_by(TimelineEntry.id)
    return entries.options(*_named(TimelineEntry))


def _named(kind: type[Message | TimelineEntry]) -> tuple[LoaderOption, LoaderOption]:
    """Whoever did it, with what makes a name."""
    return (
        joinedload(kind.customer).load_only(Customer.name),
        joinedload(kind.staff).load_only(StaffUser.first_name, StaffUser.last_name, StaffUser.username),
    )


@cache
def _last() -> Select[int, str, str, str, str]:
    wanted = Message.ticket_id.in_(bindparam("tickets", expanding=True)), Message.kind != MessageKind.NOTE
    last = select(func.max(Message.id)).where(*wanted).group_by(Message.ticket_id)
    return (
        select(Message.ticket_id, Customer.name, StaffUser.first_name, StaffUser.last_name, StaffUser.username)
        .outerjoin(Customer, Customer.id == Message.customer_id)
        .outerjoin(StaffUser, StaffUser.id == Message.staff_id)
        .where(Message.id.in_(last))
    )


@cache
def _canned() -> Select[CannedReply]:
    return select(CannedReply).order_by(CannedReply.title)


def _file(public_id: str) -> StoredFile | None:
    if "\0" in public_id:
        return None
    return db.session.scalars(select(StoredFile).where(StoredFile.public_id == public_id)).one_or_none()


def _readable_by(customer: Customer, stored: StoredFile) -> bool:
    message = (
        select(Message.id)
        .join(message_file, message_file.c.message_id == Message.id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            message_file.c.file_id == stored.id,
            Ticket.customer_id == customer.id,
            Message.kind != MessageKind.NOTE,
        )
    )
    return db.session.scalar(message) is not None
