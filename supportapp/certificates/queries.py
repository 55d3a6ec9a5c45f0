"""Reads: certificates, who registered them, and what may be chosen for a ticket."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from supportapp.accounts.models import Customer
from supportapp.certificates import rules
from supportapp.certificates.models import Certificate, Product, Registration, SupportLevel
from supportapp.certificates.rules import CertificateKind, State
from supportapp.database import GREATEST_ID
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_


def today(at: datetime) -> date:
    """The local day of ``at``: certificates are valid by the days of SUPPORT_TIMEZONE."""
    return at.astimezone(settings.timezone).date()


def find_certificate(kind: CertificateKind, number: str) -> Certificate | None:
    """The certificate or contract with this number, however it is written."""
    key = rules.normalise_number(number)
    return db.session.scalar(select(Certificate).filter_by(kind=kind, number_key=key))


def find_certificates_as_typed(kind: CertificateKind, number: str) -> list[Certificate]:
    """The certificate with this number, or else those whose numbers differ from it in nothing but hyphens.

    Every certificate of the kind is compared, so that the time does not tell whether the number exists.
    """
    key, bare = rules.normalise_number(number), rules.without_dashes(number)
    matches = or_(Certificate.number_key == key, func.replace(Certificate.number_key, "-", "") == bare)
    found = list(db.session.scalars(select(Certificate).where(Certificate.kind == kind, matches)))
    return [certificate for certificate in found if certificate.number_key == key] or found


def get_certificate(certificate_id: int) -> Certificate:
    """Any certificate, for staff; NotFound when there is none."""
    certificate = db.session.get(Certificate, certificate_id) if 0 < certificate_id <= GREATEST_ID else None
    if certificate is None:
        raise NotFound("certificate")
    return certificate


def registrations_of(customer: Customer) -> list[Registration]:
    """The customer's active registrations with their certificates; those that last longest come first."""
    return list(db.session.scalars(_active(customer).order_by(Certificate.valid_to.desc(), Registration.id)))


def get_registration(customer: Customer, registration_id: int) -> Registration:
    """An active registration of this customer; a foreign, released or missing one is NotFound."""
    query = _active(customer).where(Registration.id == registration_id)
    registration = db.session.scalar(query) if 0 < registration_id <= GREATEST_ID else None
    if registration is None:
        raise NotFound("registration")
    return registration


def choosable_certificates(customer: Customer, *, today: date) -> list[Certificate]:
    """What the customer may choose for a ticket on the local day ``today``."""
    certificates = (registration.certificate for registration in registrations_of(customer))
    return [certificate for certificate in certificates if certificate.state(today) is State.VALID]


def get_registered_certificate(customer: Customer, certificate_id: int, *, today: date) -> Certificate:
    """The certificate for a ticket of this customer.

    NotFound when it is missing, foreign or released; Refused (field "certificate") when it can no longer be chosen.
    """
    query = _active(customer).where(Registration.certificate_id == certificate_id)
    registration = db.session.scalar(query) if 0 < certificate_id <= GREATEST_ID else None
    if registration is None:
        raise NotFound("certificate")
    _refuse_unless_valid(registration.certificate, today)
    return registration.certificate


def registrations_under(certificate: Certificate) -> list[Registration]:
    """Who holds a seat now, in the order of registration; for staff."""
    query = select(Registration).options(joinedload(Registration.customer)).order_by(Registration.id)
    return list(db.session.scalars(query.filter_by(certificate_id=certificate.id, released_at=None)))


def taken_seats(certificate: Certificate) -> int:
    """How many people hold a seat now."""
    query = select(func.count()).select_from(Registration)
    return db.session.scalar(query.filter_by(certificate_id=certificate.id, released_at=None)) or 0


def free_seats(certificate: Certificate) -> int:
    """How many people may still register it; never below zero."""
    return max(0, rules.seats_of(certificate.kind, certificate.seats) - taken_seats(certificate))


def find_registration(certificate: Certificate, customer: Customer) -> Registration | None:
    """This customer's active registration of this certificate."""
    query = select(Registration).filter_by(certificate_id=certificate.id, customer_id=customer.id, released_at=None)
    return db.session.scalar(query)


def active_products() -> list[Product]:
    """The products that forms offer, by name."""
    return list(db.session.scalars(select(Product).where(Product.active).order_by(Product.name)))


def all_products() -> list[Product]:
    """Every product, those no longer offered included: old certificates cover them."""
    return list(db.session.scalars(select(Product).order_by(Product.name)))


def support_levels() -> list[SupportLevel]:
    """The levels, the most urgent first."""
    return list(db.session.scalars(select(SupportLevel).order_by(SupportLevel.priority, SupportLevel.id)))


def _active(customer: Customer) -> Select[Registration]:
    return (
        select(Registration)
        .join(Registration.certificate)
        .options(
            contains_eager(Registration.certificate).joinedload(Certificate.level),
            contains_eager(Registration.certificate).selectinload(Certificate.products),
        )
        .where(Registration.customer_id == customer.id, Registration.released_at.is_(None))
    )


def _refuse_unless_valid(certificate: Certificate, today: date) -> None:
    match certificate.state(today):
        case State.EXPIRED:
            raise Refused(
                "certificate_expired",
                N_("This certificate ended on %(date)s. Choose another one, or send the ticket without a certificate."),
                field="certificate",
                date=certificate.valid_to,
            )
        case State.NOT_YET_VALID:
            raise Refused(
                "certificate_not_yet_valid",
                N_(
                    "This certificate starts on %(date)s. Choose another one, or send the ticket without a certificate."
                ),
                field="certificate",
                date=certificate.valid_from,
            )
        case State.REVOKED:
            raise Refused(
                "certificate_revoked",
                N_("This certificate was revoked. Choose another one, or send the ticket without a certificate."),
                field="certificate",
            )


def find_registration_of(certificate: Certificate, registration_id: int) -> Registration | None:
    """A registration of this certificate by its key, released or not."""
    wanted = select(Registration).where(
        Registration.id == registration_id, Registration.certificate_id == certificate.id
    )
    return db.session.scalars(wanted).one_or_none()
