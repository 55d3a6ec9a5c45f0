"""Which mails a customer wants besides those that are promised."""

from __future__ import annotations

from collections.abc import Collection

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.notifications.models import OptionalMail


def choose_mails(customer: Customer, wanted: Collection[OptionalMail]) -> None:
    """Send these optional mails from now on, and none of the others."""
    customer.muted_mails = ",".join(kind.value for kind in OptionalMail if kind not in wanted)
    db.session.flush()


def switch_off(customer: Customer, kind: OptionalMail) -> None:
    """Send no more mails of this kind; said twice it changes nothing."""
    choose_mails(customer, [other for other in OptionalMail if other is not kind and customer.wants_mail(other)])
