"""The mails of a ticket whose words staff may change, and how one looks about a given ticket."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.notifications.mail import Letter
from supportapp.notifications.wordings import Value, Wording
from supportapp.tickets.letters import letter_to_customer
from supportapp.tickets.links import AnswerPurpose
from supportapp.tickets.mail_foot import newest_answer
from supportapp.tickets.mail_values import ticket_values
from supportapp.tickets.models import Ticket
from supportapp.tickets.waiting import EXTENSION_DAYS, REACTION_DAYS

_MOMENT = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
_TICKET = (
    Value("ticket.reference", N_("the ticket's number, as TP-000123"), ("TP-000123",)),
    Value("ticket.subject", N_("what the customer wrote as the subject"), ("NTE_BAD_KEYSET", "**x** [y](z) <b>")),
    Value("ticket.status", N_("the ticket's state in words"), ("in progress",)),
    Value("ticket.product", N_("the product's name"), ("CSP", None)),
    Value("ticket.product_version", N_("the product's version"), ("5.0", None)),
    Value("ticket.level", N_("the support level, when there is a certificate"), ("Extended", None)),
    Value("ticket.certificate", N_("the certificate's number"), ("CERT-1", None)),
    Value("ticket.created_at", N_("the moment when the ticket was sent"), (_MOMENT,)),
    Value("ticket.closes_at", N_("the moment of the automatic closing, once it is known"), (_MOMENT, None)),
    Value("ticket.close_note", N_("the reason that the engineer gave when closing it"), ("Out of scope", None)),
    Value("customer.name", N_("the customer's name"), ("Ann Smith",)),
    Value("customer.organisation", N_("the customer's organisation"), ("Ltd", None)),
    Value("reopen_days", N_("for how many days a closed ticket can be reopened"), (14, 1, 0)),
)
_FILES = Value("file_count", N_("how many files came with the message"), (0, 2))
_DAYS = Value("days", N_("how many working days there are to answer"), (3,))
_FIRST_ANSWER = Value("first_response_due", N_("by when the first answer is promised"), (_MOMENT, None))
_CLOSING = (
    Value("closes_at", N_("the moment of the automatic closing"), (_MOMENT,)),
    Value("last_day", N_("the last day on which an answer keeps the ticket open"), (date(2026, 11, 25),)),
)
_TARGET = (
    Value("target.reference", N_("the number of the ticket in which it goes on"), ("TP-000124",)),
    Value("target.subject", N_("the subject of the ticket in which it goes on"), ("NTE_BAD_KEYSET",)),
)


def _wording(name: str, purpose: str, *more: Value) -> Wording:
    return Wording(name, purpose, _TICKET + more, needs_in_subject="ticket.reference")


WORDINGS = (
    _wording("ticket_submitted", N_("The ticket was received"), _FIRST_ANSWER),
    _wording("ticket_in_progress", N_("An engineer has begun")),
    _wording("ticket_replied", N_("An engineer wrote to the customer"), _FILES),
    _wording("ticket_info_requested", N_("An engineer needs information from the customer"), _FILES, _DAYS),
    _wording("ticket_solution_proposed", N_("An engineer proposed a solution"), _FILES, _DAYS),
    _wording("ticket_answer_received", N_("The customer's answer put the ticket back to work")),
    _wording("ticket_thanked", N_("The customer thanked for a proposed solution by mail")),
    _wording("ticket_reminder", N_("The reminder, for those who asked for it"), _FILES, *_CLOSING),
    _wording("ticket_closing_soon", N_("The warning one working day before the automatic closing"), *_CLOSING),
    _wording("ticket_extended", N_("The customer took more time to answer"), _DAYS, _CLOSING[0]),
    _wording("ticket_certificate_chosen", N_("The customer chose a certificate")),
    _wording("ticket_closed_no_reaction", N_("The ticket was closed automatically"), _DAYS),
    _wording("ticket_closed_solved", N_("The customer said that the problem is solved")),
    _wording("ticket_closed_withdrawn", N_("The customer withdrew the ticket")),
    _wording("ticket_closed_by_staff", N_("An engineer closed the ticket")),
    _wording("ticket_reopened", N_("The ticket is open again")),
    _wording("ticket_merged", N_("The ticket was merged into another one"), *_TARGET),
)
_WITH_MESSAGE = {"ticket_replied", "ticket_info_requested", "ticket_solution_proposed", "ticket_reminder"}
_PURPOSES = {
    "ticket_solution_proposed": [AnswerPurpose.SOLVED, AnswerPurpose.NOT_SOLVED],
    "ticket_thanked": [AnswerPurpose.SOLVED, AnswerPurpose.NOT_SOLVED],
    "ticket_reminder": [AnswerPurpose.SOLVED, AnswerPurpose.MORE_TIME, AnswerPurpose.NOT_SOLVED],
    "ticket_closing_soon": [AnswerPurpose.SOLVED, AnswerPurpose.MORE_TIME, AnswerPurpose.NOT_SOLVED],
    "ticket_closed_no_reaction": [AnswerPurpose.REOPEN],
    "ticket_closed_solved": [AnswerPurpose.REOPEN],
    "ticket_closed_withdrawn": [AnswerPurpose.REOPEN],
    "ticket_closed_by_staff": [AnswerPurpose.REOPEN],
}


def letter_about(ticket: Ticket, wording: Wording, *, language: str, at: datetime) -> Letter:
    """The mail as it would say something about ``ticket`` now. What did not happen to it is made up, and the buttons
    only open the ticket: nobody may act in the customer's name."""
    name = wording.name
    return letter_to_customer(
        ticket,
        name,
        language=language,
        at=at,
        message=newest_answer(ticket) if name in _WITH_MESSAGE else None,
        purposes=_PURPOSES.get(name, ()),
        context=_made_up(ticket, wording, language, at),
        link=lambda ticket, _purpose, **_more: f"{settings.PUBLIC_BASE_URL}/tickets/{ticket.reference}",
    )


def _made_up(ticket: Ticket, wording: Wording, language: str, at: datetime) -> dict[str, Any]:
    known = {
        "first_response_due": ticket.first_response_due,
        "resolution_due": ticket.resolution_due,
        "days": EXTENSION_DAYS if wording.name == "ticket_extended" else REACTION_DAYS,
        "closes_at": ticket.closes_at or at,
        "last_day": at.astimezone(settings.timezone).date(),
        "target": ticket_values(ticket.merged_into or ticket, language),
    }
    own = {value.name.partition(".")[0] for value in wording.values}
    return {name: value for name, value in known.items() if name in own}
