"""Reads of received mails."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from supportapp.accounts.models import Customer
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.rules import MailState
from supportapp.tickets.models import Message, Ticket

BELL_TIME = timedelta(seconds=3)  # what was rung for is left to the worker that hears it


def due_mails(at: datetime, limit: int) -> list[int]:
    """Mails that nobody rang for, whose next attempt has come, or whose reader died; the oldest first."""
    due = ReceivedMail.state == MailState.RECEIVED, ReceivedMail.next_attempt_at <= at - BELL_TIME
    wanted = select(ReceivedMail.id).where(*due).order_by(ReceivedMail.next_attempt_at, ReceivedMail.id)
    return list(db.session.scalars(wanted.limit(limit)))


def stored_keys(_sender: object = None) -> set[str]:
    """The bytes that belong to received mails: the sweep of the storage asks for them."""
    kept = select(ReceivedMail.storage_key).where(ReceivedMail.storage_key.is_not(None))
    return {key for key in db.session.scalars(kept) if key}


def count_quarantined() -> int:
    """How many mails wait for somebody to look at them."""
    waiting = select(func.count()).select_from(ReceivedMail).where(ReceivedMail.state == MailState.QUARANTINED)
    return db.session.scalar(waiting) or 0


def get_mail_for(customer: Customer, reference: str, message_id: int) -> ReceivedMail:
    """The mail that became this entry of the customer's own ticket, when he wrote it himself; NotFound otherwise."""
    wanted = (
        select(ReceivedMail)
        .join(Message, Message.id == ReceivedMail.entry_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            Message.id == message_id,
            Message.customer_id == customer.id,
            Ticket.customer_id == customer.id,
            Ticket.reference == reference,
            ReceivedMail.state == MailState.ENTERED,
        )
    )
    return _one(db.session.scalars(wanted.limit(1)).one_or_none(), message_id)


def get_mail_of_entry(ticket: Ticket, message_id: int) -> ReceivedMail:
    """The mail that became this entry of ``ticket``, for whoever may see the ticket; NotFound otherwise."""
    wanted = (
        select(ReceivedMail)
        .join(Message, Message.id == ReceivedMail.entry_id)
        .where(Message.id == message_id, Message.ticket_id == ticket.id)
    )
    return _one(db.session.scalars(wanted.limit(1)).one_or_none(), message_id)


def _one(mail: ReceivedMail | None, key: object) -> ReceivedMail:
    if mail is None:
        raise NotFound(f"mail of entry {key}")
    return mail
