"""Customers are told of a coming end: 60, 30 and 7 days before it, once each."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import Customer
from supportapp.certificates import letters, queries, rules
from supportapp.certificates.models import Certificate, ExpiryNotice, Registration
from supportapp.extensions import db


def send_expiry_notices(*, at: datetime, most: int | None = None) -> int:
    """Record the mails that are due and say how many, at most ``most``. Nobody is told the same thing twice.

    After a standstill only the nearest notice goes out; after the end, or once revoked, none does.
    """
    today, sent = queries.today(at), 0
    for registration_id, days in _due(today):
        if sent == most:
            break
        sent += _announce(registration_id, days, at=at)
    return sent


def _due(today: date) -> list[tuple[int, int]]:
    told = {(row.registration_id, row.days_before, row.valid_to) for row in db.session.execute(_told(today))}
    due = []
    for row in db.session.execute(_ending(today)):
        days = rules.due_notice(valid_to=row.valid_to, registered_on=queries.today(row.registered_at), today=today)
        if days is not None and (row.id, days, row.valid_to) not in told:
            due.append((row.id, days))
    return due


def _announce(registration_id: int, days: int, *, at: datetime) -> int:
    registration = db.session.get_one(Registration, registration_id)
    valid_to = registration.certificate.valid_to
    notice = ExpiryNotice(registration_id=registration_id, days_before=days, valid_to=valid_to, sent_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(notice)
    except IntegrityError:  # another process was quicker: it tells
        return 0
    letters.announce_expiry(registration, days_left=(valid_to - queries.today(at)).days, at=at)
    return 1


def _ending(today: date) -> Select[int, datetime, date]:
    """Active registrations of open accounts whose certificate ends within the longest notice."""
    return (
        select(Registration.id, Registration.registered_at, Certificate.valid_to)
        .join(Registration.certificate)
        .join(Registration.customer)
        .where(
            Registration.released_at.is_(None),
            Certificate.revoked_at.is_(None),
            Certificate.valid_to.between(today, today + timedelta(days=max(rules.NOTICE_DAYS))),
            Customer.closed_at.is_(None),
        )
        .order_by(Certificate.valid_to, Registration.id)
    )


def _told(today: date) -> Select[int, int, date]:
    return select(ExpiryNotice.registration_id, ExpiryNotice.days_before, ExpiryNotice.valid_to).where(
        ExpiryNotice.valid_to >= today
    )
