"""A new address is a new account: the old one is closed and keeps its tickets.

Certificates and tickets are above this room. They subscribe to ``email_changed`` and do what the setting
EMAIL_CHANGE_KEEPS_HISTORY wants: by default registrations are released and tickets stay; with it both move on.
"""

from __future__ import annotations

from datetime import datetime

from blinker import Signal
from sqlalchemy.exc import IntegrityError

from supportapp.accounts import checks, messages, queries
from supportapp.accounts.models import AccountLink, Customer, LinkPurpose
from supportapp.accounts.operations.links import issue_link, use_link, void_links
from supportapp.accounts.operations.passwords import check_own_password
from supportapp.accounts.operations.sessions import check_open, sign_out_everywhere
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_

# Sent with the closed Customer and ``successor``, inside the transaction; the moment is the closed one's ``closed_at``.
email_changed = Signal("A customer moved to a new address: the old account was closed, a new one succeeds it.")


def request_email_change(customer: Customer, new_email: str, password: str, *, at: datetime) -> None:
    """Mail the link to the new address and a notice to the old one; nothing else changes until the link is used.

    When the new address has an account, its owner is told instead; the caller learns no difference. Refused:
    wrong_password (field password), an invalid address or same_email (field new_email).
    """
    new_email = checks.check_email(new_email, field="new_email")
    if new_email == customer.email:
        raise Refused("same_email", N_("This is your present address already."), field="new_email")
    check_own_password(customer, password, field="password")
    void_links(customer, LinkPurpose.CHANGE_EMAIL, at=at)
    owner = queries.find_customer_by_email(new_email)
    if owner is not None and _is_taken(owner):
        messages.mail_email_change_taken(customer, owner, at=at)
    else:
        token, link = issue_link(customer, LinkPurpose.CHANGE_EMAIL, at=at, new_email=new_email)
        messages.mail_email_change(customer, new_email, token, expires_at=link.expires_at, at=at)
    messages.mail_email_change_asked(customer, new_email, at=at)


def confirm_email_change(token: str, *, at: datetime) -> Customer:
    """Close the old account and answer its successor, which is confirmed: the link came to its address.

    Refused: link_unknown, link_used, link_expired, email_taken, account_blocked, account_closed. The edge rolls back
    then, and the link stays good.
    """
    link = use_link(token, LinkPurpose.CHANGE_EMAIL, at=at)
    old = link.customer
    db.session.refresh(old, with_for_update=True)
    check_open(old)
    _make_room(link, at=at)
    successor = _succeed(old, link.new_email, at=at)
    close_account(old, at=at)
    old.successor = successor
    db.session.flush()
    email_changed.send(old, successor=successor)
    messages.mail_email_changed(old, successor.email, at=at)
    return successor


def close_account(customer: Customer, *, at: datetime) -> None:
    """Nobody can sign in to the account or use its links any more; its address is free again."""
    customer.closed_at = at
    sign_out_everywhere(customer)
    void_links(customer, at=at)


def _is_taken(owner: Customer) -> bool:
    """An account whose address was never proved does not keep the address from the one who proves it."""
    return owner.is_confirmed or owner.blocked_at is not None


def _make_room(link: AccountLink, *, at: datetime) -> None:
    owner = queries.find_customer_by_email(link.new_email)
    if owner is None:
        return
    if _is_taken(owner):
        raise _taken()
    close_account(owner, at=at)


def _succeed(old: Customer, email: str, *, at: datetime) -> Customer:
    successor = Customer(
        email=email,
        password_hash=old.password_hash,
        name=old.name,
        organisation=old.organisation,
        phone=old.phone,
        language=old.language,
        muted_mails=old.muted_mails,
        created_at=at,
        confirmed_at=at,
        regulation_id=old.regulation_id,
        regulation_accepted_at=old.regulation_accepted_at,
    )
    try:
        with db.session.begin_nested():
            db.session.add(successor)
    except IntegrityError as error:
        raise _taken() from error
    return successor


def _taken() -> Refused:
    return Refused("email_taken", N_("This address has an account already. Sign in with it; nothing was changed."))
