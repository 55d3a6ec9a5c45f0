"""What a signed link did, in a calm sentence."""

from __future__ import annotations

from flask_babel import gettext as _

from supportapp.portal.deadline_words import last_day
from supportapp.tickets.links import AnswerLink, AnswerPurpose
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import deadline_of
from supportapp.tickets.rules import CloseReason


def outcome(purpose: AnswerPurpose, ticket: Ticket) -> tuple[str, str]:
    """Heading and sentence for the page that follows the button."""
    match purpose:
        case AnswerPurpose.SOLVED:
            words = _("Thank you! The ticket is closed as solved"), _("If the problem comes back, reopen the ticket.")
        case AnswerPurpose.MORE_TIME:
            words = _("You have more time"), _more_time(ticket)
        case AnswerPurpose.NOT_SOLVED:
            sentence = _("The engineer sees your answer; the ticket will not be closed.")
            words = _("Thank you, we go on working on it"), sentence
        case AnswerPurpose.REOPEN:
            words = _("The ticket is open again"), _("It is back in the engineers' queue; we shall write to you.")
    return words


def already_done(link: AnswerLink, ticket: Ticket) -> tuple[str, str] | None:
    """The outcome, when this very link was used before; None when it was not."""
    if ticket.waiting_round != link.waiting_round:
        return None
    match link.purpose:
        case AnswerPurpose.SOLVED:
            used = ticket.close_reason is CloseReason.SOLVED
        case AnswerPurpose.MORE_TIME:
            used = ticket.awaits_customer and ticket.extended_at is not None
        case AnswerPurpose.NOT_SOLVED | AnswerPurpose.REOPEN:
            used = ticket.is_open and not ticket.awaits_customer
    return outcome(link.purpose, ticket) if used else None


def _more_time(ticket: Ticket) -> str:
    deadline = deadline_of(ticket)
    if deadline is None:
        return str(_("The ticket goes on."))
    return str(_("The ticket stays open up to and including %(day)s.", day=last_day(deadline.last_day)))
