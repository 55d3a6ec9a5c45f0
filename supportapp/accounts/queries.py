"""Who is who: customers, staff, the Regulation in force."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Select, select
from sqlalchemy.orm import configure_mappers

from supportapp.accounts import rules
from supportapp.accounts.models import Customer, RegulationVersion, StaffUser
from supportapp.database import GREATEST_ID
from supportapp.errors import NotFound
from supportapp.extensions import db


def find_customer_by_email(email: str) -> Customer | None:
    """The open account of ``email`` (any spelling), blocked and unconfirmed ones included."""
    if len(email) > 4 * rules.EMAIL_LENGTH:
        return None
    email = rules.normalise_email(email)
    if rules.has_control_characters(email):
        return None
    return db.session.scalar(select(Customer).where(Customer.email == email, Customer.closed_at.is_(None)))


def get_customer_by_email(email: str) -> Customer:
    """The open account of ``email``; raises NotFound."""
    customer = find_customer_by_email(email)
    if customer is None:
        raise NotFound("there is no account of this address")
    return customer


def find_password_hash(email: str) -> str | None:
    """What ``hashing.password_matches`` wants to know of ``email``; None for an address nobody has."""
    customer = find_customer_by_email(email)
    return customer.password_hash if customer else None


def find_customer(customer_id: int) -> Customer | None:
    """The customer with this id, closed accounts included."""
    return db.session.get(Customer, customer_id) if 0 < customer_id <= GREATEST_ID else None


def get_customer(customer_id: int) -> Customer:
    """The customer with this id, closed accounts included; raises NotFound."""
    customer = find_customer(customer_id)
    if customer is None:
        raise NotFound(f"customer {customer_id}")
    return customer


def find_staff(staff_id: int) -> StaffUser | None:
    """The staff user with this id, inactive ones included."""
    return db.session.get(StaffUser, staff_id) if 0 < staff_id <= GREATEST_ID else None


def staff_in_role(*role_names: str) -> list[StaffUser]:
    """The active staff users who have one of the roles, themselves or through a group, by name."""
    return list(db.session.scalars(_active_in(role_names)))


def current_regulation() -> RegulationVersion | None:
    """The version in force: the one published last. None before the first is published."""
    return db.session.scalar(
        select(RegulationVersion)
        .where(RegulationVersion.published_at.is_not(None))
        .order_by(RegulationVersion.published_at.desc(), RegulationVersion.id.desc())
        .limit(1)
    )


def needs_to_accept(customer: Customer) -> bool:
    """Whether a Regulation is in force that the customer has not accepted yet."""
    regulation = current_regulation()
    return regulation is not None and regulation.id != customer.regulation_id


@cache
def _active_in(role_names: tuple[str, ...]) -> Select[StaffUser]:
    """The statement alone: to build it takes longer than to run it."""
    configure_mappers()  # Flask-AppBuilder declares roles and groups as backrefs
    role, group = (StaffUser.__mapper__.relationships[name].mapper.class_ for name in ("roles", "groups"))
    named = role.name.in_(role_names)
    return (
        select(StaffUser)
        .where(StaffUser.active.is_(True), StaffUser.roles.any(named) | StaffUser.groups.any(group.roles.any(named)))
        .order_by(StaffUser.last_name, StaffUser.first_name, StaffUser.id)
    )
