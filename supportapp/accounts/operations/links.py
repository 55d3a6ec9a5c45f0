"""Single-use links: the secret travels by mail, the database keeps its digest."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update

from supportapp.accounts import rules
from supportapp.accounts.models import AccountLink, Customer, LinkPurpose
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_

LIFETIMES = {
    LinkPurpose.CONFIRM_EMAIL: rules.CONFIRM_LIFETIME,
    LinkPurpose.RESET_PASSWORD: rules.RESET_LIFETIME,
    LinkPurpose.CHANGE_EMAIL: rules.CHANGE_LIFETIME,
}
SECRET_BYTES = 32


def issue_link(
    customer: Customer, purpose: LinkPurpose, *, at: datetime, new_email: str = ""
) -> tuple[str, AccountLink]:
    """A fresh secret and its row; earlier unused links of the same purpose stop working."""
    void_links(customer, purpose, at=at)
    token = secrets.token_urlsafe(SECRET_BYTES)
    link = AccountLink(
        customer=customer,
        purpose=purpose,
        digest=_digest(token),
        new_email=new_email,
        created_at=at,
        expires_at=at + LIFETIMES[purpose],
    )
    db.session.add(link)
    db.session.flush()
    return token, link


def void_links(customer: Customer, *purposes: LinkPurpose, at: datetime) -> None:
    """End the customer's unused links of these purposes now; of every purpose when none is named."""
    db.session.execute(
        update(AccountLink)
        .where(
            AccountLink.customer_id == customer.id,
            AccountLink.purpose.in_(purposes or tuple(LinkPurpose)),
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > at,
        )
        .values(expires_at=at)
        .execution_options(synchronize_session="fetch")
    )


def check_link(token: str, purpose: LinkPurpose, *, at: datetime) -> AccountLink:
    """The link behind ``token``, without using it. Refused: link_unknown, link_used, link_expired."""
    link = db.session.scalar(
        select(AccountLink).where(AccountLink.digest == _digest(token), AccountLink.purpose == purpose)
    )
    if link is None:
        raise Refused(
            "link_unknown",
            N_("This link is not complete or was never issued. Open it from the mail once more, or ask for a new one."),
        )
    if link.used_at is not None:
        raise Refused("link_used", N_("This link has been used already. It works only once."))
    if link.expires_at <= at:
        raise Refused(
            "link_expired",
            N_("This link has expired or was replaced by a newer one. Take the latest mail, or ask for a new link."),
        )
    return link


def use_link(token: str, purpose: LinkPurpose, *, at: datetime) -> AccountLink:
    """The link behind ``token``, used up from now on. Of two who come at once one is refused, as by ``check_link``."""
    link = check_link(token, purpose, at=at)
    # the customer first, as whoever voids links does: in the other order two acts of one person would lock each other
    db.session.refresh(link.customer, with_for_update={"key_share": True})
    used = db.session.connection().execute(
        update(AccountLink)
        .where(AccountLink.id == link.id, AccountLink.used_at.is_(None), AccountLink.expires_at > at)
        .values(used_at=at)
    )
    db.session.refresh(link)
    if not used.rowcount:
        return check_link(token, purpose, at=at)
    return link


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
