"""The next and the previous ticket in the order of work."""

from __future__ import annotations

from sqlalchemy import literal, select, tuple_

from supportapp.extensions import db
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import IS_OPEN, QUEUE_ORDER


def neighbour(ticket: Ticket, *, before: bool = False) -> str | None:
    """The reference of the open ticket that stands after (or before) this one in the queue of all; None at its end."""
    here = tuple_(*(literal(getattr(ticket, column.key), column.type) for column in QUEUE_ORDER))
    place = tuple_(*QUEUE_ORDER)
    order = [column.desc() if before else column.asc() for column in QUEUE_ORDER]
    there = select(Ticket.reference).where(IS_OPEN, place < here if before else place > here)
    return db.session.scalar(there.order_by(*order).limit(1))
