"""Words that staff put on tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.tickets.desk.models import TicketTag
from supportapp.tickets.desk.rules import MOST_TAGS, TAG_LENGTH, clean_tag
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.record import clean_line, lock, note_event, require_staff
from supportapp.tickets.rules import EventKind

LATELY = 10_000
MOST_SUGGESTED = 50


def add_tag(ticket: Ticket, text: str, *, by: StaffUser, at: datetime) -> None:
    """Put a tag on the ticket; one that is there stays. Refused: empty, too long, too many."""
    lock(ticket)
    require_staff(ticket, by)
    name = clean_line(clean_tag(text), field="tag", limit=TAG_LENGTH, required=True)
    there = tags_of(ticket)
    if name in there:
        return
    if len(there) >= MOST_TAGS:
        raise Refused("too_many_tags", N_("At most %(limit)s tags on a ticket."), field="tag", limit=MOST_TAGS)
    db.session.add(TicketTag(ticket_id=ticket.id, name=name))
    note_event(ticket, EventKind.TAGGED, by=by, at=at, tag=name)
    db.session.flush()


def remove_tag(ticket: Ticket, name: str, *, by: StaffUser, at: datetime) -> None:
    """Take a tag off the ticket; one that is not there is no trouble."""
    lock(ticket)
    require_staff(ticket, by)
    if name in tags_of(ticket):
        db.session.execute(delete(TicketTag).where(TicketTag.ticket_id == ticket.id, TicketTag.name == name))
        note_event(ticket, EventKind.UNTAGGED, by=by, at=at, tag=name)
        db.session.flush()


_TAGS_OF = (
    select(TicketTag.ticket_id, TicketTag.name)
    .where(TicketTag.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(TicketTag.name)
)


def tags_of(ticket: Ticket) -> list[str]:
    """The ticket's tags by name."""
    return list(
        db.session.scalars(select(TicketTag.name).where(TicketTag.ticket_id == ticket.id).order_by(TicketTag.name))
    )


def tags_of_tickets(ticket_ids: Sequence[int]) -> dict[int, list[str]]:
    """The tags of several tickets, by the ticket's key; one query for a page of a list."""
    found: dict[int, list[str]] = {}
    for ticket_id, name in db.session.execute(_TAGS_OF, {"tickets": ticket_ids}):
        found.setdefault(ticket_id, []).append(name)
    return found


def has_tag(name: str) -> ColumnElement[bool]:
    """The condition that a ticket bears the tag, for lists and filters."""
    return Ticket.id.in_(select(TicketTag.ticket_id).where(TicketTag.name == clean_tag(name)))


def known_tags() -> list[str]:
    """Tags on the LATELY newest tickets, the most used first, for suggestions."""
    return list(db.session.scalars(_used_lately()))


@cache
def _used_lately() -> Select[str]:
    newest = select(func.max(Ticket.id)).scalar_subquery()
    used = select(TicketTag.name).where(TicketTag.ticket_id > newest - LATELY).group_by(TicketTag.name)
    return used.order_by(func.count().desc(), TicketTag.name).limit(MOST_SUGGESTED)
