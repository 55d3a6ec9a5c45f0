"""Who may come in, and how every session of a person ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from supportapp.accounts import queries
from supportapp.accounts.hashing import password_matches
from supportapp.accounts.models import Customer, StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_


def authenticate(email: str, password: str, *, at: datetime) -> Customer:
    """The customer whose credentials these are; unconfirmed ones may come in.

    Refused: wrong_credentials (one sentence, at the same cost, for an unknown address and a wrong password) and
    account_blocked, which only the right password gets to see. It writes nothing, and hashing takes its time: call
    it inside ``database.reading()``, in a fresh transaction, so that SQLite's write lock is not held meanwhile.
    """
    customer = queries.find_customer_by_email(email)
    if not password_matches(customer.password_hash if customer else None, password) or customer is None:
        raise Refused("wrong_credentials", N_("The e-mail address or the password is wrong."))
    check_open(customer)
    return customer


def check_open(customer: Customer) -> None:
    """Refused: account_blocked, account_closed."""
    if customer.blocked_at is not None:
        raise Refused(
            "account_blocked", N_("This account is blocked. Please contact the support service by telephone.")
        )
    if customer.closed_at is not None:
        raise Refused("account_closed", N_("This account is closed."))


def sign_out_everywhere(person: Customer | StaffUser) -> None:
    """End every session of the person, this one included: the edge signs in again whom it wants to keep."""
    kind = type(person)
    # counted by the database: of two at once, each must end the sessions that the other has just begun
    db.session.execute(update(kind).where(kind.id == person.id).values(session_epoch=kind.session_epoch + 1))
    db.session.refresh(person, ["session_epoch"])
