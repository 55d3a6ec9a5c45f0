"""A letter about a ticket as its customer gets it: values, quotation, buttons, foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from supportapp.extensions import settings
from supportapp.guard.texts import without_secrets
from supportapp.i18n import N_
from supportapp.notifications.mail import Letter
from supportapp.tickets.links import AnswerPurpose, make_link
from supportapp.tickets.mail_foot import below
from supportapp.tickets.mail_values import customer_values, ticket_values
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.rules import Status

OPEN = N_("Open the ticket")
ANSWER = N_("Answer the engineer")
LABELS = {
    AnswerPurpose.SOLVED: N_("The problem is solved"),
    AnswerPurpose.MORE_TIME: N_("I need 3 more working days"),
    AnswerPurpose.NOT_SOLVED: N_("The problem is not solved"),
    AnswerPurpose.REOPEN: N_("Reopen the ticket"),
}


def letter_to_customer(
    ticket: Ticket,
    name: str,
    *,
    language: str,
    at: datetime,
    message: Message | None = None,
    purposes: Sequence[AnswerPurpose] = (),
    context: dict[str, Any] | None = None,
    link: Callable[..., str] = make_link,
) -> Letter:
    """The letter ``name`` about ``ticket``; ``link`` makes the address behind a button that acts."""
    context = context or {}
    buttons = [(_label(ticket, purpose), link(ticket, purpose, at=at)) for purpose in purposes]
    buttons.append((OPEN, f"{settings.PUBLIC_BASE_URL}/tickets/{ticket.reference}"))
    return Letter(
        name,
        {
            "ticket": ticket_values(ticket, language),
            "customer": customer_values(ticket.customer),
            "file_count": len(message.files) if message else 0,
            "reopen_days": settings.REOPEN_DAYS,
            **context,
        },
        quote=quote_of(message, language),
        buttons=buttons,
        below=below(ticket, message, language=language, at=at, last_day=context.get("last_day")),
        answerable=True,
    )


def _label(ticket: Ticket, purpose: AnswerPurpose) -> str:
    """Who was asked for something answers; that a problem is not solved answers nothing."""
    asked = ticket.status is Status.AWAITING_INFO and purpose is AnswerPurpose.NOT_SOLVED
    return ANSWER if asked else LABELS[purpose]


def quote_of(message: Message | None, language: str) -> str | None:
    """What was written, without the secrets that were let through: a mail lies about in many places."""
    return without_secrets(message.body, language) if message else None
