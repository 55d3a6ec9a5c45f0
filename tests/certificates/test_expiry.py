"""Customers are told of a coming end: once each, in time, and never in vain."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from supportapp import clock
from supportapp.certificates import jobs
from supportapp.certificates.models import ExpiryNotice, Registration
from supportapp.certificates.operations import release, send_expiry_notices
from supportapp.certificates.rules import CertificateKind
from supportapp.extensions import db
from supportapp.notifications.models import Notification
from tests.factories import make_certificate, make_customer, make_registration

pytestmark = pytest.mark.usefixtures("session")
LAST = date(2026, 12, 31)
LONG_AGO = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)


def before_the_end(days: int) -> datetime:
    return datetime(2026, 12, 31, 9, 0, tzinfo=UTC) - timedelta(days=days)


def registered(**changes: object) -> Registration:
    return make_registration(make_customer(), make_certificate(valid_to=LAST), **{"registered_at": LONG_AGO, **changes})


def told_on() -> list[tuple[str, str]]:
    return [(n.recipient, n.subject) for n in db.session.query(Notification).order_by(Notification.id)]


def test_three_notices_go_out_over_the_last_two_months() -> None:
    registered()
    days = [left for left in range(90, -30, -1) if send_expiry_notices(at=before_the_end(left))]
    assert days == [60, 30, 7]


def test_the_mail_names_the_last_day_and_the_days_left() -> None:
    registration = registered()
    send_expiry_notices(at=before_the_end(30))
    mail = db.session.query(Notification).one()
    assert mail.recipient == registration.customer.email
    assert mail.about == registration.certificate.about
    assert mail.subject.endswith("заканчивается 31 декабря 2026 г.")
    assert "Осталось дней: 30." in mail.text_body


def test_an_english_customer_is_told_in_english() -> None:
    make_registration(make_customer(language="en"), make_certificate(valid_to=LAST), registered_at=LONG_AGO)
    send_expiry_notices(at=before_the_end(7))
    mail = db.session.query(Notification).one()
    assert mail.subject.endswith("ends on 31 December 2026")
    assert "Days left: 7" in mail.text_body


def test_every_holder_of_a_contract_is_told() -> None:
    contract = make_certificate(kind=CertificateKind.CONTRACT, seats=3, valid_to=LAST)
    for _ in range(3):
        make_registration(make_customer(), contract, registered_at=LONG_AGO)
    assert send_expiry_notices(at=before_the_end(60)) == 3
    assert len({recipient for recipient, _ in told_on()}) == 3


def test_asking_twice_tells_once() -> None:
    registered()
    assert [send_expiry_notices(at=before_the_end(30)) for _ in range(3)] == [1, 0, 0]


def test_after_a_standstill_only_the_nearest_is_sent_and_the_others_never() -> None:
    registered()
    assert send_expiry_notices(at=before_the_end(5)) == 1
    assert [send_expiry_notices(at=before_the_end(left)) for left in (4, 3, 2, 1, 0)] == [0] * 5
    assert db.session.query(ExpiryNotice).one().days_before == 7


def test_on_the_last_day_the_mail_says_today() -> None:
    registered()
    send_expiry_notices(at=before_the_end(0))
    assert told_on()[0][1].endswith("заканчивается сегодня")


def test_the_days_are_local() -> None:
    registered()
    assert send_expiry_notices(at=datetime(2026, 12, 23, 20, 59, tzinfo=UTC)) == 1  # the 30 days, late
    assert db.session.query(ExpiryNotice).one().days_before == 30
    assert send_expiry_notices(at=datetime(2026, 12, 23, 21, 0, tzinfo=UTC)) == 1  # midnight in Moscow: 7 days
    assert send_expiry_notices(at=datetime(2026, 12, 31, 21, 0, tzinfo=UTC)) == 0  # over


def test_nobody_is_told_of_a_revoked_released_or_closed_one() -> None:
    registered().certificate.revoked_at = LONG_AGO
    release(registered(), at=LONG_AGO)
    registered().customer.closed_at = LONG_AGO
    db.session.flush()
    assert send_expiry_notices(at=before_the_end(7)) == 0


def test_who_registers_shortly_before_the_end_is_not_told_at_once_what_the_confirmation_said() -> None:
    registered(registered_at=before_the_end(20))
    assert send_expiry_notices(at=before_the_end(20)) == 0
    assert send_expiry_notices(at=before_the_end(7)) == 1


def test_a_prolonged_certificate_is_announced_anew() -> None:
    registration = registered()
    send_expiry_notices(at=before_the_end(7))
    registration.certificate.valid_to = date(2027, 12, 31)
    db.session.flush()
    assert send_expiry_notices(at=before_the_end(6)) == 0
    assert send_expiry_notices(at=before_the_end(-358)) == 1


def test_another_process_that_was_quicker_is_left_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    from supportapp.certificates.operations import expiry

    registration = registered()
    at = before_the_end(7)
    due = expiry._due(date(2026, 12, 24))
    assert send_expiry_notices(at=at) == 1
    monkeypatch.setattr(expiry, "_due", lambda _today: due)
    assert send_expiry_notices(at=at) == 0
    assert db.session.query(Notification).count() == 1
    assert registration.released_at is None


def test_the_job_tells_everybody_in_several_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    for _ in range(5):
        registered()
    with clock.frozen(before_the_end(30)):
        assert jobs.send_expiry_notices() == 5
        assert jobs.send_expiry_notices() == 0
    assert db.session.query(Notification).count() == 5
