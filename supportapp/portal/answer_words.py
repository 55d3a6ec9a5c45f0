"""What a signed link did, in a calm sentence."""

from __future__ import annotations

from flask_babel import gettext as _

from supportapp.portal.deadline_words import last_day
from supportapp.tickets.links import AnswerPurpose
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import deadline_of


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


def _more_time(ticket: Ticket) -> str:
    deadline = deadline_of(ticket)
    if deadline is None:
        return str(_("The ticket goes on."))
    return str(_("The ticket stays open up to and including %(day)s.", day=last_day(deadline.last_day)))
