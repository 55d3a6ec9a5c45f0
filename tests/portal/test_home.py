"""The first page."""

from __future__ import annotations

from flask.testing import FlaskClient

from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import Status
from tests import factories
from tests.factories import make_certificate, make_customer, make_registration
from tests.portal.people import seen, sign_in


def make_ticket(customer: object, **changes: object) -> Ticket:
    values = {
        "reference": "TP-2026-7",
        "customer": customer,
        "subject": "Не создаётся подпись",
        "created_at": factories.BEFORE,
        "updated_at": factories.BEFORE,
    }
    return factories._add(Ticket(**{**values, **changes}))


def test_a_visitor_can_search_read_sign_up_and_sign_in(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    for href in ('action="/kb/"', 'href="/regulation"', 'href="/sign-up"', 'href="/sign-in"'):
        assert href in page.text
    assert "Мои обращения" not in seen(page)


def test_a_customer_finds_the_three_sections_of_the_guide(client: FlaskClient) -> None:
    customer = sign_in(client, name="Анна Смирнова")
    make_registration(customer, make_certificate())
    words = seen(client.get("/"))
    assert "Здравствуйте, Анна Смирнова!" in words
    assert "Отправить обращение" in words
    assert "Мои обращения Открытых нет" in words
    assert "Мои сертификаты Зарегистрирован 1" in words


def test_what_awaits_the_customer_stands_first(client: FlaskClient) -> None:
    customer = sign_in(client)
    make_ticket(customer, status=Status.AWAITING_INFO)
    page = client.get("/")
    assert "Ждём вашего ответа по обращениям Не создаётся подпись TP-2026-7" in seen(page)
    assert 'href="/tickets/TP-2026-7"' in page.text


def test_another_customers_ticket_is_not_shown(client: FlaskClient) -> None:
    sign_in(client)
    make_ticket(make_customer(), status=Status.AWAITING_INFO)
    assert "Не создаётся подпись" not in seen(client.get("/"))
