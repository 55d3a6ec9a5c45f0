"""Customers are asked whether they are satisfied, calmly: on the page, once a closing, and never by mail."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.links import AnswerPurpose
from supportapp.tickets.models import Ticket
from supportapp.tickets.opinions import Opinion, give_opinion, opinions_on
from supportapp.tickets.rules import Satisfied
from tests.factories import deliver_mails, make_customer, make_staff, make_ticket
from tests.portal.people import mails, seen, sign_in
from tests.portal.test_answer import asked, closed, path

QUESTION = "Вы довольны тем, как решили ваш вопрос?"


def said() -> list[tuple[Satisfied, str]]:
    return [(one.answer, one.comment) for one in db.session.query(Opinion).order_by(Opinion.id)]


def test_the_page_of_a_solved_ticket_asks_and_the_answer_can_be_changed(client: FlaskClient, at: datetime) -> None:
    ticket = closed(at)
    sign_in(client, ticket.customer)
    page, written = client.get(f"/tickets/{ticket.reference}"), len(mails())
    assert QUESTION in seen(page)
    address = f"/tickets/{ticket.reference}/opinion"
    answer = client.post(address, data={"answer": "partly", "comment": " Долго, но помогли. "})
    assert answer.headers["Location"] == f"/tickets/{ticket.reference}#opinion"
    page = client.get(f"/tickets/{ticket.reference}")
    assert "Отчасти" in seen(page)
    assert "Изменить ответ" in seen(page)
    client.post(address, data={"answer": "no", "comment": ""})
    assert said() == [(Satisfied.NO, "")]
    assert len(mails()) == written


def test_a_ticket_that_closed_by_itself_is_asked_about(client: FlaskClient, at: datetime) -> None:
    ticket = asked(at)
    deliver_mails(at=at)
    late = at + timedelta(days=20)
    operations.warn(ticket, at=at + timedelta(days=4))
    deliver_mails(at=at + timedelta(days=4))
    assert operations.close_unanswered(ticket, at=late)
    with clock.frozen(late):
        sign_in(client, ticket.customer)
        assert QUESTION in seen(client.get(f"/tickets/{ticket.reference}"))


def test_nobody_is_asked_about_an_open_or_a_withdrawn_ticket(client: FlaskClient, at: datetime) -> None:
    customer = make_customer()
    withdrawn, still_open, by_staff = make_ticket(customer), make_ticket(customer), make_ticket(customer)
    operations.withdraw(withdrawn, by=customer, at=at)
    operations.close(by_staff, "Готово.", by=make_staff(), at=at)
    sign_in(client, customer)
    for ticket in (withdrawn, still_open, by_staff):
        assert QUESTION not in seen(client.get(f"/tickets/{ticket.reference}"))
        answer = client.post(f"/tickets/{ticket.reference}/opinion", data={"answer": "yes"})
        assert answer.status_code == 422
    assert said() == []


def test_each_closing_is_asked_about_anew(session: object, at: datetime) -> None:
    ticket = closed(at)
    give_opinion(ticket, Satisfied.NO, "Не помогло", by=ticket.customer, at=at)
    operations.reopen(ticket, by=ticket.customer, at=at + timedelta(hours=1))
    with pytest.raises(Refused, match="not_asked"):
        give_opinion(ticket, Satisfied.YES, "", by=ticket.customer, at=at + timedelta(hours=1))
    operations.accept_solution(ticket, by=ticket.customer, at=at + timedelta(hours=2))
    give_opinion(ticket, Satisfied.YES, "", by=ticket.customer, at=at + timedelta(hours=2))
    assert [one.answer for one in opinions_on(ticket)] == [Satisfied.YES, Satisfied.NO]


def test_a_stranger_says_nothing(session: object, client: FlaskClient, at: datetime) -> None:
    ticket, stranger = closed(at), make_customer()
    with pytest.raises(NotFound):
        give_opinion(ticket, Satisfied.NO, "", by=stranger, at=at)
    sign_in(client, stranger)
    assert client.post(f"/tickets/{ticket.reference}/opinion", data={"answer": "no"}).status_code == 404


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"comment": "Долго ждали"}, "Выберите один из трёх ответов"),
        ({"answer": "great", "comment": "Долго ждали"}, "Долго ждали"),
        ({"answer": "no", "comment": "Долго ждали " * 300}, "Долго ждали"),
        ({"answer": "no", "comment": "Долго ждали, пароль: Gx7!kLm2pQ"}, "Gx7"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_everything_typed(
    client: FlaskClient, at: datetime, form: dict[str, str], words: str
) -> None:
    ticket = closed(at)
    sign_in(client, ticket.customer)
    answer = client.post(f"/tickets/{ticket.reference}/opinion", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Долго ждали" in answer.text
    assert said() == []


def test_after_the_signed_link_the_question_needs_no_sign_in(client: FlaskClient, at: datetime) -> None:
    ticket = asked(at)
    done = client.post(path(ticket, AnswerPurpose.SOLVED, at), follow_redirects=True)
    assert QUESTION in seen(done)
    answer = client.post("/answered/opinion", data={"answer": "yes", "comment": "Спасибо"}, follow_redirects=True)
    assert "Спасибо за ответ" in seen(answer)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert said() == [(Satisfied.YES, "Спасибо")]
    wrong = client.post("/answered/opinion", data={"comment": "Ещё"})
    assert (wrong.status_code, "Ещё" in wrong.text) == (422, True)


def test_after_the_signed_link_the_answer_needs_the_pages_own_token(
    app: Flask, client: FlaskClient, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over https there is no referrer, which the global check insists on: the form checks its token itself."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    ticket = asked(at)
    page = client.get(path(ticket, AnswerPurpose.SOLVED, at), base_url="https://localhost").text
    press = {"csrf_token": re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.partition("<main")[2])[0]}
    client.post(path(ticket, AnswerPurpose.SOLVED, at), data=press, base_url="https://localhost")
    page = client.get("/answered", base_url="https://localhost").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.partition("<main")[2])[0]
    refused = client.post("/answered/opinion", data={"answer": "yes"}, base_url="https://localhost")
    assert (refused.status_code, said()) == (422, [])
    client.post("/answered/opinion", data={"answer": "yes", "csrf_token": token}, base_url="https://localhost")
    assert said() == [(Satisfied.YES, "")]


def test_other_links_and_no_link_at_all_ask_nothing(client: FlaskClient, at: datetime) -> None:
    ticket: Ticket = asked(at)
    assert client.post("/answered/opinion", data={"answer": "yes"}).status_code == 303
    done = client.post(path(ticket, AnswerPurpose.NOT_SOLVED, at), follow_redirects=True)
    assert QUESTION not in seen(done)
    client.post("/answered/opinion", data={"answer": "yes"})
    assert said() == []
