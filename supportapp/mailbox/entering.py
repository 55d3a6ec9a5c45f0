"""A customer's mail becomes an entry, by the same operations as in the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supportapp.accounts.models import Customer
from supportapp.accounts.operations import trust_again
from supportapp.errors import NotFound
from supportapp.extensions import db, settings
from supportapp.files.models import StoredFile
from supportapp.guard.findings import from_column
from supportapp.mailbox import enclosures, messages, wording
from supportapp.mailbox.enclosures import Enclosed
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading import is_thanks
from supportapp.mailbox.reading.contents import IncomingMail
from supportapp.mailbox.rules import Reason
from supportapp.tickets import operations, rules
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.operations.conversation import merged_target
from supportapp.tickets.operations.record import lock_for_customer
from supportapp.tickets.rules import Status

LARGEST_LOGO = 20 * 1024  # a larger inline picture shows something: it is no part of a signature


@dataclass(frozen=True)
class Entry:
    """What a mail is about to become."""

    body: str
    files: list[StoredFile]
    mail_id: str
    form_token: str
    is_thanks: bool


def enter_reply(
    row: ReceivedMail, mail: IncomingMail, ticket: Ticket, customer: Customer, enclosed: Enclosed, *, at: datetime
) -> Reason:
    """Add it to the ticket, bring the ticket back, or open one that goes on from it."""
    entry = _prepare(row, mail, customer, enclosed, at=at)
    ticket = _lock_target(ticket, customer)
    message, reason = _act(ticket, entry, customer, at=at)
    _finish(row, message, customer, enclosed, at=at)
    return reason


def open_ticket(
    row: ReceivedMail, mail: IncomingMail, customer: Customer, enclosed: Enclosed, *, at: datetime
) -> Reason:
    """Open a ticket without a certificate: which one it goes under can be chosen on its page."""
    entry = _prepare(row, mail, customer, enclosed, at=at)
    ticket = operations.submit(
        customer=customer,
        subject=wording.subject_of(mail, customer.language),
        body=entry.body,
        files=entry.files,
        form_token=entry.form_token,
        at=at,
        mail_id=entry.mail_id,
    )
    _finish(row, _first_message(ticket), customer, enclosed, at=at)
    return Reason.OPENED


def comes_too_late(ticket: Ticket, *, at: datetime) -> bool:
    """Whether an answer to ``ticket`` can no longer bring it back and opens one that goes on from it."""
    last = merged_target(ticket)
    return not last.is_open and not _can_reopen(last, at=at)


def _can_reopen(ticket: Ticket, *, at: datetime) -> bool:
    return rules.can_reopen(ticket.status, ticket.close_reason, ticket.closed_at, at, settings.REOPEN_DAYS)


def _act(ticket: Ticket, entry: Entry, by: Customer, *, at: datetime) -> tuple[Message, Reason]:
    body, files, mail_id = entry.body, entry.files, entry.mail_id
    if entry.is_thanks and (not ticket.is_open or ticket.status is Status.SOLUTION_PROPOSED):
        return operations.thank(ticket, body, by=by, at=at, files=files, mail_id=mail_id), Reason.REPLIED
    if ticket.is_open:
        return operations.reply(ticket, body, by=by, at=at, files=files, mail_id=mail_id), Reason.REPLIED
    if _can_reopen(ticket, at=at):
        message = operations.reopen(ticket, by=by, at=at, body=body, files=files, mail_id=mail_id)
        assert message is not None  # the body is never empty
        return message, Reason.REPLIED
    token = entry.form_token
    new = operations.continue_ticket(ticket, body, by=by, at=at, files=files, form_token=token, mail_id=mail_id)
    return _first_message(new), Reason.CONTINUED


def _prepare(row: ReceivedMail, mail: IncomingMail, customer: Customer, enclosed: Enclosed, *, at: datetime) -> Entry:
    files = enclosures.keep(enclosed, owner=customer, draft=f"mail-{row.id}", at=at)
    only_words = not any(not one.is_inline or len(one.data) > LARGEST_LOGO for one in mail.attachments)
    return Entry(
        body=wording.body_of(mail, customer.language, enclosed.sentences(customer.language)),
        files=files,
        mail_id=row.message_id,
        form_token=f"mail-{row.fingerprint[:50]}",
        is_thanks=only_words and is_thanks(mail.text),
    )


def _lock_target(ticket: Ticket, customer: Customer) -> Ticket:
    """Where the conversation goes on, locked: a merge of this very second has happened or will wait."""
    lock_for_customer(ticket, customer)
    while (target := merged_target(ticket)) is not ticket:
        ticket = target
        lock_for_customer(ticket, customer)
    return ticket


def _finish(row: ReceivedMail, message: Message, customer: Customer, enclosed: Enclosed, *, at: datetime) -> None:
    row.entry, row.ticket = message, message.ticket
    trust_again(customer, at=at)  # whoever writes can be written to
    secrets, refused = from_column(message.secrets), enclosed.sentences(customer.language)
    if secrets or refused:
        messages.remarks(message.ticket, customer, refused, secrets, at=at, answers=row.message_id)
    db.session.flush()


def _first_message(ticket: Ticket) -> Message:
    if not ticket.messages:
        raise NotFound(ticket.reference)
    return ticket.messages[0]
