"""Tickets that have to do with each other, of whatever customers. Only staff know of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import BindParameter, Select, bindparam, delete, or_, select
from sqlalchemy.orm import selectinload

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.tickets.desk.models import TicketLink
from supportapp.tickets.desk.rules import Relation
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.record import lock, note_event, require_staff
from supportapp.tickets.rules import EventKind


@dataclass(frozen=True)
class Linked:
    """A link as one of its two tickets sees it; ``outgoing`` says that it is the one that said so."""

    key: int
    other: Ticket
    relation: Relation
    outgoing: bool


def link(ticket: Ticket, other: Ticket, relation: Relation, *, by: StaffUser, at: datetime) -> None:
    """Say that ``ticket`` is related to, or a duplicate of, ``other``. Said again it replaces what was said.

    Refused "same_ticket".
    """
    if ticket.id == other.id:
        raise Refused("same_ticket", N_("A ticket cannot be linked to itself."), field="other")
    for one in sorted((ticket, other), key=lambda t: t.id):  # as when merging: nobody waits in a ring
        lock(one)
        require_staff(one, by)
    pair = TicketLink.ticket_id.in_((ticket.id, other.id)) & TicketLink.other_id.in_((ticket.id, other.id))
    db.session.execute(delete(TicketLink).where(pair))
    row = TicketLink(ticket_id=ticket.id, other_id=other.id, relation=relation, staff_id=by.id, created_at=at)
    db.session.add(row)
    _note(EventKind.LINKED, ticket, other, by=by, at=at)
    db.session.flush()


def unlink(ticket: Ticket, key: int, *, by: StaffUser, at: datetime) -> None:
    """Forget a link of this ticket; one that is not there is no trouble."""
    require_staff(ticket, by)
    mine = or_(TicketLink.ticket_id == ticket.id, TicketLink.other_id == ticket.id)
    forgotten = delete(TicketLink).where(TicketLink.id == key, mine)
    pair = db.session.execute(forgotten.returning(TicketLink.ticket_id, TicketLink.other_id)).one_or_none()
    if pair is not None:
        one, other = (db.session.get_one(Ticket, number) for number in pair)
        _note(EventKind.UNLINKED, one, other, by=by, at=at)
        db.session.flush()


def _note(kind: EventKind, ticket: Ticket, other: Ticket, *, by: StaffUser, at: datetime) -> None:
    """Both tickets tell of it."""
    note_event(ticket, kind, by=by, at=at, other=other.reference)
    note_event(other, kind, by=by, at=at, other=ticket.reference)


def links_of(ticket: Ticket) -> list[Linked]:
    """The links of the ticket, from either side."""
    rows = db.session.scalars(_links(), {"ticket": ticket.id})
    return [
        Linked(
            row.id, row.other if row.ticket_id == ticket.id else row.ticket, row.relation, row.ticket_id == ticket.id
        )
        for row in rows
    ]


@cache
def _links() -> Select[TicketLink]:
    """Most tickets have none: what a link says of both tickets is read for those that have."""
    this: BindParameter[int] = bindparam("ticket")
    ends = TicketLink.ticket, TicketLink.other
    loaded = (selectinload(end).load_only(Ticket.reference, Ticket.subject, Ticket.status) for end in ends)
    at_either_end = or_(TicketLink.ticket_id == this, TicketLink.other_id == this)
    return select(TicketLink).where(at_either_end).options(*loaded).order_by(TicketLink.id)
