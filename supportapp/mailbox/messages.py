"""What a machine says to people about their mails. One such mail a day, unless it is about an entry that was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from supportapp.accounts.models import Customer
from supportapp.extensions import settings
from supportapp.guard.findings import Secret, name_of
from supportapp.i18n import N_
from supportapp.mailbox.reading.contents import IncomingMail
from supportapp.mailbox.rules import Reason
from supportapp.mailbox.wording import clean_text, language_of
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Notification
from supportapp.notifications.operations import notify
from supportapp.notifications.wordings import Value, Wording
from supportapp.tickets.mail_values import customer_values, ticket_values
from supportapp.tickets.models import Ticket

OPEN = N_("Open the ticket")
PORTAL = N_("Open the portal")
# why a mail did not enter, and the letter that says so; the other reasons are not answered
TOLD = {
    Reason.UNKNOWN_SENDER: "mail_unknown_sender",
    Reason.STRANGER: "mail_stranger",
    Reason.STAFF: "mail_staff",
    Reason.UNCONFIRMED: "mail_unconfirmed",
    Reason.TOO_LARGE: "mail_too_large",
}

_VALUES = (
    Value("mail_subject", N_("the subject of the mail that came, when it had one"), ("NTE_BAD_KEYSET", "")),
    Value("limit", N_("how many megabytes a mail may have"), ("50",)),
)
# Those to staff, and the one that lists what was not accepted, keep their words.
WORDINGS = (
    Wording("mail_unknown_sender", N_("A mail came from an address that is not registered"), _VALUES),
    Wording("mail_stranger", N_("A mail answered a ticket that was opened from another address"), _VALUES),
    Wording("mail_unconfirmed", N_("A mail came from an address that is not confirmed"), _VALUES),
    Wording("mail_too_large", N_("A mail was too large"), _VALUES),
)


def not_entered(mail: IncomingMail, reason: Reason, customer: Customer | None, *, at: datetime) -> Notification:
    """The polite mail to the sender of what is not in a ticket. It repeats nothing but the subject."""
    name, staff = TOLD[reason], reason is Reason.STAFF
    language = "ru" if staff else customer.language if customer else language_of(mail)
    subject = " ".join(clean_text(mail.subject).split())[:100]
    limit = f"{settings.MAX_MAIL_BYTES / 1024 / 1024:.3g}"
    address = f"{settings.PUBLIC_BASE_URL}/staff/" if staff else f"{settings.PUBLIC_BASE_URL}/"
    letter = Letter(name, {"mail_subject": subject, "limit": limit}, buttons=[(PORTAL, address)])
    return notify(
        kind=name,
        recipient=mail.sender,
        language=language,
        letter=letter,
        at=at,
        customer_id=customer.id if customer else None,
        answers=mail.message_id,
    )


def remarks(
    ticket: Ticket,
    customer: Customer,
    refused: Sequence[str],
    secrets: Sequence[Secret],
    *,
    at: datetime,
    answers: str | None,
) -> Notification:
    """The mail has entered, but not as it was: files that were not accepted, and secrets that stand in it."""
    language = customer.language
    letter = Letter(
        "mail_remarks",
        {
            "ticket": ticket_values(ticket, language),
            "customer": customer_values(customer),
            "refused": list(refused),
            "secrets": ", ".join(name_of(secret, language) for secret in secrets),
        },
        buttons=[(OPEN, f"{settings.PUBLIC_BASE_URL}/tickets/{ticket.reference}")],
    )
    return notify(
        kind="mail_remarks",
        recipient=customer.email,
        language=language,
        letter=letter,
        at=at,
        about=ticket.about,
        customer_id=customer.id,
        answers=answers,
    )
