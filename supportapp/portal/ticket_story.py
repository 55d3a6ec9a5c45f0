"""What happened to a ticket, in plain words, newest last: acts of people and what became of each mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp.notifications.models import Notification, NotificationState
from supportapp.notifications.queries import mails_about
from supportapp.portal.deadline_words import day_before, last_day
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.queries import timeline
from supportapp.tickets.rules import EventKind

BY_CUSTOMER = {
    EventKind.SUBMITTED: _l("You sent the ticket"),
    EventKind.REPLIED: _l("You replied"),
    EventKind.EXTENDED: _l("You took more time to answer"),
    EventKind.SOLUTION_ACCEPTED: _l("You said that the problem is solved; the ticket was closed"),
    EventKind.WITHDRAWN: _l("You withdrew the ticket"),
    EventKind.REOPENED: _l("You reopened the ticket"),
    EventKind.THANKED: _l("You thanked us"),
}
BY_STAFF = {
    EventKind.SUBMITTED: _l("The support service opened the ticket for you"),
    EventKind.TAKEN: _l("An engineer took the ticket"),
    EventKind.REPLIED: _l("The support service replied"),
    EventKind.INFO_REQUESTED: _l("The support service asked for information"),
    EventKind.SOLUTION_PROPOSED: _l("The support service proposed a solution"),
    EventKind.CLOSED_BY_STAFF: _l("The support service closed the ticket"),
}
BY_ITSELF = {
    EventKind.WARNED: _l("You were warned of the automatic closing"),
    EventKind.CLOSED_AUTOMATICALLY: _l("The ticket was closed automatically: there was no answer"),
}
MAIL_STATES = {
    NotificationState.QUEUED: _l("waits to be sent"),
    NotificationState.SENT: _l("sent"),
    NotificationState.FAILED: _l("not delivered yet, we keep trying"),
    NotificationState.UNDELIVERABLE: _l("could not be delivered"),
}


class Event(NamedTuple):
    """One line of the story; ``who`` is empty where the words say it."""

    at: datetime
    words: str
    who: str


class Mail(NamedTuple):
    """One mail to the customer and what became of it."""

    at: datetime
    subject: str
    state: str
    trouble: bool


def events(ticket: Ticket) -> list[Event]:
    """The timeline as the customer may see it."""
    return [Event(entry.at, _words(entry), _who(entry)) for entry in timeline(ticket, internal=False)]


def mails(ticket: Ticket) -> list[Mail]:
    """The mails of this ticket that went to its customer."""
    return [_mail(mail) for mail in mails_about(ticket.about) if mail.customer_id == ticket.customer_id]


def _words(entry: TimelineEntry) -> str:
    details = entry.details or {}
    match entry.kind:
        case EventKind.RECEIVED if details.get("how") == "portal":
            return str(_("You opened our message here: the days to answer count from the next working day"))
        case EventKind.RECEIVED:
            return str(_("Our mail reached you: the days to answer count from the next working day"))
        case EventKind.EXTENDED if details.get("closes_at"):
            day = last_day(day_before(datetime.fromisoformat(details["closes_at"])))
            return str(_("You took more time to answer: up to and including %(day)s", day=day))
        case EventKind.MERGED if details.get("into"):
            return str(_("The ticket was merged into %(reference)s", reference=details["into"]))
        case EventKind.MERGED:
            return str(_("The ticket %(reference)s was merged into this one", reference=details.get("source", "")))
        case EventKind.MAIL_BOUNCED if details.get("delayed"):
            return str(_("Our mail to %(address)s is late; the mail server goes on trying", address=details["to"]))
        case EventKind.MAIL_BOUNCED:
            return str(_("Our mail to %(address)s did not arrive: check the address", address=details.get("to", "")))
        case EventKind.CERTIFICATE_CHOSEN:
            return str(_("The ticket now goes under certificate %(number)s", number=details.get("number", "")))
    return str(_dictionary(entry).get(entry.kind) or _("The ticket was changed"))


def _dictionary(entry: TimelineEntry) -> dict[EventKind, Any]:
    if entry.customer_id is not None:
        return BY_CUSTOMER
    return BY_STAFF if entry.staff_id is not None else BY_ITSELF


def _who(entry: TimelineEntry) -> str:
    return entry.staff.display_name if entry.staff is not None else ""


def _mail(mail: Notification) -> Mail:
    trouble = mail.state in (NotificationState.FAILED, NotificationState.UNDELIVERABLE)
    return Mail(mail.sent_at or mail.created_at, mail.subject, str(MAIL_STATES[mail.state]), trouble)
