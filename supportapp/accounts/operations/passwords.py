"""Passwords: forgotten and changed. Every change is told to the owner by mail."""

from __future__ import annotations

from datetime import datetime

from supportapp.accounts import checks, messages, queries
from supportapp.accounts.hashing import hash_password, password_matches
from supportapp.accounts.models import Customer, LinkPurpose
from supportapp.accounts.operations.addresses import trust_again
from supportapp.accounts.operations.links import check_link, issue_link, use_link, void_links
from supportapp.accounts.operations.sessions import sign_out_everywhere
from supportapp.errors import Refused
from supportapp.i18n import DEFAULT_LANGUAGE, N_


def request_password_reset(email: str, *, at: datetime, language: str = DEFAULT_LANGUAGE) -> None:
    """Mail a link that sets a new password, or, to an address nobody has, that there is no account.

    The caller learns no difference; ``language`` is for the stranger. Refused: an invalid address.
    """
    email = checks.check_email(email)
    customer = queries.find_customer_by_email(email)
    if customer is None:
        messages.mail_reset_unknown(email, language, at=at)
        return
    token, link = issue_link(customer, LinkPurpose.RESET_PASSWORD, at=at)
    messages.mail_reset(customer, token, expires_at=link.expires_at, at=at)


def reset_password(token: str, new_password: str, *, at: datetime) -> Customer:
    """Set the password by a mailed link, which proves the address too; every session and open link of the account ends.

    Refused: link_unknown, link_used, link_expired, an invalid password (field new_password; the link stays good).
    """
    customer = check_link(token, LinkPurpose.RESET_PASSWORD, at=at).customer
    password_hash = hash_password(checks.check_password(new_password, customer.email, field="new_password"))
    use_link(token, LinkPurpose.RESET_PASSWORD, at=at)
    customer.confirmed_at = customer.confirmed_at or at
    trust_again(customer, at=at)
    _set_password(customer, password_hash, at=at)
    return customer


def change_password(customer: Customer, old: str, new: str, *, at: datetime) -> None:
    """Set a new password; every session ends, so the edge signs this one in again.

    Refused: wrong_password (field old_password), an invalid or unchanged password (field new_password).
    """
    check_own_password(customer, old, field="old_password")
    checks.check_password(new, customer.email, field="new_password")
    if old == new:
        raise Refused("same_password", N_("The new password is the same as the old one."), field="new_password")
    _set_password(customer, hash_password(new), at=at)


def check_own_password(customer: Customer, password: str, *, field: str) -> None:
    """Ask a signed-in person for the password once more. Refused: wrong_password."""
    if not password_matches(customer.password_hash, password):
        raise Refused("wrong_password", N_("The password is wrong."), field=field)


def _set_password(customer: Customer, password_hash: str, *, at: datetime) -> None:
    customer.password_hash = password_hash
    sign_out_everywhere(customer)
    if customer.is_confirmed:
        void_links(customer, at=at)
    else:
        void_links(customer, LinkPurpose.RESET_PASSWORD, LinkPurpose.CHANGE_EMAIL, at=at)
    messages.mail_password_changed(customer, at=at)
