"""Registering and releasing, and what a change of address does to registrations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from config import Settings
from supportapp.certificates import queries
from supportapp.certificates.models import Registration
from supportapp.certificates.operations import on_email_changed, register, release
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.notifications.models import Notification
from tests.factories import make_certificate, make_customer, make_registration

pytestmark = pytest.mark.usefixtures("session")


def test_a_registration_takes_the_seat_and_is_listed(at: datetime) -> None:
    customer, certificate = make_customer(), make_certificate()
    registration = register(certificate, by=customer, at=at)
    assert queries.registrations_of(customer) == [registration]
    assert queries.free_seats(certificate) == 0
    assert queries.registrations_under(certificate)[0].customer is customer


def test_a_mail_confirms_the_registration_in_the_customers_language(at: datetime) -> None:
    russian, english = make_customer(language="ru"), make_customer(language="en", name="John *Doe*")
    contract = make_certificate(kind=CertificateKind.CONTRACT, seats=2, number="ДТП-77/2026")
    register(contract, by=russian, at=at)
    register(contract, by=english, at=at)
    mails = db.session.query(Notification).order_by(Notification.id).all()
    assert [(m.recipient, m.kind, m.about) for m in mails] == [
        (russian.email, "certificate_registered", contract.about),
        (english.email, "certificate_registered", contract.about),
    ]
    assert mails[0].subject == "Договор ДТП-77/2026 зарегистрирован"
    assert "31 декабря 2026 г. включительно" in mails[0].text_body
    assert mails[1].subject == "Contract ДТП-77/2026 is registered"
    assert "Hello John *Doe*," in mails[1].text_body
    assert "http://localhost/certificates" in mails[1].html_body


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"valid_to": date(2026, 11, 19)}, "expired"),
        ({"valid_from": date(2026, 11, 21)}, "not_yet_valid"),
        ({"revoked_at": datetime.fromisoformat("2026-11-01T00:00:00+00:00")}, "revoked"),
    ],
)
def test_everything_is_checked_again_at_the_last_step(at: datetime, facts: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        register(make_certificate(**facts), by=make_customer(), at=at)
    assert refused.value.reason == reason
    assert db.session.query(Notification).count() == 0


def test_registering_twice_is_refused(at: datetime) -> None:
    customer = make_customer()
    contract = make_certificate(kind=CertificateKind.CONTRACT, seats=3)
    register(contract, by=customer, at=at)
    with pytest.raises(Refused) as refused:
        register(contract, by=customer, at=at)
    assert refused.value.reason == "already_registered"
    assert queries.taken_seats(contract) == 1


def test_the_index_is_the_last_defence(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = make_customer()
    contract = make_certificate(kind=CertificateKind.CONTRACT, seats=3)
    make_registration(customer, contract)
    monkeypatch.setattr(queries, "find_registration", lambda *_: None)
    with pytest.raises(Refused) as refused:
        register(contract, by=customer, at=at)
    assert refused.value.reason == "already_registered"
    assert queries.taken_seats(contract) == 1  # the transaction is still usable


def test_an_unconfirmed_customer_cannot_register(at: datetime) -> None:
    with pytest.raises(Refused) as refused:
        register(make_certificate(), by=make_customer(confirmed_at=None), at=at)
    assert refused.value.reason == "confirm_first"


def test_a_released_seat_is_free_for_somebody_else_and_for_the_same_person_again(at: datetime) -> None:
    anna, boris, certificate = make_customer(), make_customer(), make_certificate()
    release(register(certificate, by=anna, at=at), at=at)
    assert queries.registrations_of(anna) == []
    second = register(certificate, by=boris, at=at)
    release(second, at=at)
    assert register(certificate, by=anna, at=at)


def test_releasing_twice_keeps_the_first_moment(at: datetime) -> None:
    registration = make_registration(make_customer())
    release(registration, at=at)
    release(registration, at=at + timedelta(days=1))
    assert registration.released_at == at


def test_a_new_address_releases_the_registrations(at: datetime) -> None:
    old, new, stranger = make_customer(), make_customer(created_at=at), make_customer()
    mine, theirs = make_registration(old), make_registration(stranger)
    on_email_changed(old, successor=new)
    assert mine.released_at == at
    assert theirs.released_at is None
    assert queries.registrations_of(new) == []
    assert register(mine.certificate, by=new, at=at)


def test_a_new_address_takes_the_registrations_over_where_history_is_kept(
    at: datetime, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    kept: Settings = replace(app.extensions["settings"], EMAIL_CHANGE_KEEPS_HISTORY=True)
    monkeypatch.setitem(app.extensions, "settings", kept)
    old, new = make_customer(), make_customer(created_at=at)
    mine = make_registration(old)
    on_email_changed(old, successor=new)
    assert queries.registrations_of(new) == [mine]
    assert queries.registrations_of(old) == []


def test_only_valid_registered_certificates_can_be_chosen(at: datetime) -> None:
    customer, today = make_customer(), queries.today(at)
    valid = make_registration(customer).certificate
    make_registration(customer, make_certificate(valid_to=date(2026, 11, 19)))
    make_registration(customer, make_certificate(revoked_at=at))
    make_registration(customer, released_at=at)
    make_registration(make_customer())
    assert queries.choosable_certificates(customer, today=today) == [valid]
    assert len(queries.registrations_of(customer)) == 3


def test_a_certificate_for_a_ticket_is_checked_once_more(at: datetime) -> None:
    customer, today = make_customer(), queries.today(at)
    good = make_registration(customer).certificate
    assert queries.get_registered_certificate(customer, good.id, today=today) is good
    with pytest.raises(Refused) as refused:
        queries.get_registered_certificate(customer, good.id, today=date(2027, 1, 1))
    assert (refused.value.reason, refused.value.field) == ("certificate_expired", "certificate")
    good.revoked_at = at
    with pytest.raises(Refused) as refused:
        queries.get_registered_certificate(customer, good.id, today=today)
    assert refused.value.reason == "certificate_revoked"


def test_a_foreign_or_impossible_certificate_is_not_found(at: datetime) -> None:
    foreign = make_registration(make_customer())
    customer = make_customer()
    for certificate_id in (foreign.certificate_id, 0, -1, 2**63, 10**30):
        with pytest.raises(NotFound):
            queries.get_registered_certificate(customer, certificate_id, today=queries.today(at))
    for registration_id in (foreign.id, 2**63):
        with pytest.raises(NotFound):
            queries.get_registration(customer, registration_id)
    with pytest.raises(NotFound):
        queries.get_certificate(2**64)


def test_the_list_of_registrations_takes_two_questions_to_the_database(at: datetime) -> None:
    from sqlalchemy import event

    customer = make_customer()
    for _ in range(5):
        make_registration(customer)
    db.session.expire_all()
    customer_id = customer.id
    asked: list[str] = []
    event.listen(db.session.get_bind(), "before_cursor_execute", lambda *a: asked.append(a[2]))
    for registration in queries.registrations_of(customer):
        assert registration.certificate.level.name_ru
        assert [product.name for product in registration.certificate.products]
    assert customer_id
    assert len(asked) == 2, asked


def test_registrations_are_rows_that_stay(at: datetime) -> None:
    release(make_registration(make_customer()), at=at)
    assert db.session.query(Registration).count() == 1
