"""What the ticket list can be sorted by. Every order is an index of the database and names each row's place exactly,
so that a page begins where the one before has ended, at the same cost anywhere in the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Query

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Product
from supportapp.extensions import db
from supportapp.staff.tickets.scopes import FREE_TEXT, SUBJECT_WORDS, scope_of
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import QUEUE_ORDER


@dataclass(frozen=True)
class Order:
    """``keys`` are never empty and end with the ticket's own; ``join`` is the table that some of them are of."""

    keys: tuple[Any, ...]
    join: Any = None
    descends: bool = True

    def sorted(self, query: Query[Ticket], descending: bool) -> Query[Ticket]:
        """All of it, for whoever reads to the end."""
        return self.joined(query).order_by(*(key.desc() if descending else key for key in self.keys))

    def joined(self, query: Query[Any]) -> Query[Any]:
        """With the table that the keys need."""
        return query.join(self.join) if self.join is not None else query


@dataclass(frozen=True)
class Groups(Order):
    """By a name of which there are few: group after group, those without one last."""

    model: Any = None
    names: tuple[Any, ...] = ()

    @property
    def column(self) -> Any:
        return self.keys[0]

    def groups(self) -> list[int | None]:
        """The keys of the groups by name."""
        return [*db.session.scalars(select(self.model.id).order_by(*self.names, self.model.id)), None]

    def sorted(self, query: Query[Ticket], descending: bool) -> Query[Ticket]:
        keys = (self.column.is_(None), *self.names, *self.keys)
        return query.outerjoin(self.model, self.model.id == self.column).order_by(
            *(key.desc() if descending else key for key in keys)
        )


LAST_WORD = (Ticket.last_message_at, Ticket.id)
ORDERS: dict[str, Order] = {
    "queue": Order(QUEUE_ORDER, descends=False),
    "reference": Order((Ticket.id,)),
    "subject": Order((Ticket.subject, Ticket.id)),
    "customer": Order((Customer.name, Customer.id, Ticket.id), join=Ticket.customer),
    "product": Groups((Ticket.product_id, *LAST_WORD), model=Product, names=(Product.name,)),
    "level": Order(QUEUE_ORDER),
    "status": Order((Ticket.status, *LAST_WORD)),
    "target": Order((Ticket.due_order, Ticket.id), descends=False),
    "assignee": Groups(
        (Ticket.assignee_id, *LAST_WORD), model=StaffUser, names=(StaffUser.last_name, StaffUser.first_name)
    ),
    "last_message": Order(LAST_WORD),
}


@dataclass(frozen=True)
class Chosen:
    """The order of one list."""

    name: str
    descending: bool

    @property
    def order(self) -> Order:
        return ORDERS[self.name]


def chosen_order(args: Mapping[str, str], column: str = "", direction: str = "") -> Chosen:
    """The order asked for; otherwise what there is to do in the order of the queue, and of all tickets or the closed
    ones those with the last word first, or the newest first where words are looked for: so they lie in the index."""
    if column in ORDERS:
        return Chosen(column, direction == "desc" and ORDERS[column].descends)
    if args.get(FREE_TEXT):
        return Chosen("reference", True)
    if scope_of(args) in ("closed", "all"):
        return Chosen("reference" if args.get(SUBJECT_WORDS) else "last_message", True)
    return Chosen("queue", False)
