"""The mails about certificates."""

from __future__ import annotations

from datetime import datetime

from supportapp.certificates.models import Registration
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Notification
from supportapp.notifications.operations import notify


def confirm_registration(registration: Registration, *, at: datetime) -> Notification:
    """The customer now holds a seat."""
    return _send("certificate_registered", registration, at=at)


def announce_expiry(registration: Registration, *, days_left: int, at: datetime) -> Notification:
    """Support under the certificate ends in so many days; 0 is today."""
    return _send("certificate_expiring", registration, at=at, days_left=days_left)


def _send(name: str, registration: Registration, *, at: datetime, **more: int) -> Notification:
    customer, certificate = registration.customer, registration.certificate
    context = {
        "name": customer.name,
        "kind": certificate.kind.value,
        "number": certificate.number,
        "holder": certificate.holder,
        "level": certificate.level.name(customer.language),
        "products": ", ".join(product.name for product in certificate.products),
        "valid_from": certificate.valid_from,
        "valid_to": certificate.valid_to,
        **more,
    }
    return notify(
        kind=name,
        recipient=customer.email,
        language=customer.language,
        letter=Letter(name, context, buttons=[(N_("My certificates"), f"{settings.PUBLIC_BASE_URL}/certificates")]),
        at=at,
        about=certificate.about,
        customer_id=customer.id,
    )
