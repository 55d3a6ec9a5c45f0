"""A form with a secret comes back once, without JavaScript too, and nothing of it is lost or stored meanwhile."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb.models import SearchSession
from supportapp.mailbox.reading import limits
from supportapp.tickets import operations
from supportapp.tickets.links import AnswerPurpose, make_link
from supportapp.tickets.models import Message, Ticket
from tests.factories import make_staff, make_ticket
from tests.guard.outlook import file, saved_by_outlook
from tests.guard.samples import PKCS8_KEY, PKCS12, archive, pem, saved_mail
from tests.portal.people import mails, problem_of, seen, sign_in
from tests.portal.test_ticket_acts import act, reply
from tests.portal.test_ticket_form import send, token_in, value_of
from tests.portal.test_uploads import upload

PIN = "Не открывается контейнер, пин 12345678. Что делать?"
KEY = pem("PRIVATE KEY", PKCS8_KEY)


def digest_in(answer: Any) -> str:
    found = re.search(r'name="secrets_agreed" value="(\w*)"', answer.text)
    assert found
    return found[1]


def test_a_ticket_with_a_pin_comes_back_with_all_that_was_typed(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, body=PIN, product_version="5.0 R3", files=[(io.BytesIO(b"log"), "a.log")])
    assert answer.status_code == 422
    assert "Похоже, здесь есть секретные данные" in seen(answer)
    assert "«Что происходит»: пин-код — пин ••••" in seen(answer)
    assert db.session.query(Ticket).count() == 0
    assert (value_of(answer, "body"), value_of(answer, "product_version")) == (PIN, "5.0 R3")
    assert "a.log" in seen(answer)
    assert [stored.name for stored in db.session.query(StoredFile)] == ["a.log"]


def test_remove_and_send_is_the_one_extra_step(client: FlaskClient) -> None:
    sign_in(client)
    token = token_in(send(client, body=PIN))
    answer = send(client, body=PIN, form_token=token, secrets="remove")
    assert answer.status_code == 200
    [message] = db.session.query(Message)
    assert message.body == "Не открывается контейнер, пин [удалено: пин-код]. Что делать?"
    assert message.secrets == ""


def test_send_as_it_is_marks_the_message_for_staff(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, body=PIN, secrets="keep")
    assert answer.status_code == 200
    [message] = db.session.query(Message)
    assert (message.body, message.secrets) == (PIN, "pin")


def test_the_choice_is_remembered_when_the_form_comes_back_for_another_reason(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, body=PIN, subject="", secrets="keep")
    assert problem_of(answer, "subject")
    agreed = digest_in(answer)
    assert agreed
    assert send(client, body=PIN, secrets_agreed=agreed).status_code == 200
    assert db.session.query(Ticket).count() == 1
    again = send(client, body=f"{PIN} пароль: Qwe123", secrets_agreed=agreed)
    assert "пароль" in seen(again)
    assert db.session.query(Ticket).count() == 1


def test_a_secret_in_the_subject_never_reaches_a_mail(client: FlaskClient) -> None:
    sign_in(client)
    send(client, subject="Пин 12345678 не подходит", secrets="keep")
    [ticket] = db.session.query(Ticket)
    assert ticket.subject == "Пин [удалено: пин-код] не подходит"
    assert all("12345678" not in mail.subject + mail.text_body for mail in mails())


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("key.pfx", PKCS12, "контейнер с закрытым ключом"),
        ("письмо.txt", KEY, "закрытый ключ"),
        ("logs.zip", archive("a.log", "anna.000/header.key"), "контейнер с закрытым ключом"),
        ("письмо.eml", saved_mail("key.pfx", PKCS12), "контейнер с закрытым ключом"),
        ("письмо.msg", saved_by_outlook(file("key.pfx", PKCS12)), "контейнер с закрытым ключом"),
        ("пересланное.EML", saved_mail("письмо.eml", saved_mail("ключ.txt", KEY)), "закрытый ключ"),
    ],
)
def test_a_file_with_a_key_is_not_kept_and_the_others_are(
    client: FlaskClient, name: str, data: bytes, kind: str
) -> None:
    sign_in(client)
    answer = send(client, files=[(io.BytesIO(data), name), (io.BytesIO(b"log"), "a.log")])
    assert answer.status_code == 422
    assert f"Файл {name}: {kind}. Он не сохранён." in seen(answer)
    assert [stored.name for stored in db.session.query(StoredFile)] == ["a.log"]
    answer = send(client, form_token=token_in(answer), secrets="remove", refused_file=name)
    assert answer.status_code == 200
    [message] = db.session.query(Message)
    assert [stored.name for stored in message.files] == ["a.log"]


def test_a_saved_mail_without_secrets_is_kept(client: FlaskClient) -> None:
    sign_in(client)
    assert send(client, files=[(io.BytesIO(saved_mail("a.log", b"10:00 start")), "письмо.eml")]).status_code == 200
    assert db.session.query(StoredFile).one().secret == ""


def test_a_bomb_of_mails_in_a_mail_is_looked_into_no_deeper_than_one_that_comes_by_mail(client: FlaskClient) -> None:
    sign_in(client)
    mail = saved_mail("key.pfx", PKCS12)
    for _level in range(limits.MAIL_DEPTH):
        mail = saved_mail("письмо.eml", mail)
    assert send(client, files=[(io.BytesIO(mail), "письмо.eml")]).status_code == 200


def test_who_insists_chooses_the_file_again_and_it_is_marked(client: FlaskClient) -> None:
    sign_in(client)
    token = token_in(send(client, files=[(io.BytesIO(PKCS12), "key.pfx")]))
    forgotten = send(client, form_token=token, secrets="keep", refused_file="key.pfx")
    assert "Выберите его здесь ещё раз" in problem_of(forgotten, "files")
    sent = send(
        client, form_token=token, secrets="keep", refused_file="key.pfx", files=[(io.BytesIO(PKCS12), "key.pfx")]
    )
    assert sent.status_code == 200
    [stored] = db.session.query(StoredFile)
    assert (stored.name, stored.secret) == ("key.pfx", "key_container")


def test_a_script_is_told_at_the_file_and_may_insist(client: FlaskClient) -> None:
    sign_in(client)
    answer = upload(client, PKCS12, "key.pfx")
    assert (answer.status_code, answer.json["reason"]) == (422, "secret_file")
    assert "контейнер с закрытым ключом" in answer.json["error"]
    assert db.session.query(StoredFile).count() == 0
    data = {"draft": "form-1", "secrets": "keep", "file": (io.BytesIO(PKCS12), "key.pfx")}
    assert client.post("/uploads", data=data).status_code == 201
    assert db.session.query(StoredFile).one().secret == "key_container"


def test_a_reply_and_a_reopening_ask_too(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    answer = reply(client, ticket, PIN)
    assert (answer.status_code, len(ticket.messages)) == (422, 1)
    assert "Похоже, здесь есть секретные данные" in seen(answer)
    assert value_of(answer, "body") == PIN
    reply(client, ticket, PIN, secrets="remove")
    assert "[удалено: пин-код]" in ticket.messages[-1].body
    act(client, ticket, "withdrawal")
    answer = act(client, ticket, "reopening", body=PIN)
    assert (answer.status_code, ticket.is_open) == (422, False)
    assert "Похоже, здесь есть секретные данные" in seen(answer)
    act(client, ticket, "reopening", body=PIN, secrets="remove")
    assert ticket.is_open


def test_an_answer_by_a_link_from_a_mail_asks_too(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket()
    operations.propose_solution(ticket, "Обновите программу.", by=make_staff(), at=at)
    operations.mark_seen(ticket, by=ticket.customer, at=at)
    path = make_link(ticket, AnswerPurpose.NOT_SOLVED, at=at).removeprefix("http://localhost")
    answer = client.post(path, data={"body": PIN})
    assert "Похоже, здесь есть секретные данные" in seen(answer)
    assert len(ticket.messages) == 2
    client.post(path, data={"body": PIN, "secrets": "remove"})
    assert "[удалено: пин-код]" in ticket.messages[-1].body


def test_what_was_let_through_is_left_out_of_mails(client: FlaskClient, at: datetime) -> None:
    engineer = make_staff()
    ticket = make_ticket(sign_in(client))
    operations.take(ticket, by=engineer, at=at)
    reply(client, ticket, PIN, secrets="keep")
    operations.reply(ticket, "Ваш пароль: Qwe123rty", by=engineer, at=at)
    quoted = [mail for mail in mails() if mail.kind in ("staff_ticket_replied", "ticket_replied")]
    assert len(quoted) == 2
    for mail in quoted:
        for secret in ("12345678", "Qwe123rty"):
            assert secret not in mail.text_body + (mail.html_body or "") + mail.subject
        assert "[удалено:" in mail.text_body


def test_what_is_searched_for_is_kept_without_secrets(client: FlaskClient) -> None:
    sign_in(client)
    send(client, body=PIN, secrets="keep")
    assert all("12345678" not in session.query for session in db.session.query(SearchSession))


def test_a_calm_text_with_codes_is_not_held_up(client: FlaskClient) -> None:
    sign_in(client)
    text = (
        "Ошибка 0x80090016, забыл пароль от кабинета, тел. +7 (495) 123-45-67, сборка 5.0.12455, обращение TP-000123."
    )
    assert send(client, body=text).status_code == 200
    assert db.session.query(Message).one().secrets == ""
