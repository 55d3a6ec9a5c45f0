"""The mails about certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from supportapp.accounts.models import Customer
from supportapp.certificates.models import Certificate, Registration
from supportapp.certificates.rules import NOTICE_DAYS, CertificateKind
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Notification, OptionalMail
from supportapp.notifications.operations import notify
from supportapp.notifications.unsubscribing import make_off_link
from supportapp.notifications.wordings import Value, Wording

# What a customer may switch off. That staff released a seat is told in any case.
OPTIONAL = {"certificate_registered": OptionalMail.STATUS, "certificate_expiring": OptionalMail.CERTIFICATES}
_CERTIFICATE = (
    Value("name", N_("the customer's name"), ("Ann Smith",)),
    Value("kind", N_("certificate or contract"), tuple(kind.value for kind in CertificateKind)),
    Value("number", N_("the certificate's number"), ("CERT-1",)),
    Value("holder", N_("whose certificate it is"), ("Ltd",)),
    Value("level", N_("the support level"), ("Extended",)),
    Value("products", N_("the products, separated by commas"), ("CSP, Ocsp.dll",)),
    Value("valid_from", N_("the first day"), (date(2026, 1, 1),)),
    Value("valid_to", N_("the last day"), (date(2026, 12, 31),)),
)
_DAYS_LEFT = Value("days_left", N_("how many days are left; 0 is today"), (*NOTICE_DAYS, 1, 0))
WORDINGS = (
    Wording("certificate_registered", N_("A certificate was registered"), _CERTIFICATE, needs_in_subject="number"),
    Wording(
        "certificate_released", N_("Staff released the seat of a customer"), _CERTIFICATE, needs_in_subject="number"
    ),
    Wording(
        "certificate_expiring",
        N_("Support under a certificate ends soon"),
        (*_CERTIFICATE, _DAYS_LEFT),
        needs_in_subject="number",
    ),
)


def confirm_registration(registration: Registration, *, at: datetime) -> Notification | None:
    """The customer now holds a seat; None when he wants no such mails."""
    return _send("certificate_registered", registration, at=at)


def tell_of_release(registration: Registration, *, at: datetime) -> Notification | None:
    """Staff have released the customer's seat."""
    return _send("certificate_released", registration, at=at)


def announce_expiry(registration: Registration, *, days_left: int, at: datetime) -> Notification | None:
    """Support under the certificate ends in so many days; 0 is today. None when he wants no such mails."""
    return _send("certificate_expiring", registration, at=at, days_left=days_left)


def letter_about(certificate: Certificate, customer: Customer, name: str, *, language: str, **more: int) -> Letter:
    """The letter ``name``; ``more`` is ``days_left`` for the one that needs it."""
    context = {
        "name": customer.name,
        "kind": certificate.kind.value,
        "number": certificate.number,
        "holder": certificate.holder,
        "level": certificate.level.name(language),
        "products": ", ".join(product.name for product in certificate.products),
        "valid_from": certificate.valid_from,
        "valid_to": certificate.valid_to,
        **more,
    }
    return Letter(name, context, buttons=[(N_("My certificates"), f"{settings.PUBLIC_BASE_URL}/certificates")])


def _send(name: str, registration: Registration, *, at: datetime, **more: int) -> Notification | None:
    customer, certificate = registration.customer, registration.certificate
    optional = OPTIONAL.get(name)
    if optional is not None and not customer.wants_mail(optional):
        return None
    letter = letter_about(certificate, customer, name, language=customer.language, **more)
    if optional is not None:
        letter = replace(letter, off_url=make_off_link(customer.id, optional))
    return notify(
        kind=name,
        recipient=customer.email,
        language=customer.language,
        letter=letter,
        at=at,
        about=certificate.about,
        customer_id=customer.id,
        optional=optional,
    )
