"""Staff enter, correct and revoke certificates."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import StaffUser
from supportapp.certificates import queries
from supportapp.certificates.entry import Entry, check_entry, reason_text
from supportapp.certificates.models import Certificate, Product, SupportLevel
from supportapp.certificates.operations.locking import lock
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_

logger = logging.getLogger(__name__)


def enter_certificate(
    kind: CertificateKind,
    number: str,
    activation_code: str,
    level: SupportLevel | None,
    products: Sequence[Product],
    holder: str,
    valid_from: date,
    valid_to: date,
    seats: int = 1,
    *,
    by: StaffUser | None,
    at: datetime,
) -> Certificate:
    """A new certificate or contract; Refused names the field. ``by`` is None for whoever sits at the console."""
    entry = check_entry(
        kind=kind,
        number=number,
        activation_code=activation_code,
        holder=holder,
        valid_from=valid_from,
        valid_to=valid_to,
        seats=seats,
    )
    if queries.find_certificate(entry.kind, entry.number):
        raise number_taken()
    certificate = Certificate(created_at=at, created_by_id=by.id if by else None)
    _write(certificate, entry, _chosen_level(level), _chosen_products(products))
    _save(certificate)
    return certificate


def update_certificate(
    certificate: Certificate,
    kind: CertificateKind,
    number: str,
    activation_code: str,
    level: SupportLevel | None,
    products: Sequence[Product],
    holder: str,
    valid_from: date,
    valid_to: date,
    seats: int = 1,
    *,
    by: StaffUser,
    at: datetime,
) -> None:
    """Correct a certificate; Refused names the field. Seats that people hold cannot be taken away."""
    entry = check_entry(
        kind=kind,
        number=number,
        activation_code=activation_code,
        holder=holder,
        valid_from=valid_from,
        valid_to=valid_to,
        seats=seats,
    )
    lock(certificate)
    other = queries.find_certificate(entry.kind, entry.number)
    if other is not None and other is not certificate:
        raise number_taken()
    _refuse_too_few_seats(certificate, entry.seats)
    _write(certificate, entry, _chosen_level(level), _chosen_products(products))
    _save(certificate)
    logger.info("staff user %s corrected certificate %s at %s", by.id, certificate.id, at)


def revoke(certificate: Certificate, reason: str, *, by: StaffUser, at: datetime) -> None:
    """End the entitlement for good; the reason is for staff. Tickets sent under it keep their priority."""
    reason = reason_text(reason)
    lock(certificate)
    if certificate.is_revoked:
        raise Refused("already_revoked", N_("This certificate has been revoked already."))
    certificate.revoked_at = at
    certificate.revocation_reason = reason
    db.session.flush()
    logger.info("staff user %s revoked certificate %s", by.id, certificate.id)


def number_taken() -> Refused:
    """The refusal of a number that the register holds already, however it is written."""
    return Refused("number_taken", N_("This number is in the register already."), field="number")


def _chosen_level(level: SupportLevel | None) -> SupportLevel:
    if level is None:
        raise Refused("empty", N_("Choose a support level."), field="level")
    return level


def _chosen_products(products: Sequence[Product]) -> list[Product]:
    if not products:
        raise Refused("empty", N_("Choose at least one product."), field="products")
    return list(dict.fromkeys(products))


def _refuse_too_few_seats(certificate: Certificate, seats: int) -> None:
    taken = queries.taken_seats(certificate)
    if seats < taken:
        raise Refused(
            "seats_taken",
            N_("%(taken)d people hold a seat now; release their registrations first."),
            field="seats",
            taken=taken,
        )


def _write(certificate: Certificate, entry: Entry, level: SupportLevel, products: list[Product]) -> None:
    for fact in fields(entry):
        setattr(certificate, fact.name, getattr(entry, fact.name))
    certificate.level = level
    certificate.products = products


def _save(certificate: Certificate) -> None:
    """Two people may enter the same number at once: the index lets one in."""
    try:
        with db.session.begin_nested():
            db.session.add(certificate)
    except IntegrityError as error:
        raise number_taken() from error
