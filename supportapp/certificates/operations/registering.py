"""A customer claims a certificate, gives it back, or takes another address."""

from __future__ import annotations

import logging
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import Customer, StaffUser
from supportapp.accounts.operations import customers_merged, email_changed
from supportapp.certificates import letters, queries, rules
from supportapp.certificates.models import Certificate, Registration
from supportapp.certificates.operations.locking import lock
from supportapp.certificates.rules import CertificateKind, State
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_

logger = logging.getLogger(__name__)

# compared with when there is no such number, so that this takes as long as a wrong code
NOBODYS_CODE = "0000-0000"


def look_up(kind: CertificateKind, number: str, code: str, *, customer: Customer, at: datetime) -> Certificate:
    """The certificate that this customer may register at ``at``.

    Refused "confirm_first"; "not_found_or_wrong_code", one answer for both; and only to somebody with the right code
    "not_yet_valid", "expired", "revoked", "already_registered", "no_free_seat". The caller limits attempts.
    """
    _refuse_unconfirmed(customer)
    found = queries.find_certificates_as_typed(kind, number)
    fitting = [certificate for certificate in found if rules.same_code(code, certificate.activation_code)]
    if not found:
        rules.same_code(code, NOBODYS_CODE)
    if len(fitting) != 1:
        logger.info("customer %s entered no known certificate number and code", customer.id)
        raise _unknown()
    _refuse_unless_free(fitting[0], customer, queries.today(at))
    return fitting[0]


def register(certificate: Certificate, *, by: Customer, at: datetime) -> Registration:
    """Take a seat and confirm it by mail. Everything but the code is checked again, with the certificate locked."""
    _refuse_unconfirmed(by)
    lock(certificate)
    _refuse_unless_free(certificate, by, queries.today(at))
    registration = Registration(certificate_id=certificate.id, customer_id=by.id, registered_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(registration)
    except IntegrityError as error:
        raise _already_registered() from error
    letters.confirm_registration(registration, at=at)
    return registration


def release(registration: Registration, *, at: datetime) -> None:
    """Give the seat back; tickets sent under it keep their priority. Releasing twice changes nothing."""
    if registration.released_at is None:
        registration.released_at = at
        db.session.flush()


def take_seat_back(registration: Registration, *, by: StaffUser, at: datetime) -> None:
    """Staff release it, and the customer is told by mail. Refused "released_already"."""
    lock(registration.certificate)
    db.session.refresh(registration)
    if registration.released_at is not None:
        raise Refused("released_already", N_("This registration has been released already."))
    release(registration, at=at)
    letters.tell_of_release(registration, at=at)
    logger.info("staff user %s released registration %s", by.id, registration.id)


def on_email_changed(old: Customer, *, successor: Customer, **_more: object) -> None:
    """A new address is a new account: the old one's certificates can be registered again.

    With EMAIL_CHANGE_KEEPS_HISTORY they go over to the successor instead.
    """
    for registration in queries.registrations_of(old):
        if settings.EMAIL_CHANGE_KEEPS_HISTORY:
            registration.customer = successor
        else:
            release(registration, at=successor.created_at)
    db.session.flush()


def on_customers_merged(old: Customer, *, successor: Customer, at: datetime, **_more: object) -> None:
    """Registrations go over; of a certificate that both had registered one seat is given back."""
    for registration in queries.registrations_of(old):
        lock(registration.certificate)
        if queries.find_registration(registration.certificate, successor) is None:
            registration.customer = successor
        else:
            release(registration, at=at)
    db.session.flush()


def connect() -> None:
    """Listen for changes of address and for accounts that are merged."""
    email_changed.connect(on_email_changed)
    customers_merged.connect(on_customers_merged)


def _refuse_unconfirmed(customer: Customer) -> None:
    if not customer.is_confirmed:
        raise Refused(
            "confirm_first",
            N_("Confirm your e-mail address first: follow the link in the mail that we sent you."),
        )


def _refuse_unless_free(certificate: Certificate, customer: Customer, today: date) -> None:
    match certificate.state(today):
        case State.REVOKED:
            raise _revoked()
        case State.NOT_YET_VALID:
            raise _not_yet_valid(certificate.valid_from)
        case State.EXPIRED:
            raise _expired(certificate.valid_to)
    if queries.find_registration(certificate, customer):
        raise _already_registered()
    if not queries.free_seats(certificate):
        raise _no_free_seat(certificate)


def _unknown() -> Refused:
    return Refused(
        "not_found_or_wrong_code",
        N_(
            "We know no such number with this activation code. Compare both with the document, and check whether you "
            "chose certificate or contract. If everything agrees, ask whoever issued the document to you."
        ),
        field="code",
    )


def _revoked() -> Refused:
    return Refused(
        "revoked",
        N_("This number was revoked and no longer entitles to support. Ask whoever issued the document to you why."),
    )


def _not_yet_valid(starts: date) -> Refused:
    return Refused(
        "not_yet_valid",
        N_(
            "Support under this number starts on %(date)s. Register it on that day or later; until then you can send "
            "tickets without a certificate."
        ),
        date=starts,
    )


def _expired(ended: date) -> Refused:
    return Refused(
        "expired",
        N_(
            "Support under this number ended on %(date)s. Renew it and register the new number; until then you can "
            "send tickets without a certificate."
        ),
        date=ended,
    )


def _already_registered() -> Refused:
    return Refused(
        "already_registered",
        N_(
            "You have registered this number already. It stands under “My certificates”, and you can choose it when "
            "you send a ticket."
        ),
    )


def _no_free_seat(certificate: Certificate) -> Refused:
    if certificate.kind is CertificateKind.CERTIFICATE:
        return Refused(
            "no_free_seat",
            N_(
                "This certificate is registered by another person, and it has one seat. Ask that person to release it; "
                "if you changed your address lately, sign in with the new one."
            ),
        )
    return Refused(
        "no_free_seat",
        N_(
            "All seats of this contract are taken (%(seats)d). Ask a colleague to release one, or the holder of the "
            "contract to buy more."
        ),
        seats=certificate.seats,
    )
