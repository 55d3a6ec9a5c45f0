"""Articles shown while a ticket is being written."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb import operations
from supportapp.kb.models import Article, SolvedWithoutTicket
from supportapp.kb.search.upkeep import rebuild
from supportapp.tickets.models import Ticket
from tests.factories import make_product
from tests.portal.people import seen, sign_in


@pytest.fixture
def article(session: object, at: datetime) -> Iterator[Article]:
    """A published article that the search knows."""
    body = "Ошибка 0x80090016: **набор ключей** не найден.\n\n## Что сделать\n\nПодключите носитель."
    written = operations.save_article(None, title="Ошибка 0x80090016", body=body, by=None, at=at)
    operations.publish(written, by=None, at=at)
    rebuild()
    yield written
    db.session.delete(written)
    db.session.flush()
    rebuild()


def ask(client: FlaskClient, **question: Any) -> Any:
    return client.post("/suggestions", json=question)


def test_an_article_is_suggested_for_what_was_typed(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    [found] = ask(client, subject="контейнер: 0x80090016", text="", product_id="").json["suggestions"]
    assert (found["id"], found["title"]) == (article.id, "Ошибка 0x80090016")
    assert "<mark>" in found["extract"]
    assert found["page"] == f"/kb/{article.slug}"


def test_the_products_of_the_chosen_certificate_help_their_articles_up(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    product = make_product()
    same = {"title": article.title, "body": article.body, "by": None, "at": article.created_at}
    other = operations.save_article(None, products=[product], **same)
    operations.publish(other, by=None, at=article.created_at)
    db.session.commit()
    rebuild()
    for covered, first in ((f"{product.id} 99999", other), ("", article), ("x 1e9 -1", article)):
        found = ask(client, subject="ошибка 0x80090016", text="", product_id="", covered=covered).json["suggestions"]
        assert found[0]["id"] == first.id
    db.session.delete(other)
    db.session.flush()
    rebuild()


def test_the_suggested_article_opens_in_place(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    [found] = ask(client, subject="0x80090016", text="").json["suggestions"]
    opened = client.get(found["content"]).json
    assert "<strong>набор ключей</strong>" in opened["html"]
    assert opened["language"] == "ru"


def test_a_withdrawn_article_is_neither_suggested_nor_opened(
    client: FlaskClient, article: Article, at: datetime
) -> None:
    sign_in(client)
    operations.withdraw(article, by=None, at=at)
    assert ask(client, subject="0x80090016").json == {"suggestions": []}
    assert client.get(f"/suggestions/{article.slug}").status_code == 404


@pytest.mark.parametrize("index", ["missing"])
def test_without_an_index_nothing_is_suggested_and_nothing_breaks(client: FlaskClient, index: str) -> None:
    sign_in(client)
    assert ask(client, subject="Ошибка 0x80090016").json == {"suggestions": []}


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"subject": None, "text": 5, "product_id": [1]},
        {"subject": "\0\ud800", "text": "\udfff", "product_id": "9" * 40, "covered": ["1"]},
        {"subject": "а" * 400, "text": "б " * 4000, "product_id": -1},
        {"subject": "*" * 300 + "?~^", "text": "a" * 40_000, "product_id": "1e9"},
    ],
)
def test_whatever_a_script_sends_gets_a_list(client: FlaskClient, question: dict[str, Any]) -> None:
    sign_in(client)
    answer = client.post("/suggestions", data=json.dumps(question), content_type="application/json")
    assert (answer.status_code, answer.json) == (200, {"suggestions": []})


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_question_is_refused(client: FlaskClient, body: bytes) -> None:
    sign_in(client)
    answer = client.post("/suggestions", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["error"]


def test_a_form_instead_of_json_is_refused(client: FlaskClient) -> None:
    sign_in(client)
    assert client.post("/suggestions", data={"subject": "x"}).status_code in (400, 415)


def test_a_question_beyond_its_limit_is_refused(client: FlaskClient) -> None:
    sign_in(client)
    answer = client.post("/suggestions", json={"text": "a" * 200_000}, headers={"Accept": "application/json"})
    assert answer.status_code == 413


def test_visitors_are_told_to_sign_in(client: FlaskClient) -> None:
    assert ask(client, subject="0x80090016").status_code == 401


def test_typing_fast_is_allowed_and_hammering_is_not(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supportapp.extensions import limiter

    sign_in(client)
    monkeypatch.setattr(limiter, "enabled", True)
    codes = [ask(client, subject="").status_code for _ in range(190)]
    assert codes[100] == 200
    assert codes[-1] == 429


def test_this_solved_it_leaves_without_a_ticket_and_is_counted_once(client: FlaskClient, article: Article) -> None:
    customer = sign_in(client)
    client.post("/uploads", data={"draft": "form-1", "file": (io.BytesIO(b"log"), "a.log")})
    data = {"article_id": str(article.id), "form_token": "form-1", "subject": "Контейнер", "body": "Текст"}
    for _click in range(2):
        answer = client.post("/suggestions/solved", data=data, follow_redirects=True)
        assert "Хорошо, что всё решилось!" in seen(answer)
        assert "Ошибка 0x80090016" in seen(answer)
    [counted] = db.session.query(SolvedWithoutTicket).all()
    assert (counted.article_id, counted.customer_id) == (article.id, customer.id)
    assert db.session.query(Ticket).count() == 0
    assert db.session.query(StoredFile).count() == 0
    db.session.delete(counted)


def test_a_count_is_claimed_only_when_it_was_made(client: FlaskClient, article: Article) -> None:
    sign_in(client)
    data = {"article_id": str(article.id), "form_token": "form-1", "subject": "Контейнер", "body": "Текст"}
    first = seen(client.post("/suggestions/solved", data=data, follow_redirects=True))
    again = seen(client.post("/suggestions/solved", data=data, follow_redirects=True))
    nameless = seen(client.post("/suggestions/solved", data=data | {"form_token": ""}, follow_redirects=True))
    assert "Обращение не отправлено. Мы отметили, что статья помогла" in first
    assert all("Спасибо, что сообщили" in page and "отметили" not in page for page in (again, nameless))


@pytest.mark.parametrize("article_id", ["", "x", "999999", "9" * 30, "-1"])
def test_an_article_that_does_not_exist_solves_nothing(client: FlaskClient, article_id: str) -> None:
    sign_in(client)
    answer = client.post("/suggestions/solved", data={"article_id": article_id, "form_token": "form-1"})
    assert answer.status_code == 404


def test_the_thanks_alone_are_a_page_too(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/suggestions/thanks").status_code == 200


def test_without_a_script_a_link_leads_to_the_knowledge_base_with_the_subject(client: FlaskClient) -> None:
    sign_in(client)
    page = client.post("/tickets/new", data={"certificate": "none", "subject": "Ошибка 0x8", "body": ""})
    assert "/kb/?q=%D0%9E%D1%88" in page.text
