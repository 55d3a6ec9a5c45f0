"""Staff give a seat back that somebody holds."""

from __future__ import annotations

from datetime import datetime

from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.certificates.rules import CertificateKind
from supportapp.extensions import db
from tests.factories import mails, make_certificate, make_customer, make_registration


def test_a_manager_releases_a_seat_and_the_customer_is_told(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    customer = make_customer()
    registration = make_registration(customer)
    number = registration.certificate_id
    page = client.get(f"/staff/certificates/show/{number}").text
    address = f"/staff/certificates/{number}/registrations/{registration.id}/release"
    assert address in page
    answer = client.post(address, follow_redirects=True)
    assert "Место свободно" in answer.text
    assert registration.released_at == at
    (mail,) = mails("certificate_released")
    assert mail.recipient == customer.email
    assert registration.certificate.number in mail.text_body
    entry = db.session.query(AuditEntry).filter_by(act="seat_released").one()
    assert (entry.object_id, entry.details["note"]) == (str(number), str(customer))


def test_releasing_twice_tells_the_customer_once(client: FlaskClient, manager: StaffUser) -> None:
    registration = make_registration(make_customer())
    address = f"/staff/certificates/{registration.certificate_id}/registrations/{registration.id}/release"
    client.post(address)
    assert "уже снята" in client.post(address, follow_redirects=True).text
    assert len(mails("certificate_released")) == 1


def test_a_registration_of_another_certificate_is_404(client: FlaskClient, manager: StaffUser) -> None:
    registration, other = make_registration(make_customer()), make_certificate()
    for key in (registration.id, "0", "x", "99999999999999999999"):
        address = f"/staff/certificates/{other.id}/registrations/{key}/release"
        assert client.post(address).status_code == 404
    assert registration.released_at is None


def test_after_the_release_the_contract_can_have_fewer_seats(client: FlaskClient, manager: StaffUser) -> None:
    certificate = make_certificate(kind=CertificateKind.CONTRACT, seats=2)
    first = make_registration(make_customer(), certificate)
    make_registration(make_customer(), certificate)
    form = {
        "kind": "contract", "number": certificate.number, "activation_code": certificate.activation_code,
        "level": certificate.level_id, "products": [one.id for one in certificate.products],
        "holder": certificate.holder, "valid_from": "2026-01-01", "valid_to": "2026-12-31", "seats": "1",
    }  # fmt: skip
    assert "Сначала освободите" in client.post(f"/staff/certificates/edit/{certificate.id}", data=form).text
    client.post(f"/staff/certificates/{certificate.id}/registrations/{first.id}/release")
    client.post(f"/staff/certificates/edit/{certificate.id}", data=form)
    assert certificate.seats == 1


def test_an_engineer_is_offered_no_release(client: FlaskClient, engineer: StaffUser) -> None:
    registration = make_registration(make_customer())
    assert "/release" not in client.get(f"/staff/certificates/show/{registration.certificate_id}").text
