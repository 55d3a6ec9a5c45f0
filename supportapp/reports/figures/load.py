"""Who and what makes the work: tickets by engineer, product, certificate and organisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Certificate, Product
from supportapp.extensions import db, settings
from supportapp.reports.behind import open_at, within
from supportapp.reports.rules import Days
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import Status

MOST = 20


@dataclass(frozen=True)
class Share:
    """One row: ``key`` as the figure of the ticket list takes it, ``name`` empty for tickets that have none."""

    key: str
    name: str
    created: int
    created_before: int
    closed: int
    closed_before: int
    open: int
    open_before: int


KEYS: dict[str, Any] = {
    "assignee": Ticket.assignee_id,
    "product": Ticket.product_id,
    "certificate": Ticket.certificate_id,
}


def load(by: str, days: Days) -> list[Share]:
    """The MOST rows with the most tickets of the period, beside the period before. Open ones are counted as they are
    now and as they were when the period began."""
    created = _count(by, within(Ticket.created_at, days))
    top = sorted(created, key=lambda key: (-created[key], str(key)))[:MOST]
    others = [
        _count(by, condition)
        for condition in (
            within(Ticket.created_at, days.before),
            within(Ticket.closed_at, days),
            within(Ticket.closed_at, days.before),
            Ticket.status != Status.CLOSED,
            open_at(days.begins(settings.timezone)),
        )
    ]
    names = NAMES[by](top)
    return [
        Share(_figure(key), names.get(key, ""), created[key], *(counted.get(key, 0) for counted in others))
        for key in top
    ]


def _count(by: str, condition: Any) -> dict[Any, int]:
    if by == "organisation":  # by customer first: far fewer of them are looked up than there are tickets
        each_one = _counted(Ticket.customer_id, condition).subquery()
        counted = select(Customer.organisation, func.sum(each_one.c.number)).select_from(each_one)
        counted = counted.join(Customer, Customer.id == each_one.c.key).group_by(Customer.organisation)
        return {name: int(number) for name, number in db.session.execute(counted)}
    return dict(db.session.execute(_counted(KEYS[by], condition)).all())


def _counted(column: Any, condition: Any) -> Select[Any]:
    """How many tickets each key has. It is no bare column: SQLite would walk along that column's index through all
    tickets there are, instead of the few that the condition's index leads to."""
    key = (column + 0).label("key")
    return select(key, func.count().label("number")).where(condition).group_by(key)


def _figure(key: Any) -> str:
    return "none" if key is None else str(key)


def _people(keys: list[Any]) -> dict[Any, str]:
    found = db.session.scalars(select(StaffUser).where(StaffUser.id.in_([key for key in keys if key])))
    return {person.id: person.display_name for person in found}


def _column(model: Any, name: Any) -> Callable[[list[Any]], dict[Any, str]]:
    def read(keys: list[Any]) -> dict[Any, str]:
        rows = db.session.execute(select(model.id, name).where(model.id.in_([key for key in keys if key])))
        return dict(rows.all())

    return read


NAMES: dict[str, Callable[[list[Any]], dict[Any, str]]] = {
    "assignee": _people,
    "product": _column(Product, Product.name),
    "certificate": _column(Certificate, Certificate.number),
    "organisation": lambda keys: {key: key for key in keys},
}
