"""«Мои сертификаты»."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from supportapp.certificates.rules import CertificateKind
from supportapp.extensions import db
from tests.conftest import NOON
from tests.factories import make_certificate, make_customer, make_level, make_product, make_registration
from tests.portal.people import seen, sign_in


def test_an_empty_list_says_what_to_do(client: FlaskClient) -> None:
    sign_in(client)
    page = client.get("/certificates")
    assert "Сертификатов пока нет" in seen(page)
    assert "Зарегистрировать новый сертификат / договор ТП" in seen(page)
    assert 'href="/certificates/new"' in page.text


def test_a_certificate_stands_with_everything_it_entitles_to(client: FlaskClient) -> None:
    customer = sign_in(client)
    certificate = make_certificate(number="СП-77", products=[make_product(name="Криптопровайдер")], holder="АО «Завод»")
    make_registration(customer, certificate)
    words = seen(client.get("/certificates"))
    assert "Сертификат ТП СП-77 Действует" in words
    assert "1 января 2026 — 31 декабря 2026" in words
    for part in ("Криптопровайдер", "АО «Завод»", certificate.level.name_ru):
        assert part in words


def test_a_contract_tells_its_seats(client: FlaskClient) -> None:
    customer = sign_in(client)
    contract = make_certificate(kind=CertificateKind.CONTRACT, seats=3)
    make_registration(customer, contract)
    make_registration(make_customer(), contract)
    assert "Занято мест: 2 из 3" in seen(client.get("/certificates"))


def test_every_state_has_its_words(client: FlaskClient) -> None:
    customer = sign_in(client)
    make_registration(customer, make_certificate(valid_to=date(2026, 11, 19)))
    make_registration(customer, make_certificate(revoked_at=NOON))
    make_registration(customer, make_certificate(valid_from=date(2026, 11, 21)))
    make_registration(customer, make_certificate(valid_to=date(2026, 11, 20)))
    words = seen(client.get("/certificates"))
    for state in ("Срок истёк", "Отозван", "Ещё не действует", "Заканчивается сегодня."):
        assert state in words


def test_the_days_that_are_left_are_counted_in_russian(client: FlaskClient) -> None:
    customer = sign_in(client)
    make_registration(customer, make_certificate(valid_to=date(2026, 12, 11)))
    assert "Закончится через 21 день." in seen(client.get("/certificates"))


def test_another_customers_certificates_are_not_shown(client: FlaskClient) -> None:
    sign_in(client)
    make_registration(make_customer(), make_certificate(number="ЧУЖОЙ-1"))
    assert "ЧУЖОЙ-1" not in seen(client.get("/certificates"))


def test_a_visitor_signs_in_first(client: FlaskClient) -> None:
    assert "/sign-in" in client.get("/certificates").location


def test_a_released_certificate_can_be_registered_by_somebody_else(client: FlaskClient) -> None:
    registration = make_registration(sign_in(client))
    page = client.post(f"/certificates/{registration.id}/release", follow_redirects=True)
    assert f"Регистрация {registration.certificate.number} снята." in seen(page)
    assert "Сертификатов пока нет" in seen(page)
    assert registration.released_at == NOON


def test_nobody_releases_a_foreign_certificate(client: FlaskClient) -> None:
    sign_in(client)
    registration = make_registration(make_customer())
    for key in (registration.id, 2**31, 2**63, 2**70):
        assert client.post(f"/certificates/{key}/release").status_code == 404
    assert registration.released_at is None


@pytest.mark.parametrize("page", ["/certificates", "/tickets/new"])
def test_a_page_costs_the_same_whatever_its_certificates(client: FlaskClient, page: str) -> None:
    customer, level = sign_in(client), make_level()
    asked: list[str] = []

    def cost() -> int:
        asked.clear()
        client.get(page)
        return len([statement for statement in asked if statement.startswith("SELECT")])

    make_registration(customer, make_certificate(level=level))
    event.listen(db.session.connection(), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    cost()
    few = cost()
    for _ in range(6):
        make_registration(customer, make_certificate(level=level))
    assert 0 < cost() == few, asked
