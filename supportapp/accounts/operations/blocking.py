"""Staff keep a customer out, and let the customer in again."""

from __future__ import annotations

import logging
from datetime import datetime

from supportapp.accounts.models import Customer, StaffUser
from supportapp.accounts.operations.links import void_links
from supportapp.accounts.operations.sessions import check_open, sign_out_everywhere
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_

logger = logging.getLogger(__name__)


def block(customer: Customer, *, by: StaffUser, at: datetime) -> None:
    """End the customer's sessions and links and refuse new ones; no mail. Refused: account_closed, already_blocked."""
    if customer.blocked_at is not None:
        raise Refused("already_blocked", N_("This account is blocked already."))
    check_open(customer)
    customer.blocked_at = at
    sign_out_everywhere(customer)
    void_links(customer, at=at)
    logger.info("customer %s was blocked by staff user %s", customer.id, by.id)


def unblock(customer: Customer, *, by: StaffUser, at: datetime) -> None:
    """Let the customer sign in again; no mail. Refused: not_blocked."""
    if customer.blocked_at is None:
        raise Refused("not_blocked", N_("This account is not blocked."))
    customer.blocked_at = None
    db.session.flush()
    logger.info("customer %s was unblocked by staff user %s at %s", customer.id, by.id, at.isoformat())
