"""Rows that tests start from. Each function adds and flushes; every keyword may be overridden."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from supportapp.accounts.models import Customer, RegulationVersion, StaffUser
from supportapp.certificates.models import Certificate, Product, Registration, SupportLevel
from supportapp.certificates.rules import CertificateKind
from supportapp.extensions import db

PASSWORD = "correct horse battery"
# the cheapest hash that werkzeug checks: tests sign in often
PASSWORD_HASH = ""
BEFORE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_number = count(1)


def _hash() -> str:
    global PASSWORD_HASH
    if not PASSWORD_HASH:
        from werkzeug.security import generate_password_hash

        PASSWORD_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
    return PASSWORD_HASH


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def make_customer(**changes: Any) -> Customer:
    """A confirmed customer; the password is PASSWORD."""
    n = next(_number)
    values = {
        "email": f"customer{n}@example.com",
        "password_hash": _hash(),
        "name": f"Анна Смирнова {n}",
        "organisation": "ООО «Ромашка»",
        "language": "ru",
        "created_at": BEFORE,
        "confirmed_at": BEFORE,
    }
    return _add(Customer(**{**values, **changes}))


def make_staff(*role_names: str, **changes: Any) -> StaffUser:
    """A staff user with the named roles; the password is PASSWORD."""
    from flask_appbuilder.security.sqla.models import Role

    n = next(_number)
    values = {
        "username": f"staff{n}",
        "first_name": "Павел",
        "last_name": f"Инженеров {n}",
        "email": f"staff{n}@vendor.example",
        "password": _hash(),
        "active": True,
    }
    person = _add(StaffUser(**{**values, **changes}))
    for name in role_names or ("Engineer",):
        role = db.session.query(Role).filter_by(name=name).one_or_none() or _add(Role(name=name))
        person.roles.append(role)
    db.session.flush()
    return person


def make_regulation(**changes: Any) -> RegulationVersion:
    values = {
        "label": "1.0",
        "text_ru": "# Регламент\n\nУсловия поддержки.",
        "text_en": "# Regulation\n\nTerms of support.",
        "created_at": BEFORE,
        "published_at": BEFORE,
    }
    return _add(RegulationVersion(**{**values, **changes}))


def make_product(**changes: Any) -> Product:
    values = {"name": f"Криптопровайдер {next(_number)}", "versions": "5.0\n4.0", "active": True}
    return _add(Product(**{**values, **changes}))


def make_level(**changes: Any) -> SupportLevel:
    """Nine to six on working days, first answer in 8 working hours, solution in 24."""
    n = next(_number)
    values = {
        "name_ru": f"Расширенный {n}",
        "name_en": f"Extended {n}",
        "priority": 20,
        "first_response_hours": 8,
        "resolution_hours": 24,
    }
    return _add(SupportLevel(**{**values, **changes}))


def make_certificate(**changes: Any) -> Certificate:
    """A certificate valid for the whole of 2026."""
    n = next(_number)
    values: dict[str, Any] = {
        "kind": CertificateKind.CERTIFICATE,
        "number": f"CERT-{n}",
        "number_key": f"CERT{n}",
        "activation_code": f"CODE-{n}",
        "holder": "ООО «Ромашка»",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "seats": 1,
        "created_at": BEFORE,
    }
    values.update(changes)
    if "level" not in values:
        values["level"] = make_level()
    if "products" not in values:
        values["products"] = [make_product()]
    return _add(Certificate(**values))


def make_registration(customer: Customer, certificate: Certificate | None = None, **changes: Any) -> Registration:
    certificate = certificate or make_certificate()
    values = {"certificate": certificate, "customer": customer, "registered_at": BEFORE}
    return _add(Registration(**{**values, **changes}))


def make_ticket(customer: Customer | None = None, **changes: Any) -> Any:
    """A ticket as the customer would send it, a minute before noon of the frozen day."""
    from supportapp.tickets import operations

    values: dict[str, Any] = {
        "customer": customer or make_customer(),
        "subject": "Не открывается контейнер",
        "body": "После обновления контейнер не открывается.",
        "at": BEFORE,
    }
    return operations.submit(**{**values, **changes})


def deliver_mails(*, at: datetime) -> int:
    """Pretend that the mail server took every waiting mail at ``at``; returns how many."""
    from supportapp.notifications.models import Notification, NotificationState
    from supportapp.notifications.operations import delivered

    waiting = db.session.query(Notification).filter(Notification.state == NotificationState.QUEUED).all()
    for mail in waiting:
        mail.state, mail.sent_at = NotificationState.SENT, at
        db.session.flush()
        delivered.send(mail, at=at)
    return len(waiting)


def mails(kind: str | None = None) -> list[Any]:
    """The recorded mails, oldest first, of one kind when given."""
    from supportapp.notifications.models import Notification

    rows = db.session.query(Notification).order_by(Notification.id).all()
    return [mail for mail in rows if kind is None or mail.kind == kind]
