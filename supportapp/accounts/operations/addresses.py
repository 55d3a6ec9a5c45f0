"""Whether mails reach a customer's address: what bounces marks it, a sign of life clears the mark."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from supportapp.accounts import queries
from supportapp.accounts.models import Customer
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.notifications import operations as notifications
from supportapp.notifications.models import Failure, Notification, NotificationState
from supportapp.notifications.operations import Person
from supportapp.notifications.refusals import refuses_the_address

BOUNCE_LENGTH = 300
RESEND_WITHIN = timedelta(days=14)  # older news is no news

logger = logging.getLogger(__name__)


def mark_bounced(email: str, why: str, *, at: datetime) -> None:
    """Mails to ``email`` come back for good; ``why`` is what its server wrote. An address of nobody changes nothing."""
    customer = queries.find_customer_by_email(email)
    if customer is None:
        return
    customer.mail_bounced_at = at
    customer.mail_bounce = " ".join(why.split())[:BOUNCE_LENGTH]
    db.session.flush()
    logger.warning("mails to customer %s do not arrive", customer.id)


def mark_refused(mail: Notification, *, at: datetime) -> None:
    """Listens to ``notifications.operations.undeliverable``: a mail given up because its address does not exist."""
    if mail.failure is Failure.PERMANENT and refuses_the_address(mail.last_error):
        mark_bounced(mail.recipient, mail.last_error, at=at)


def trust_again(customer: Customer, *, at: datetime) -> None:
    """The address lives: a mail came from it, its owner opened a link, or somebody says that it is right."""
    if customer.mail_bounced_at is None:
        return
    customer.mail_bounced_at, customer.mail_bounce = None, ""
    db.session.flush()
    logger.info("mails to customer %s are tried again at %s", customer.id, at.isoformat())


def try_again(customer: Customer, *, by: Person, at: datetime) -> int:
    """Trust the address and send what was given up within the last 14 days once more; returns how many mails."""
    trust_again(customer, at=at)
    return sum(_resent(mail, by=by, at=at) for mail in _given_up(customer, since=at - RESEND_WITHIN))


def _given_up(customer: Customer, *, since: datetime) -> list[Notification]:
    return list(
        db.session.scalars(
            select(Notification)
            .where(
                Notification.customer_id == customer.id,
                Notification.recipient == customer.email,
                Notification.state == NotificationState.UNDELIVERABLE,
                Notification.created_at >= since,
            )
            .order_by(Notification.id)
        )
    )


def _resent(mail: Notification, *, by: Person, at: datetime) -> bool:
    try:
        notifications.resend(mail, by=by, at=at)
    except Refused:  # somebody else was quicker
        return False
    return True
