"""What was sent can be taken back until it leaves; drafts outlive the page; nothing is overwritten silently."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.desk.jobs import sweep_held
from supportapp.tickets.desk.models import HeldAct, ReplyDraft
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import Status
from tests.factories import mails, make_staff, make_ticket
from tests.staff.conftest import SignIn
from tests.staff.test_ticket_page import address, composed, hidden

Wait = Callable[[int], None]


@pytest.fixture(autouse=True)
def ten_seconds(undo_seconds: Wait, roles: None) -> None:
    undo_seconds(10)


def sent(client: FlaskClient, ticket: Ticket, act: str = "solutions", **fields: Any) -> HeldAct:
    form = composed(client, ticket, **{"body": "Обновите до 5.1.", **fields})
    assert client.post(address(ticket, act), data=form).status_code == 303
    return db.session.query(HeldAct).one()


def test_until_it_leaves_nothing_has_happened(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    before = len(mails())
    sent(client, ticket)
    assert (len(ticket.messages), ticket.status, len(mails())) == (1, Status.NEW, before)
    page = client.get(address(ticket)).text
    for words in ("ещё не отправлено", "Обновите до 5.1.", "Вернуть", "Отправить сейчас"):
        assert words in page
    assert 'id="composer"' not in page


def test_who_looks_after_the_ten_seconds_lets_it_go_once(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    sent(client, ticket)
    with clock.frozen(at + timedelta(seconds=10)):
        page = client.get(address(ticket), follow_redirects=True).text
        assert "alert-success" in page
        client.get(address(ticket))
        sweep_held()
    assert [message.body for message in ticket.messages[1:]] == ["Обновите до 5.1."]
    assert ticket.status is Status.SOLUTION_PROPOSED
    assert db.session.query(ReplyDraft).count() == 0


def test_the_sweep_lets_go_what_nobody_looked_at(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    sent(client, ticket, "replies")
    with clock.frozen(at + timedelta(seconds=9)):
        sweep_held()
    assert len(ticket.messages) == 1
    with clock.frozen(at + timedelta(minutes=1)):
        sweep_held()
        sweep_held()
    db.session.expire_all()
    assert len(ticket.messages) == 2


def test_what_is_taken_back_stands_in_the_composer_with_its_files(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    held = sent(client, ticket, files=[(io.BytesIO(b"line\n"), "trace.log")])
    page = client.post(address(ticket, f"held/{held.id}/undoing"), follow_redirects=True).text
    assert "Обновите до 5.1.</textarea>" in page
    assert "trace.log" in page
    assert db.session.query(HeldAct).count() == 0
    again = sent(client, ticket, draft=hidden(page, "draft"))
    client.post(address(ticket, f"held/{again.id}/sending"))
    assert [file.name for file in ticket.messages[-1].files] == ["trace.log"]


def test_what_has_left_is_not_taken_back(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    held = sent(client, ticket)
    key = held.id
    client.post(address(ticket, f"held/{key}/sending"))
    answer = client.post(address(ticket, f"held/{key}/undoing"))
    assert answer.status_code == 422
    assert "вернуть его нельзя" in answer.text
    assert len(ticket.messages) == 2


def test_nobody_takes_back_or_hurries_what_a_colleague_sent(client: FlaskClient, sign_in: SignIn, at: datetime) -> None:
    ticket = make_ticket()
    sign_in("Engineer")
    held = sent(client, ticket)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = make_staff("Engineer").get_id()
    assert client.post(address(ticket, f"held/{held.id}/undoing")).status_code == 422
    client.post(address(ticket, f"held/{held.id}/sending"))
    assert len(ticket.messages) == 1
    assert db.session.query(HeldAct).count() == 1
    assert "отправляет" in client.get(address(ticket)).text


def test_when_the_customer_was_quicker_nothing_leaves_and_the_author_is_told(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    sent(client, ticket)
    operations.reply(ticket, "Уже решил сам!", by=ticket.customer, at=at)
    with clock.frozen(at + timedelta(seconds=11)):
        page = client.get(address(ticket), follow_redirects=True).text
    assert [message.body for message in ticket.messages][-1] == "Уже решил сам!"
    for words in ("Пользователь ничего не получил", "Обновите до 5.1.</textarea>", "Новое с тех пор", "fresh"):
        assert words in page, words
    assert [mail.recipient for mail in mails("staff_act_returned")] == [engineer.email]


def test_what_was_held_for_a_ticket_that_closed_is_a_draft_again(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    sent(client, ticket)
    operations.withdraw(ticket, by=ticket.customer, at=at)
    db.session.commit()
    with clock.frozen(at + timedelta(seconds=11)):
        sweep_held()
    assert db.session.query(ReplyDraft).one().body == "Обновите до 5.1."
    assert "Обновите до 5.1.</textarea>" in client.get(address(ticket)).text


def test_a_second_message_waits_until_the_first_has_left(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    form = composed(client, ticket, body="Второе")
    sent(client, ticket)
    answer = client.post(address(ticket, "replies"), data=form)
    assert answer.status_code == 422
    assert "ещё не ушло" in answer.text
    assert db.session.query(HeldAct).one().body == "Обновите до 5.1."


def test_a_bad_message_is_refused_at_once_and_not_ten_seconds_later(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    assert client.post(address(ticket, "replies"), data=composed(client, ticket, body=" ")).status_code == 422
    assert db.session.query(HeldAct).count() == 0


def test_a_note_needs_no_taking_back(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    client.post(address(ticket, "notes"), data=composed(client, ticket, body="Для своих"))
    assert ticket.messages[-1].body == "Для своих"
    assert ticket.assignee is None


def test_who_answers_an_untaken_ticket_takes_it_unless_he_says_no(
    client: FlaskClient, engineer: StaffUser, undo_seconds: Wait
) -> None:
    undo_seconds(0)
    taken, left = make_ticket(), make_ticket()
    assert 'name="take" value="1" checked' in client.get(address(taken)).text
    client.post(address(taken, "replies"), data=composed(client, taken, body="Беру", take="1"))
    client.post(address(left, "replies"), data=composed(client, left, body="Не беру"))
    assert taken.assignee is not None
    assert taken.assignee.id == engineer.id
    assert left.assignee is None
    assert len(mails("ticket_in_progress")) == 0


def test_a_draft_is_kept_while_typing_and_is_nobody_elses(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    form = composed(client, ticket, body="Недописан", kind="notes", revision=0)
    assert client.post(address(ticket, "draft/keeping"), data=form).json["revision"] == 1  # type: ignore[index]
    page = client.get(address(ticket)).text
    assert "Недописан</textarea>" in page
    assert 'data-kind="notes"' in page
    with client.session_transaction() as cookie:
        cookie["_user_id"] = make_staff("Engineer").get_id()
    assert "Недописан" not in client.get(address(ticket)).text


def test_an_old_window_does_not_write_over_a_newer_draft(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    form = composed(client, ticket, body="Первое окно", revision=0)
    client.post(address(ticket, "draft/keeping"), data=form)
    client.post(address(ticket, "draft/keeping"), data=form | {"body": "Второе окно", "revision": 1})
    for revision in (0, 1):
        answer = client.post(address(ticket, "draft/keeping"), data=form | {"revision": revision})
        assert answer.status_code == 409
        assert "в другом окне" in answer.json["error"]  # type: ignore[index]
    assert db.session.query(ReplyDraft).one().body == "Второе окно"


def test_a_draft_goes_with_its_sending_its_emptying_and_its_discarding(
    client: FlaskClient, engineer: StaffUser
) -> None:
    ticket = make_ticket()
    form = composed(client, ticket, body="Текст", revision=0)
    for leave in (
        lambda: client.post(address(ticket, "notes"), data=form),
        lambda: client.post(address(ticket, "draft/keeping"), data=form | {"body": " ", "revision": 1}),
        lambda: client.post(address(ticket, "draft/removal")),
    ):
        assert client.post(address(ticket, "draft/keeping"), data=form).status_code == 200
        leave()
        assert db.session.query(ReplyDraft).count() == 0


def test_a_secret_is_not_kept_in_a_draft(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----"
    form = composed(client, ticket, body=key, revision=0)
    assert client.post(address(ticket, "draft/keeping"), data=form).status_code == 409
    assert db.session.query(ReplyDraft).count() == 0


def test_what_a_stopped_sending_shows_can_be_sent_anyway(
    client: FlaskClient, engineer: StaffUser, at: datetime, undo_seconds: Wait
) -> None:
    undo_seconds(0)
    ticket = make_ticket()
    form = composed(client, ticket, body="Мой ответ")
    operations.reply(ticket, "Добавлю журнал", by=ticket.customer, at=at)
    page = client.post(address(ticket, "requests"), data=form).text
    for words in ("Всё равно отправить", "Вернуться к тексту", "Мой ответ</textarea>", "fresh", "Добавлю журнал"):
        assert words in page, words
    assert "Мой ответ</textarea>" in client.get(address(ticket)).text  # kept, whatever happens to the page
