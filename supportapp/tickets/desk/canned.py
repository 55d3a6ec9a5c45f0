"""Prepared answers with what belongs in them. What staff write is text: braces are filled, never evaluated."""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_date

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.tickets.desk.rules import PLACEHOLDERS, fill, unknown_placeholders
from supportapp.tickets.models import CannedReply, Ticket
from supportapp.tickets.waiting import REACTION_DAYS
from supportapp.worktime.queries import current_calendar
from supportapp.worktime.rules import deadline


def check_placeholders(text: str, *, field: str) -> None:
    """Refused "unknown_placeholder" when the text asks for something that cannot be put in."""
    unknown = unknown_placeholders(text)
    if unknown:
        raise Refused(
            "unknown_placeholder",
            N_("There is no placeholder %(names)s. Possible are: %(known)s."),
            field=field,
            names=", ".join(name if name in ("{{", "}}") else "{{" + name + "}}" for name in unknown),
            known=", ".join("{{" + name + "}}" for pair in PLACEHOLDERS.items() for name in pair),
        )


def canned_text(canned: CannedReply, ticket: Ticket, *, by: StaffUser, at: datetime) -> str:
    """The prepared answer in the customer's language (Russian when it was not translated), filled for this ticket."""
    language = ticket.customer.language
    text = (canned.text_en if language == "en" else canned.text_ru) or canned.text_ru
    return fill(text, values_for(ticket, by=by, at=at)) if "{{" in text else text


def values_for(ticket: Ticket, *, by: StaffUser, at: datetime) -> dict[str, str]:
    """What stands for each placeholder, in the customer's words."""
    return {
        "customer": ticket.customer.name,
        "reference": ticket.reference,
        "product": " ".join(filter(None, (ticket.product.name if ticket.product else "", ticket.product_version))),
        "deadline": _last_day(ticket, at=at),
        "engineer": by.display_name,
    }


def _last_day(ticket: Ticket, *, at: datetime) -> str:
    """The last day on which an answer keeps the ticket open: of the closing that runs, else as if received now."""
    closes_at = ticket.closes_at or deadline(at, REACTION_DAYS, current_calendar(), settings.timezone)
    day = (closes_at - timedelta(seconds=1)).astimezone(settings.timezone).date()
    return str(format_date(day, "d MMMM y", locale=ticket.customer.language))
