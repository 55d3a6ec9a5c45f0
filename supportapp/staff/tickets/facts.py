"""What the ticket page shows beside the conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import load_only

from supportapp import clock
from supportapp.certificates.queries import free_seats, today
from supportapp.extensions import db, settings
from supportapp.files.operations import files_for_draft
from supportapp.kb.learning.queries import seen_before
from supportapp.kb.models import Article, SearchSession
from supportapp.kb.queries import articles_from_ticket
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.queries import mails_of_entries
from supportapp.notifications.models import NotificationState
from supportapp.notifications.queries import mails_about
from supportapp.staff import labels
from supportapp.staff.frame import language
from supportapp.staff.roles import ACT, ASSIGN, READ, WRITE
from supportapp.staff.security import may, signed_in_staff
from supportapp.staff.tickets import composer
from supportapp.staff.tickets.articles import offers
from supportapp.staff.tickets.beside import beside
from supportapp.staff.tickets.columns import Shown, target_cell
from supportapp.staff.tickets.view import colleagues
from supportapp.tickets import operations, queries
from supportapp.tickets.assigning.absences import absence_of
from supportapp.tickets.desk.canned import canned_text
from supportapp.tickets.desk.holding import held_on
from supportapp.tickets.desk.models import HeldAct, TicketLink, TicketTag
from supportapp.tickets.desk.relations import links_of
from supportapp.tickets.desk.rules import Relation
from supportapp.tickets.desk.tags import known_tags, tags_of
from supportapp.tickets.escalating.rules import Promise
from supportapp.tickets.models import Message, Ticket, TimelineEntry
from supportapp.tickets.opinions import Opinion, opinions_on
from supportapp.tickets.rules import EventKind, ReceivedBy

OTHER_TICKETS = 8
NEEDS_MORE = (EventKind.TAGGED, EventKind.UNTAGGED, EventKind.LINKED, EventKind.UNLINKED)
NOT_DELIVERED = (NotificationState.FAILED, NotificationState.UNDELIVERABLE)


def page_facts(
    ticket: Ticket,
    draft: composer.Draft,
    *,
    there: Set[type[Any]] | None = None,
    held: Sequence[HeldAct] | None = None,
    news: Sequence[TimelineEntry] = (),
) -> dict[str, Any]:
    """Everything the template asks for, besides the ticket and the draft, less what the caller has read already."""
    at, me = clock.now(), signed_in_staff()
    there, shown = beside(ticket) if there is None else there, Shown(at)
    held = held_on(ticket) if held is None else held
    mails = mails_about(ticket.about)
    draft.files = [] if draft.empty else files_for_draft(me, draft.token)
    acts = composer.offered(ticket) if may(ACT, "TicketPage") else {}
    messages = queries.conversation(ticket, internal=True)
    seen = seen_before(ticket.id) if SearchSession in there else []
    deadline = queries.deadline_of(ticket)
    certificate = ticket.certificate
    return {
        "me": me,
        "label": labels.label,
        "acts": acts,
        "promises": promises(acts, ticket, composer.closing_if_received(at, shown.calendar)),
        "held_names": composer.HELD_NAMES,
        "held_by_me": next((one for one in held if one.staff_id == me.id), None),
        "held_by_others": [one for one in held if one.staff_id != me.id],
        "seconds_left": lambda one: max(0, round((one.due_at - at).total_seconds())),
        "undo_seconds": settings.UNDO_SECONDS,
        "max_files": settings.MAX_FILES_PER_MESSAGE,
        "max_file_bytes": settings.MAX_FILE_BYTES,
        "news": news,
        "fresh": fresh(messages, news),
        "seen": seen,
        "articles": offers(ticket, messages, seen) if acts and ticket.is_open else [],
        "canned": queries.canned_replies() if acts else [],
        "canned_text": lambda canned: canned_text(canned, ticket, by=me, at=at),
        "may_take": ticket.is_open and operations.can_take(ticket, me, at=at),
        "absent": absence_of(ticket.assignee, at=at) if ticket.assignee and ticket.is_open else None,
        "colleagues": colleagues() if may(ASSIGN, "TicketPage") else [],
        "messages": messages,
        "timeline": queries.timeline(ticket, internal=True),
        "what_happened": what_happened,
        "mails": mails,
        "undelivered": [mail for mail in mails if mail.state in NOT_DELIVERED],
        "originals": mails_of_entries(ticket) if ReceivedMail in there else {},
        "may_open_mail": may(READ, "ReceivedMailView"),
        "may_resend": may(WRITE, "OutboxView"),
        "may_open_customer": may(READ, "CustomerView"),
        "deadline": deadline,
        "certificate_state": certificate.state(today(at)) if certificate else None,
        "free_seats": free_seats(certificate) if certificate else None,
        "target": target_cell(ticket, shown),
        "others": other_tickets(ticket),
        "tags": tags_of(ticket) if TicketTag in there else [],
        "known_tags": known_tags() if acts else [],
        "links": links_of(ticket) if TicketLink in there else [],
        "opinions": opinions_on(ticket) if Opinion in there else [],
        "relations": list(Relation),
        "made_articles": articles_from_ticket(ticket.id) if Article in there else [],
        "may_propose": may(ACT, "ArticleProposalPage"),
        "language": language(),
    }


def promises(acts: dict[str, composer.Act], ticket: Ticket, closing: datetime) -> dict[str, str]:
    """What each act leads to, said before the click: who gets what, and when the ticket would close by itself."""
    words = {name: str(act.promise) for name, act in acts.items()}
    for name, act in acts.items():
        if act.closes:
            words[name] += " " + _(
                "Without an answer it closes by itself, not before %(day)s (if the customer receives it today).",
                day=long_day(closing),
            )
        elif name == "replies" and ticket.awaits_customer:
            words[name] = _("The customer gets a mail with this text and the files.") + " " + _still_closes(ticket)
    return words


def long_day(moment: datetime) -> str:
    """ "26 ноября 2026", a day of the support desk."""
    return str(format_date(moment.astimezone(settings.timezone).date(), "d MMMM y"))


def fresh(messages: Sequence[Message], news: Sequence[TimelineEntry]) -> set[int]:
    """The keys of the messages that came with the news."""
    first = min((entry.at for entry in news), default=None)
    if first is None:
        return set()
    return {message.id for message in messages if message.created_at >= first - timedelta(milliseconds=1)}


def other_tickets(ticket: Ticket) -> list[Ticket]:
    """The customer's latest other tickets."""
    this = {"customer": ticket.customer_id, "ticket": ticket.id}
    return list(db.session.scalars(_others(), this))


@cache
def _others() -> Select[Ticket]:
    of_customer = Ticket.customer_id == bindparam("customer"), Ticket.id != bindparam("ticket")
    shown = load_only(Ticket.reference, Ticket.subject, Ticket.status)
    return select(Ticket).where(*of_customer).order_by(Ticket.id.desc()).limit(OTHER_TICKETS).options(shown)


def timeline_details(entry: TimelineEntry) -> str:
    """What is worth knowing about an event, in words."""
    details = entry.details or {}
    words: dict[str, Callable[[Any], str]] = {
        "to": lambda value: _("to %(name)s", name=value),
        "into": lambda value: _("into %(reference)s", reference=value),
        "instead_of": lambda value: _("instead of %(name)s", name=value),
        "promise": lambda value: labels.label(Promise(value)),
        "released": lambda value: _("back to the queue, it was with %(name)s", name=value),
        "rule": lambda value: _("by rule %(place)s", place=value),
        "source": lambda value: _("from %(reference)s", reference=value),
        "number": lambda value: str(value),
        "tag": lambda value: f"«{value}»",
        "other": lambda value: str(value),
        "delayed": lambda value: str(_("only late so far; its server goes on trying")),
        "how": lambda value: labels.label(ReceivedBy(value)),
    }
    return ", ".join(words[name](value) for name, value in details.items() if name in words and value)


def what_happened(entry: TimelineEntry) -> str:
    """An event in words: what a verb needs follows it, the rest stands in brackets."""
    words, more = labels.label(entry.kind), timeline_details(entry)
    if not more:
        return words
    return f"{words} {more}" if entry.kind in NEEDS_MORE else f"{words} ({more})"


def _still_closes(ticket: Ticket) -> str:
    """A plain reply does not stop the closing that runs: only the customer does."""
    if ticket.closes_at is None:
        return str(_("The ticket goes on waiting for the customer."))
    return str(
        _(
            "The ticket goes on waiting for the customer and closes by itself, not before %(day)s.",
            day=long_day(ticket.closes_at),
        )
    )
