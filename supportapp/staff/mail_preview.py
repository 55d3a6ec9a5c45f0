"""How a mail will look: about a real ticket that the person may read, or with invented values."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from supportapp.certificates import letters as certificate_letters
from supportapp.errors import NotFound, Refused
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.notifications.mail import Letter, Rendered
from supportapp.notifications.saved_words import Words, check
from supportapp.notifications.wordings import Wording
from supportapp.staff.roles import READ
from supportapp.staff.security import may, signed_in_staff
from supportapp.tickets import wordings
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import get_ticket_for_staff

SAMPLE_DAYS_LEFT = 30


def may_choose_ticket() -> bool:
    """Whether the person reads tickets at all; who does not sees invented values."""
    return may(READ, "TicketPage")


def preview(wording: Wording, words: Words, language: str, reference: str, *, at: datetime) -> Rendered:
    """The mail in ``words``. Refused as by ``check``, and at the field ``ticket`` for one that cannot be shown."""
    checked = check(wording, words)
    letter = _letter(wording, language, reference.strip(), at)
    try:
        return letter.render_words(checked, language)
    except Exception as error:
        sentence = N_("With this ticket the text cannot be worked out: %(detail)s")
        raise Refused("unusable", sentence, field="body", detail=str(error)[:200]) from None


def _letter(wording: Wording, language: str, reference: str, at: datetime) -> Letter:
    if not reference or not may_choose_ticket():
        return _invented(wording, language)
    ticket = _ticket(reference)
    if wording.name.startswith("ticket_"):
        return wordings.letter_about(ticket, wording, language=language, at=at)
    if ticket.certificate is not None and wording.name.startswith("certificate_"):
        more = {"days_left": SAMPLE_DAYS_LEFT} if wording.find("days_left") else {}
        return certificate_letters.letter_about(
            ticket.certificate, ticket.customer, wording.name, language=language, **more
        )
    return _invented(wording, language)


def _ticket(reference: str) -> Ticket:
    try:
        return get_ticket_for_staff(signed_in_staff(), reference)
    except NotFound:
        sentence = N_("There is no ticket %(reference)s.")
        raise Refused("no_such_ticket", sentence, field="ticket", reference=reference[:30]) from None


def _invented(wording: Wording, language: str) -> Letter:
    """With the first sample of every value."""
    context = next(wording.samples(()))
    about_ticket = wording.name.startswith("ticket_")
    return Letter(
        wording.name,
        context,
        quote=_("Here stands what was written.") if wording.find("file_count") else None,
        buttons=[(_("Open the portal"), settings.PUBLIC_BASE_URL)],
        answerable=about_ticket,
    )
