"""«Мои обращения»: the list."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from supportapp.extensions import db
from supportapp.tickets import operations
from tests.factories import make_staff, make_ticket
from tests.portal.people import seen, sign_in


def test_an_empty_list_says_what_to_do(client: FlaskClient) -> None:
    sign_in(client)
    page = client.get("/tickets")
    assert "Вы ещё не отправляли обращений" in seen(page)
    assert 'href="/tickets/new"' in page.text


def test_a_ticket_is_listed_with_reference_state_and_whose_turn_it_is(client: FlaskClient) -> None:
    ticket = make_ticket(sign_in(client), subject="Не открывается <контейнер>")
    page = seen(client.get("/tickets"))
    assert "Не открывается <контейнер>" in page
    assert f"{ticket.reference} · изменено: 2 ноября, 12:00 Новое Дело за нами" in page


def test_a_ticket_that_waits_for_the_customer_says_until_when(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    ticket = make_ticket(customer)
    operations.request_information(ticket, "Пришлите журнал.", by=make_staff(), at=at)
    assert "Дело за вами Ждём вашего ответа" in seen(client.get("/tickets"))
    operations.mark_seen(ticket, by=customer, at=at)
    assert "ответьте до 25 ноября 2026 (среда) включительно" in seen(client.get("/tickets"))


def test_news_is_marked_until_the_ticket_is_opened(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    assert "Есть новое" not in seen(client.get("/tickets"))
    operations.reply(ticket, "Смотрим.", by=make_staff(), at=at)
    assert "Есть новое" in seen(client.get("/tickets"))
    assert "Есть новое" in seen(client.get("/tickets")), "the list alone does not show the answer"
    client.get(f"/tickets/{ticket.reference}")
    assert "Есть новое" not in seen(client.get("/tickets"))


def test_an_internal_note_is_no_news(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    operations.add_note(ticket, "Тайна", by=make_staff(), at=at)
    assert "Есть новое" not in seen(client.get("/tickets"))


def test_open_and_closed_tickets_are_shown_apart(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    make_ticket(customer, subject="Открытое дело")
    operations.withdraw(make_ticket(customer, subject="Закрытое дело"), by=customer, at=at)
    everything, opened, closed = (seen(client.get(f"/tickets{q}")) for q in ("", "?state=open", "?state=closed"))
    assert "Все 2 Открытые 1 Закрытые 1" in everything
    assert "Открытое дело" in opened
    assert "Закрытое дело" not in opened
    assert "Закрытое дело" in closed
    assert "отозвано вами" in closed
    assert "Открытое дело" not in closed


def test_a_filter_without_tickets_says_so(client: FlaskClient) -> None:
    make_ticket(sign_in(client))
    assert "Закрытых обращений пока нет." in seen(client.get("/tickets?state=closed"))


def test_a_strangers_ticket_is_not_listed(client: FlaskClient) -> None:
    make_ticket(subject="Чужое дело")
    make_ticket(sign_in(client), subject="Своё дело")
    page = seen(client.get("/tickets"))
    assert "Своё дело" in page
    assert "Чужое дело" not in page


def test_many_tickets_come_in_pages_the_last_changed_first(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    for n in range(21):
        make_ticket(customer, subject=f"Дело №{n}.", at=at - timedelta(days=n))
    first, second = seen(client.get("/tickets")), seen(client.get("/tickets?page=2"))
    assert first.index("Дело №0.") < first.index("Дело №19.")
    assert "Дело №20." not in first
    assert "Дело №20." in second
    assert "Страница 2 из 2" in second


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=abc", "page=99999999999999999999", "state=x", "page=٢"])
def test_a_page_that_does_not_exist_is_not_found(client: FlaskClient, query: str) -> None:
    sign_in(client)
    assert client.get(f"/tickets?{query}").status_code == 404


def test_a_page_beyond_the_last_one_leads_back(client: FlaskClient) -> None:
    make_ticket(sign_in(client))
    assert "На этой странице обращений нет. Показать все обращения" in seen(client.get("/tickets?page=7"))


def test_a_list_of_many_waiting_tickets_asks_the_database_a_bounded_number_of_times(
    client: FlaskClient, at: datetime
) -> None:
    from sqlalchemy import event

    customer = sign_in(client)
    engineer = make_staff()
    for _ in range(12):
        ticket = make_ticket(customer)
        operations.request_information(ticket, "?", by=engineer, at=at)
        operations.mark_seen(ticket, by=customer, at=at)
    client.get("/tickets")
    asked: list[str] = []
    bind = db.session.connection()
    event.listen(bind, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    client.get("/tickets")
    assert len([statement for statement in asked if statement.startswith("SELECT")]) <= 8, asked
