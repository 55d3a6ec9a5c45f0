"""Reads of received mails."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from supportapp.accounts.models import Customer
from supportapp.database import GREATEST_ID
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.mailbox import twins
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.rules import MailState
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.queries import REFERENCE_LENGTH

BELL_TIME = timedelta(seconds=3)  # what was rung for is left to the worker that hears it


def due_mails(at: datetime, limit: int) -> list[int]:
    """Mails that nobody rang for, whose next attempt has come, or whose reader died; the oldest first."""
    due = ReceivedMail.state == MailState.RECEIVED, ReceivedMail.next_attempt_at <= at - BELL_TIME
    wanted = select(ReceivedMail.id).where(*due).order_by(ReceivedMail.next_attempt_at, ReceivedMail.id)
    return list(db.session.scalars(wanted.limit(limit)))


def stored_keys(_sender: object = None) -> set[str]:
    """The bytes that belong to received mails: the sweep of the storage asks for them."""
    kept = select(ReceivedMail.storage_key).where(ReceivedMail.storage_key.is_not(None))
    unread = select(ReceivedMail.details).where(ReceivedMail.state == MailState.RECEIVED)
    beside = {key for details in db.session.scalars(unread) for key in twins.keys_in(details)}
    return beside | {key for key in db.session.scalars(kept) if key}


def count_quarantined() -> int:
    """How many mails wait for somebody to look at them."""
    waiting = select(func.count()).select_from(ReceivedMail).where(ReceivedMail.state == MailState.QUARANTINED)
    return db.session.scalar(waiting) or 0


def get_mail_for(customer: Customer, reference: str, message_id: int) -> ReceivedMail:
    """The mail that became this entry of the customer's own ticket, when he wrote it himself; NotFound otherwise.

    What staff put there of somebody else's mail is not his to read.
    """
    if message_id > GREATEST_ID or len(reference) > REFERENCE_LENGTH or "\0" in reference:
        raise NotFound(f"mail of entry {message_id}")
    wanted = (
        select(ReceivedMail)
        .join(Message, Message.id == ReceivedMail.entry_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            Message.id == message_id,
            Message.customer_id.is_not(None),
            Message.mail_id == ReceivedMail.message_id,
            Ticket.customer_id == customer.id,
            Ticket.reference == reference,
            ReceivedMail.state.in_((MailState.ENTERED, MailState.RELEASED)),
        )
    )
    return _one(db.session.scalars(wanted.limit(1)).one_or_none(), message_id)


def mails_of_entries(ticket: Ticket) -> dict[int, int]:
    """For each entry of ``ticket`` that came by mail: the entry's key and the mail's."""
    wanted = (
        select(ReceivedMail.entry_id, ReceivedMail.id)
        .join(Message, Message.id == ReceivedMail.entry_id)
        .where(Message.ticket_id == ticket.id)
    )
    return {entry: mail for entry, mail in db.session.execute(wanted) if entry is not None}


def _one(mail: ReceivedMail | None, key: object) -> ReceivedMail:
    if mail is None:
        raise NotFound(f"mail of entry {key}")
    return mail
