"""How a ticket stands now and what its customer can do, for whoever comes by a link that no longer acts."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp.extensions import settings
from supportapp.portal.deadline_words import last_day
from supportapp.portal.moments import full_moment
from supportapp.tickets import queries, rules
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason, Status

CLOSED = {
    CloseReason.SOLVED: _l("The ticket is closed as solved"),
    CloseReason.NO_REACTION: _l("The ticket closed automatically: there was no answer"),
    CloseReason.WITHDRAWN: _l("The ticket is closed: you withdrew it"),
    CloseReason.BY_STAFF: _l("The ticket is closed by the support service"),
}


def standing(ticket: Ticket, *, at: datetime) -> tuple[str, str]:
    """Heading and sentence."""
    if ticket.awaits_customer:
        return _asked(ticket)
    return _in_work(ticket) if ticket.is_open else _closed(ticket, at)


def _asked(ticket: Ticket) -> tuple[str, str]:
    is_proposed = ticket.status is Status.SOLUTION_PROPOSED
    heading = _("We have proposed a solution. Did it help?") if is_proposed else _("We are waiting for your answer")
    way_on = _("Answer in the ticket, or with the links of our latest mail.")
    deadline = queries.deadline_of(ticket)
    if deadline is None:
        return heading, way_on
    until = _("The ticket stays open up to and including %(day)s.", day=last_day(deadline.last_day))
    return heading, f"{way_on} {until}"


def _in_work(ticket: Ticket) -> tuple[str, str]:
    since = full_moment(queries.in_work_since(ticket))
    sentence = _(
        "We have been working on it since %(moment)s. If you want to add something, write in the ticket.", moment=since
    )
    return _("Your ticket is in work already"), sentence


def _closed(ticket: Ticket, at: datetime) -> tuple[str, str]:
    if ticket.merged_into is not None:
        reference = ticket.merged_into.reference
        return _("This ticket goes on as %(reference)s", reference=reference), _("Answers are written there.")
    assert ticket.close_reason is not None
    assert ticket.closed_at is not None
    when = _("When: %(moment)s.", moment=full_moment(ticket.closed_at))
    can_reopen = rules.can_reopen(ticket.status, ticket.close_reason, ticket.closed_at, at, settings.REOPEN_DAYS)
    way_on = (
        _("If the problem is there again, reopen the ticket.")
        if can_reopen
        else _("If you still need help, send a new ticket.")
    )
    return str(CLOSED[ticket.close_reason]), f"{when} {way_on}"
