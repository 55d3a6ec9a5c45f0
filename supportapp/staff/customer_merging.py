"""Merging two accounts of one customer: choose, look at both side by side, confirm."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from supportapp.accounts.models import Customer
from supportapp.accounts.operations import check_merging
from supportapp.accounts.queries import find_customer, find_customer_by_email
from supportapp.certificates.queries import registrations_of
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.staff.interface import readable_id
from supportapp.tickets.models import Ticket

LIKE_IT = 6


@dataclass(frozen=True)
class Side:
    """One of the two accounts with what it has."""

    customer: Customer
    tickets: int
    certificates: list[str]


def side(customer: Customer) -> Side:
    """What the account has that would move."""
    tickets = db.session.scalar(select(func.count(Ticket.id)).where(Ticket.customer_id == customer.id)) or 0
    return Side(customer, tickets, [one.certificate.number for one in registrations_of(customer)])


def chosen_target(source: Customer, email: str) -> Customer:
    """The open account of that address; Refused (field ``into``) when there is none or the two cannot be merged."""
    target = find_customer_by_email(email)
    if target is None:
        raise Refused("no_such_customer", N_("There is no open account with this address."), field="into")
    check_merging(source, target)
    return target


def confirmed_target(key: str) -> Customer | None:
    """The account that was looked at before the button was pressed."""
    number = readable_id(key)
    return find_customer(number) if number else None


def lookalikes(source: Customer) -> list[Customer]:
    """Open accounts with the same name or telephone: where a second account of one person is to be looked for."""
    same = [func.lower(Customer.name) == source.name.lower()]
    if source.phone:
        same.append(Customer.phone == source.phone)
    wanted = select(Customer).where(Customer.id != source.id, Customer.closed_at.is_(None), or_(*same))
    return list(db.session.scalars(wanted.order_by(Customer.id.desc()).limit(LIKE_IT)))
