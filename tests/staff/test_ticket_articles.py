"""Articles on the ticket's page: what the customer has read, and what the engineer puts into the reply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.kb import operations as kb
from supportapp.kb.learning import operations, queries
from supportapp.kb.learning.operations import Asking
from supportapp.kb.models import Article, SearchPlace, SearchSession
from supportapp.kb.search.upkeep import rebuild
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations import close
from tests.factories import make_certificate, make_customer, make_product, make_ticket
from tests.kb.samples import make_article
from tests.portal.people import seen

TITLE = "Токен не виден в системе"


@pytest.fixture
def article(session: object, at: datetime) -> Iterator[Article]:
    """A published article that the search knows."""
    written = make_article(TITLE, body="Установите драйвер токена.")
    rebuild()
    yield written
    kb.withdraw(written, by=None, at=at)
    rebuild()


@pytest.fixture
def ticket(session: object) -> Ticket:
    made: Ticket = make_ticket(subject="Токен не виден", body="Драйвер установлен, токен не виден.")
    return made


def draft(ticket: Ticket, **changes: str) -> dict[str, Any]:
    return {"draft": "a" * 32, "seen_version": ticket.version, "body": "Здравствуйте!", **changes}


def test_the_engineer_sees_what_the_customer_has_read(
    client: FlaskClient, engineer: StaffUser, at: datetime, session: object
) -> None:
    customer = make_customer()
    read, skipped = make_article("Прочитанная"), make_article("Пропущенная")
    asking = Asking("form", SearchPlace.TICKET_FORM, customer, "Токен")
    operations.show(asking, [skipped.id, read.id], opened=[read.id], at=at)
    ticket = make_ticket(customer)
    operations.send(asking, ticket_id=ticket.id, at=at)
    page = client.get(f"/staff/tickets/{ticket.reference}")
    assert "Пользователь уже прочитал Прочитанная открыта 20.11.2026 14:00, место среди подсказок: 2" in seen(page)
    assert "Предложено, но не открыто: 1 Пропущенная" in seen(page)
    assert f'href="/staff/articles/show/{read.id}"' in page.text


def test_a_ticket_without_suggestions_says_nothing_of_them(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket
) -> None:
    text = seen(client.get(f"/staff/tickets/{ticket.reference}"))
    assert "Пользователь уже прочитал" not in text
    assert "Статьи, в которых может быть ответ" not in text


def test_articles_for_the_ticket_are_offered_with_their_public_address(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, article: Article
) -> None:
    page = client.get(f"/staff/tickets/{ticket.reference}").text
    assert f'data-insert-text="{TITLE}: http://localhost/kb/{article.slug}"' in page


def test_the_customers_last_words_are_looked_for_too(
    client: FlaskClient, engineer: StaffUser, article: Article, at: datetime
) -> None:
    from supportapp.tickets.operations import reply

    ticket = make_ticket(subject="Вопрос", body="Подскажите, пожалуйста.")
    address = f"/staff/tickets/{ticket.reference}"
    assert "data-insert-text" not in client.get(address).text
    reply(ticket, "Теперь токен не виден, драйвер стоит.", by=ticket.customer, at=at)
    assert "data-insert-text" in client.get(address).text


def test_the_products_of_the_tickets_certificate_help_their_articles_up(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, article: Article, at: datetime
) -> None:
    products = [make_product(), make_product()]
    other = make_article(TITLE, body="Установите драйвер токена.", products=products[:1])
    rebuild()
    address = f"/staff/tickets/{ticket.reference}"
    offered = [re.findall(r'data-insert-text="[^"]*/kb/([^"]+)"', client.get(address).text)]
    ticket.certificate = make_certificate(products=products)
    offered.append(re.findall(r'data-insert-text="[^"]*/kb/([^"]+)"', client.get(address).text))
    assert offered == [[article.slug, other.slug], [other.slug, article.slug]]
    kb.withdraw(other, by=None, at=at)


def test_a_closed_ticket_is_offered_nothing(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, article: Article, at: datetime
) -> None:
    close(ticket, "Решено по телефону.", by=engineer, at=at)
    assert "data-insert-text" not in client.get(f"/staff/tickets/{ticket.reference}").text


def test_without_a_script_the_link_is_added_and_nothing_is_lost(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, article: Article
) -> None:
    page = client.post(f"/staff/tickets/{ticket.reference}/draft", data=draft(ticket, article=str(article.id)))
    assert page.status_code == 200
    typed = re.search(r'<textarea[^>]* id="body"[^>]*>\n?(.*?)</textarea>', page.text, re.S)
    assert typed
    assert unescape(typed[1]) == f"Здравствуйте!\n\n{TITLE}: http://localhost/kb/{article.slug}"


@pytest.mark.parametrize("key", ["", "x", "999999", "9" * 40, "-1"])
def test_an_article_that_does_not_exist_adds_nothing(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, key: str
) -> None:
    page = client.post(f"/staff/tickets/{ticket.reference}/draft", data=draft(ticket, article=key))
    assert page.status_code == 200
    assert "Здравствуйте!</textarea>" in page.text


def test_a_staff_only_article_never_gets_into_a_reply(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, at: datetime
) -> None:
    hidden = make_article("Тайная", published=False)
    kb.keep_for_staff(hidden, by=None, at=at)
    page = client.post(f"/staff/tickets/{ticket.reference}/draft", data=draft(ticket, article=str(hidden.id)))
    assert "Тайная" not in page.text


@pytest.mark.parametrize("act", ["replies", "requests", "solutions"])
def test_a_sent_link_is_remembered(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, article: Article, act: str
) -> None:
    body = f"Посмотрите: http://localhost/kb/{article.slug}."
    answer = client.post(f"/staff/tickets/{ticket.reference}/{act}", data=draft(ticket, body=body))
    assert answer.status_code == 303
    assert queries.told_in_replies(ticket.id) == {article.id}
    assert "уже отправлена" in seen(client.get(f"/staff/tickets/{ticket.reference}"))


def test_a_link_in_a_note_or_to_another_host_is_not(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, article: Article
) -> None:
    address = f"/staff/tickets/{ticket.reference}"
    client.post(f"{address}/notes", data=draft(ticket, body=f"http://localhost/kb/{article.slug}"))
    client.post(f"{address}/replies", data=draft(ticket, body=f"https://example.com/kb/{article.slug}"))
    assert db.session.query(SearchSession).count() == 0


def test_the_page_opens_while_the_search_fails(
    client: FlaskClient, engineer: StaffUser, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supportapp.kb.search import reading

    def broken(*_arguments: object) -> None:
        raise OSError("no index")

    monkeypatch.setattr(reading, "read", broken)
    assert client.get(f"/staff/tickets/{ticket.reference}").status_code == 200
