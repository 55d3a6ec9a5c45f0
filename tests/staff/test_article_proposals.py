"""A draft made from a ticket: what is taken, what is left out, and who may."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.kb import redaction
from supportapp.kb.models import Article, ArticleState
from supportapp.kb.render import to_text
from supportapp.staff.knowledge import proposals
from supportapp.staff.knowledge.proposals import as_markdown
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from tests.factories import make_certificate, make_customer, make_product, make_registration, make_ticket
from tests.staff.conftest import SignIn

SOLUTION = """Здравствуйте, Анна Петровна!

Ошибка 0x80090016 бывает, когда контейнер скопирован не целиком.
1. Откройте C:\\Users\\ivanov\\AppData и удалите папку.
2. Скопируйте контейнер снова.

Если не поможет, звоните +7 495 123-45-67 или пишите на anna@romashka.example, обращение TP-000001.
С уважением,
Павел Инженеров"""


def solved_ticket(by: StaffUser, at: datetime, **changes: object) -> Ticket:
    customer = make_customer(name="Анна Петровна Смирнова", email="anna@romashka.example")
    ticket: Ticket = make_ticket(customer, subject="У Смирновой ошибка 0x80090016", **changes)
    operations.propose_solution(ticket, SOLUTION, by=by, at=at)
    return ticket


def test_an_engineer_proposes_what_solved_the_ticket_without_anybodys_data(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    product = make_product()
    ticket = solved_ticket(engineer, at, product=product)
    page = client.get(f"/staff/tickets/{ticket.reference}/article").text
    for private in ("anna@", "Смирнов", "123-45-67", "ivanov", "Здравствуйте", "С уважением", "Инженеров,"):
        assert private not in page.partition('<form class="writing"')[2], private
    for kept in ("0x80090016", "AppData", "Скопируйте контейнер снова", "[имя]"):
        assert kept in page
    assert "адреса почты — 1" in page
    form = {
        "title": "Ошибка 0x80090016",
        "body": "Скопируйте снова",
        "language": "ru",
        "topic": "",
        "products": [str(product.id)],
    }
    answer = client.post(f"/staff/tickets/{ticket.reference}/article", data=form)
    article = db.session.query(Article).one()
    assert answer.headers["Location"] == f"/staff/articles/show/{article.id}"
    assert (article.state, article.from_ticket_id, article.updated_by) == (ArticleState.DRAFT, ticket.id, engineer)
    assert article.products == [product]


def test_the_ticket_and_the_article_know_each_other(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = solved_ticket(engineer, at)
    address = f"/staff/tickets/{ticket.reference}/article"
    assert address in client.get(f"/staff/tickets/{ticket.reference}").text
    client.post(address, data={"title": "Новая статья", "body": "Текст", "language": "ru", "topic": ""})
    article = db.session.query(Article).one()
    assert f"/staff/articles/show/{article.id}" in client.get(f"/staff/tickets/{ticket.reference}").text
    assert ticket.reference in client.get(f"/staff/articles/show/{article.id}").text
    assert "уже сделана статья" in client.get(address).text


def test_the_article_tells_an_editor_nothing_of_the_ticket(client: FlaskClient, sign_in: SignIn, at: datetime) -> None:
    engineer = sign_in("Engineer")
    ticket = solved_ticket(engineer, at)
    client.post(
        f"/staff/tickets/{ticket.reference}/article",
        data={"title": "Статья", "body": "Текст", "language": "ru", "topic": ""},
    )
    article = db.session.query(Article).one()
    client.post("/staff/sign-out/")
    sign_in("Editor")
    page = client.get(f"/staff/articles/show/{article.id}")
    assert page.status_code == 200
    assert ticket.reference not in page.text
    assert client.get(f"/staff/tickets/{ticket.reference}/article").status_code == 403


def test_the_last_solution_goes_before_later_replies_and_a_reply_before_a_question(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    address = f"/staff/tickets/{ticket.reference}/article"
    assert "начать не с чего" in client.get(address).text
    operations.request_information(ticket, "Пришлите журнал целиком.", by=engineer, at=at)
    assert "Пришлите журнал целиком." in client.get(address).text
    operations.reply(ticket, "Обновите плагин до конца.", by=engineer, at=at)
    operations.request_information(ticket, "А теперь?", by=engineer, at=at)
    assert "Обновите плагин до конца." in client.get(address).text
    operations.propose_solution(ticket, "Решение: переустановите.", by=engineer, at=at)
    operations.reply(ticket, "Ещё раз спасибо, ждём ответа.", by=engineer, at=at)
    page = client.get(address).text
    assert "Решение: переустановите." in page
    assert "ждём ответа" not in page


def test_an_internal_note_and_the_customers_words_never_leave_the_ticket(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket(body="Мой секретный вопрос")
    operations.add_note(ticket, "Секрет отдела", by=engineer, at=at)
    page = client.get(f"/staff/tickets/{ticket.reference}/article").text
    assert "Секрет отдела" not in page
    assert "секретный вопрос" not in page


def test_numbers_and_holder_of_the_certificate_are_left_out(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    certificate = make_certificate(number="СП-2026-0007", activation_code="QWE-777", holder="АО Заря")
    customer = make_customer(organisation="Ромашка")
    make_registration(customer, certificate)
    ticket = make_ticket(customer, certificate_id=certificate.id)
    words = "Сертификат сп 2026 0007 (код qwe-777) выдан Заре, а не Ромашке."
    operations.reply(ticket, words, by=engineer, at=at)
    page = client.get(f"/staff/tickets/{ticket.reference}/article").text
    assert "Сертификат [номер] (код [номер]) выдан [организация], а не [организация]." in page


def test_preview_keeps_the_form_and_saves_nothing(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = solved_ticket(engineer, at)
    form = {"title": "Моё", "body": "**важно**", "phrases": "слова", "language": "ru", "act": "preview"}
    page = client.post(f"/staff/tickets/{ticket.reference}/article", data=form).text
    assert "<strong>важно</strong>" in page
    assert 'value="Моё"' in page
    assert db.session.query(Article).count() == 0


def test_the_text_is_read_once_and_its_counts_travel_with_the_form(
    client: FlaskClient, engineer: StaffUser, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = solved_ticket(engineer, at)
    address = f"/staff/tickets/{ticket.reference}/article"
    page = client.get(address).text
    assert "могли остаться без пометки" in page
    said = re.search(r'name="removed" value="([^"]+)"', page)
    assert said is not None
    monkeypatch.delattr(proposals, "redact")
    form = {"title": "Моё", "body": "текст", "language": "ru", "act": "preview", "removed": said[1]}
    assert "адреса почты — 1" in client.post(address, data=form).text
    form["removed"] = "name:99999999 user:x <b>:1 email:7 " + "card:1 " * 10_000
    damaged = client.post(address, data=form)
    assert damaged.status_code == 200
    assert "адреса почты — 7" in damaged.text


def test_the_end_of_a_very_long_answer_is_left_out_and_the_page_says_so(
    client: FlaskClient, engineer: StaffUser, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "LONGEST_READ", 100)
    ticket = solved_ticket(engineer, at)
    page = client.get(f"/staff/tickets/{ticket.reference}/article").text
    assert "Его конец в черновик не вошёл" in page


@pytest.mark.parametrize("field", ["title", "body"])
def test_an_empty_draft_is_refused_with_all_that_was_typed(
    client: FlaskClient, engineer: StaffUser, at: datetime, field: str
) -> None:
    ticket = solved_ticket(engineer, at)
    form = {"title": "Название", "body": "Набранный текст", "phrases": "слова людей", "language": "ru", field: " "}
    answer = client.post(f"/staff/tickets/{ticket.reference}/article", data=form)
    assert answer.status_code == 422
    assert "слова людей" in answer.text


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("раз\nдва", "раз\nдва"),
        ("раз\n\nдва", "раз\nдва"),
        (r"C:\Users\[имя]\x_y_z", r"C:\Users\[имя]\x_y_z"),
        (r"\\[узел]\обмен", r"\\[узел]\обмен"),
        ("# не заголовок", "# не заголовок"),
        ("a*b*c и **д**", "a*b*c и **д**"),
        ("1. раз\n2. два", "раз\nдва"),
        ("- раз\n- два", "раз\nдва"),
        ("<b>тег</b>", "<b>тег</b>"),
    ],
)
def test_plain_text_looks_the_same_as_markdown(plain: str, shown: str) -> None:
    assert to_text(as_markdown(plain)) == shown
