"""Two accounts of one person become one: the work of staff, who have made sure that it is one person.

Certificates, tickets and files are above this room. They subscribe to ``customers_merged`` and go over to the account
that stays.
"""

from __future__ import annotations

import logging
from datetime import datetime

from blinker import Signal

from supportapp.accounts import messages
from supportapp.accounts.models import Customer, StaffUser
from supportapp.accounts.operations.email_change import close_account
from supportapp.accounts.operations.sessions import check_open
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_

logger = logging.getLogger(__name__)

# Sent with the closed Customer, its ``successor`` and ``at``, inside the transaction.
customers_merged = Signal("Staff merged two accounts of one person: the first was closed, its things go to the other.")


def merge_customers(source: Customer, target: Customer, *, by: StaffUser, at: datetime) -> None:
    """Close ``source``; everything it had goes to ``target``, and both addresses are told.

    Refused as in ``check_merging``, asked again with both rows locked. There is no way back.
    """
    for customer in sorted({source, target}, key=lambda one: one.id):
        db.session.refresh(customer, with_for_update=True)
    check_merging(source, target)
    close_account(source, at=at)
    source.successor = target
    db.session.flush()
    customers_merged.send(source, successor=target, at=at)
    for customer in (source, target):
        messages.mail_accounts_merged(customer, source, target, at=at)
    db.session.flush()
    logger.info("customer %s was merged into %s by staff user %s", source.id, target.id, by.id)


def check_merging(source: Customer, target: Customer) -> None:
    """Refused: same_account, account_closed, account_blocked, and not_confirmed when nobody has proved the address
    that is to get it all. The field is ``into``."""
    if source.id == target.id:
        raise Refused("same_account", N_("These are one and the same account."), field="into")
    check_open(source)
    check_open(target)
    if not target.is_confirmed:
        sentence = N_("The address %(email)s is not confirmed: nobody has proved that it is this person's.")
        raise Refused("not_confirmed", sentence, field="into", email=target.email)
