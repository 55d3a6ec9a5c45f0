"""What the ticket page shows beside the conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from supportapp import clock
from supportapp.certificates.queries import today
from supportapp.extensions import db
from supportapp.files.operations import files_for_draft
from supportapp.kb.learning.queries import seen_before
from supportapp.kb.queries import articles_from_ticket
from supportapp.notifications.models import NotificationState
from supportapp.notifications.queries import mails_about
from supportapp.staff import labels
from supportapp.staff.frame import language
from supportapp.staff.roles import ACT, ASSIGN, READ, WRITE
from supportapp.staff.security import may, signed_in_staff
from supportapp.staff.tickets import composer
from supportapp.staff.tickets.articles import offers
from supportapp.staff.tickets.columns import Shown, target_cell
from supportapp.staff.tickets.view import colleagues
from supportapp.tickets import queries
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.rules import ReceivedBy

OTHER_TICKETS = 8
NOT_DELIVERED = (NotificationState.FAILED, NotificationState.UNDELIVERABLE)


def page_facts(ticket: Ticket, draft: composer.Draft) -> dict[str, Any]:
    """Everything the template asks for, besides the ticket and the draft."""
    at = clock.now()
    mails = mails_about(ticket.about)
    draft.files = files_for_draft(signed_in_staff(), draft.token)
    acts = composer.offered(ticket) if may(ACT, "TicketPage") else {}
    messages = queries.conversation(ticket, internal=True)
    seen = seen_before(ticket.id)
    return {
        "me": signed_in_staff(),
        "label": labels.label,
        "acts": acts,
        "seen": seen,
        "articles": offers(ticket, messages, seen) if acts and ticket.is_open else [],
        "closing_if_received": composer.closing_if_received(at),
        "canned": queries.canned_replies(),
        "canned_text": lambda canned: composer.canned_text(canned, ticket.customer.language),
        "colleagues": colleagues() if may(ASSIGN, "TicketPage") else [],
        "messages": messages,
        "timeline": queries.timeline(ticket, internal=True),
        "timeline_details": timeline_details,
        "mails": mails,
        "undelivered": [mail for mail in mails if mail.state in NOT_DELIVERED],
        "may_resend": may(WRITE, "OutboxView"),
        "may_open_customer": may(READ, "CustomerView"),
        "deadline": queries.deadline_of(ticket),
        "certificate_state": ticket.certificate.state(today(at)) if ticket.certificate else None,
        "target": target_cell(ticket, Shown(at)),
        "others": other_tickets(ticket),
        "made_articles": articles_from_ticket(ticket.id),
        "may_propose": may(ACT, "ArticleProposalPage"),
        "language": language(),
    }


def other_tickets(ticket: Ticket) -> list[Ticket]:
    """The customer's latest other tickets."""
    wanted = select(Ticket).where(Ticket.customer_id == ticket.customer_id, Ticket.id != ticket.id)
    return list(db.session.scalars(wanted.order_by(Ticket.id.desc()).limit(OTHER_TICKETS)))


def timeline_details(entry: TimelineEntry) -> str:
    """What is worth knowing about an event, in words."""
    details = entry.details or {}
    words: dict[str, Callable[[str], str]] = {
        "to": lambda value: _("to %(name)s", name=value),
        "into": lambda value: _("into %(reference)s", reference=value),
        "source": lambda value: _("from %(reference)s", reference=value),
        "number": lambda value: str(value),
        "how": lambda value: labels.label(ReceivedBy(value)),
    }
    return ", ".join(words[name](value) for name, value in details.items() if name in words and value)
