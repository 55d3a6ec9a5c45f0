"""A new account, and the proof that its address is its owner's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from supportapp.accounts import checks, messages, queries
from supportapp.accounts.hashing import hash_password
from supportapp.accounts.models import Customer, LinkPurpose, RegulationVersion
from supportapp.accounts.operations.addresses import trust_again
from supportapp.accounts.operations.links import issue_link, use_link, void_links
from supportapp.accounts.operations.profile import regulation_to_accept
from supportapp.accounts.operations.sessions import sign_out_everywhere
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_


def sign_up(
    *,
    email: str,
    password: str,
    name: str,
    organisation: str,
    phone: str,
    language: str,
    at: datetime,
    regulation_id: int | None = None,
) -> None:
    """Open an unconfirmed account and mail its confirmation link; the Regulation in force is recorded as accepted.

    A known address gets a mail too, and the caller learns no difference. ``regulation_id`` is the version the person
    saw, if the edge knows it. Refused: invalid fields, no_regulation, regulation_changed. The password is
    hashed before the database is asked anything: an edge that has read before ends its transaction first.
    """
    email = checks.check_email(email)
    customer = Customer(
        email=email,
        name=checks.check_name(name),
        organisation=checks.check_organisation(organisation),
        phone=checks.check_phone(phone),
        language=checks.check_language(language),
        created_at=at,
    )
    customer.password_hash = hash_password(checks.check_password(password, email))
    regulation = regulation_to_accept(regulation_id)
    known = queries.find_customer_by_email(email) or _open(customer, regulation, at=at)
    if known is None:
        send_confirmation(customer, at=at)
    elif known.is_confirmed:
        messages.mail_already_registered(known, at=at)
    else:
        _finish_earlier_sign_up(known, at=at)


def send_confirmation(customer: Customer, *, at: datetime) -> None:
    """Mail a fresh confirmation link; earlier ones stop working. Refused: already_confirmed, account_closed."""
    if customer.closed_at is not None:
        raise Refused("account_closed", N_("This account is closed."))
    if customer.is_confirmed:
        raise Refused("already_confirmed", N_("Your address is confirmed already."))
    token, link = issue_link(customer, LinkPurpose.CONFIRM_EMAIL, at=at)
    messages.mail_confirmation(customer, token, expires_at=link.expires_at, at=at)


def confirm_email(token: str, *, at: datetime) -> Customer:
    """The address is proved. Refused: link_unknown, link_used, link_expired.

    The edge must not sign the person in by this: the account may have been opened by a stranger, and only the
    password tells. Sessions that were begun before the proof end, for the same reason.
    """
    customer = use_link(token, LinkPurpose.CONFIRM_EMAIL, at=at).customer
    customer.confirmed_at = at
    trust_again(customer, at=at)
    sign_out_everywhere(customer)
    return customer


def _finish_earlier_sign_up(customer: Customer, *, at: datetime) -> None:
    """Somebody signed up here before, perhaps a stranger: whoever reads this mailbox chooses the password anew.

    A confirmation link would prove the address for a password that its owner may never have chosen.
    """
    void_links(customer, LinkPurpose.CONFIRM_EMAIL, at=at)
    token, link = issue_link(customer, LinkPurpose.RESET_PASSWORD, at=at)
    messages.mail_unfinished_sign_up(customer, token, expires_at=link.expires_at, at=at)


def _open(customer: Customer, regulation: RegulationVersion, *, at: datetime) -> Customer | None:
    """Add the account; answers the one that somebody opened for the address at the same moment, if so."""
    customer.regulation_id = regulation.id
    customer.regulation_accepted_at = at
    try:
        with db.session.begin_nested():
            db.session.add(customer)
    except IntegrityError:
        return queries.get_customer_by_email(customer.email)
    return None
