"""Acts by a signed link from a mail: the customer need not be signed in, and only a press of the button acts."""

from __future__ import annotations

from datetime import datetime

from supportapp.errors import Refused
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.tickets import queries, rules
from supportapp.tickets.links import AnswerLink, AnswerPurpose
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.closing import accept_solution, reopen
from supportapp.tickets.operations.conversation import reject_solution
from supportapp.tickets.operations.waiting import ask_for_more_time


def check_answer(link: AnswerLink, *, at: datetime) -> Ticket:
    """The ticket, when the link may still act on it; Refused("link_outdated") or what the rules say otherwise."""
    ticket = queries.find_ticket(link.ticket_id)
    if ticket is None or not ticket.customer.is_active:
        raise Refused("link_unknown", N_("This link leads nowhere any more."))
    if link.purpose is AnswerPurpose.REOPEN:
        current = not ticket.is_open and rules.can_reopen(
            ticket.status, ticket.close_reason, ticket.closed_at, at, settings.REOPEN_DAYS
        )
    else:
        current = ticket.awaits_customer
    if not current or ticket.waiting_round != link.waiting_round:
        raise Refused("link_outdated", N_("The ticket has moved on since this mail was sent. Sign in to see it."))
    if link.purpose is AnswerPurpose.MORE_TIME and ticket.extended_at is not None:
        raise Refused("extended_already", N_("You have already taken more time. Reply to keep the ticket open."))
    return ticket


def answer(link: AnswerLink, *, at: datetime, body: str = "") -> Ticket:
    """Do what the link is for, in the name of the ticket's customer. Refused as in ``check_answer``."""
    ticket = check_answer(link, at=at)
    by = ticket.customer
    match link.purpose:
        case AnswerPurpose.SOLVED:
            accept_solution(ticket, by=by, at=at)
        case AnswerPurpose.MORE_TIME:
            ask_for_more_time(ticket, by=by, at=at)
        case AnswerPurpose.NOT_SOLVED:
            reject_solution(ticket, body, by=by, at=at)
        case AnswerPurpose.REOPEN:
            reopen(ticket, by=by, at=at, body=body)
    return ticket
