"""The tickets of a file as plain rows: what the list's columns read of a ticket, at a third of the cost of loading one.

A column of the list that reads more of a ticket than this needs it here, too; the tests of the exports notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Product, SupportLevel
from supportapp.extensions import db
from supportapp.tickets import rules
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason, Status, Turn


class Person(NamedTuple):
    """A customer."""

    name: str
    organisation: str


@dataclass(slots=True)
class Line:
    """Read like a ticket."""

    id: int
    reference: str
    subject: str
    product_version: str
    priority: int
    status: Status
    close_reason: CloseReason | None
    created_at: datetime
    updated_at: datetime
    last_message_at: datetime
    closed_at: datetime | None
    target_at: datetime | None
    paused_at: datetime | None
    first_response_minutes: int | None
    resolution_minutes: int | None
    customer: Person
    product: Product | None
    level: SupportLevel | None
    assignee: StaffUser | None

    @property
    def is_open(self) -> bool:
        return self.status is not Status.CLOSED

    @property
    def turn(self) -> Turn:
        return rules.turn(self.status)


READ = (
    *(Ticket.id, Ticket.reference, Ticket.subject, Ticket.product_version, Ticket.priority, Ticket.status),
    *(Ticket.close_reason, Ticket.created_at, Ticket.updated_at, Ticket.last_message_at, Ticket.closed_at),
    *(Ticket.target_at, Ticket.paused_at, Ticket.first_response_minutes, Ticket.resolution_minutes),
)
NAMES = (Customer.name, Customer.organisation, Ticket.product_id, Ticket.level_id, Ticket.assignee_id)


class Reader:
    """Reads tickets by their keys. The few rows that many tickets point at are read once and belong to no session."""

    def __init__(self) -> None:
        self._products = {row.id: row for row in db.session.scalars(select(Product))}
        self._levels = {row.id: row for row in db.session.scalars(select(SupportLevel))}
        self._people = {row.id: row for row in db.session.scalars(select(StaffUser))}
        for row in (*self._products.values(), *self._levels.values()):
            db.session.expunge(row)
        self._people = {key: _apart(row) for key, row in self._people.items()}

    def read(self, ids: list[int]) -> list[Line]:
        """These tickets in this order; one that is gone is left out."""
        wanted = select(*READ, *NAMES).join(Customer, Customer.id == Ticket.customer_id).where(Ticket.id.in_(ids))
        found = {row[0]: row for row in db.session.execute(wanted)}
        return [self._line(found[number]) for number in ids if number in found]

    def _line(self, row: Any) -> Line:
        *own, name, organisation, product, level, person = row
        seen = self._products.get(product), self._levels.get(level), self._people.get(person)
        return Line(*own, Person(name, organisation), *seen)  # type: ignore[call-arg]


def _apart(person: StaffUser) -> StaffUser:
    """The colleague as a row of nobody's: the session keeps its own, who may be the one that asks."""
    copy = StaffUser()
    copy.id, copy.username = person.id, person.username
    copy.first_name, copy.last_name = person.first_name, person.last_name
    return copy
