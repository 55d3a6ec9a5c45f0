"""A closing and a merging can be taken back like a message: until they leave, nothing has happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets import operations
from supportapp.tickets.desk.drafts import find_draft, keep_draft
from supportapp.tickets.desk.jobs import sweep_held
from supportapp.tickets.desk.models import HeldAct, ReplyDraft
from supportapp.tickets.desk.tags import add_tag
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason
from tests.factories import mails, make_customer, make_staff, make_ticket
from tests.staff.test_ticket_page import address, composed, hidden

REASON = "Дубль письма, отвечаем в другом обращении."


@pytest.fixture(autouse=True)
def ten_seconds(undo_seconds: Callable[[int], None], roles: None) -> None:
    undo_seconds(10)


def held(client: FlaskClient, ticket: Ticket, act: str, **fields: Any) -> HeldAct:
    seen = hidden(client.get(address(ticket)).text, "seen_version")
    assert client.post(address(ticket, act), data={"seen_version": seen, **fields}).status_code == 303
    return db.session.query(HeldAct).one()


def wait(at: datetime, seconds: int = 11) -> None:
    with clock.frozen(at + timedelta(seconds=seconds)):
        sweep_held()
    db.session.expire_all()


def test_a_closing_waits_and_then_closes_once(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    held(client, ticket, "closure", note=REASON)
    page = client.get(address(ticket)).text
    for words in ("Закрытие — ещё не отправлено", REASON, "Вернуть", "Отправить сейчас"):
        assert words in page
    assert 'id="note"' not in page
    assert ticket.is_open
    assert mails("ticket_closed_by_staff") == []
    wait(at)
    wait(at)
    assert (ticket.close_reason, ticket.close_note) == (CloseReason.BY_STAFF, REASON)
    assert len(mails("ticket_closed_by_staff")) == 1
    assert db.session.query(ReplyDraft).count() == 0


def test_a_closing_that_is_taken_back_leaves_its_reason_in_the_form(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket = make_ticket()
    keep_draft(ticket, "Письмо, ещё не готово", by=engineer, at=at, token="my0form")
    act = held(client, ticket, "closure", note=REASON)
    page = client.post(address(ticket, f"held/{act.id}/undoing"), follow_redirects=True).text
    assert "Возвращено" in page
    assert f"{REASON}</textarea>" in page
    assert "Письмо, ещё не готово</textarea>" in page
    wait(at)
    assert ticket.is_open
    held(client, ticket, "closure", note=REASON)
    wait(at)
    assert not ticket.is_open
    draft = find_draft(ticket, engineer)
    assert draft is not None
    assert (draft.body, draft.note) == ("Письмо, ещё не готово", "")


def test_a_closing_can_leave_at_once(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    act = held(client, ticket, "closure", note=REASON)
    page = client.post(address(ticket, f"held/{act.id}/sending"), follow_redirects=True).text
    assert "пользователю сообщена причина" in page
    assert not ticket.is_open


def test_a_closing_without_a_reason_is_refused_at_once(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    answer = client.post(address(ticket, "closure"), data={"note": " "})
    assert answer.status_code == 422
    assert db.session.query(HeldAct).count() == 0


def test_the_customer_was_quicker_than_the_closing(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    held(client, ticket, "closure", note=REASON)
    operations.reply(ticket, "Подождите, ещё вопрос!", by=ticket.customer, at=at)
    db.session.commit()
    wait(at)
    assert ticket.is_open
    page = client.get(address(ticket)).text
    assert "Отправленное не ушло" in page
    assert f"{REASON}</textarea>" in page
    (letter,) = mails("staff_act_returned")
    assert letter.recipient == engineer.email
    assert "не закрыто, как Вы просили" in letter.text_body
    assert "Причина, которую Вы написали, сохранена" in letter.text_body


def test_a_secret_in_the_reason_is_not_even_held(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----"
    assert "MIIEvQ" not in held(client, ticket, "closure", note=f"Ключ пользователя: {key}").body


def test_a_message_that_has_not_left_yet_comes_before_the_closing(client: FlaskClient, engineer: StaffUser) -> None:
    ticket = make_ticket()
    client.post(address(ticket, "replies"), data=composed(client, ticket, body="Сначала ответ"))
    answer = client.post(address(ticket, "closure"), data={"note": REASON})
    assert answer.status_code == 422
    assert "ещё не ушло" in answer.text
    assert f"{REASON}</textarea>" not in answer.text  # the form waits, too
    assert db.session.query(HeldAct).one().body == "Сначала ответ"


@pytest.fixture
def kept_reason(client: FlaskClient, engineer: StaffUser) -> Ticket:
    """A ticket whose closing was taken back."""
    ticket = make_ticket()
    act = held(client, ticket, "closure", note=REASON)
    client.post(address(ticket, f"held/{act.id}/undoing"))
    return ticket


def test_a_kept_reason_outlives_what_is_written_beside_it(
    client: FlaskClient, kept_reason: Ticket, at: datetime
) -> None:
    ticket = kept_reason
    form = composed(client, ticket, body="Начато", revision=hidden(client.get(address(ticket)).text, "revision"))
    kept = client.post(address(ticket, "draft/keeping"), data=form)
    assert kept.status_code == 200
    emptied = client.post(address(ticket, "draft/keeping"), data=form | {"body": "", "revision": kept.json["revision"]})  # type: ignore[index]
    again = form | {"body": "Снова", "revision": emptied.json["revision"]}  # type: ignore[index]
    assert client.post(address(ticket, "draft/keeping"), data=again).status_code == 200
    client.post(address(ticket, "notes"), data=composed(client, ticket, body="Для своих"))
    client.post(address(ticket, "replies"), data=composed(client, ticket, body="Ответ"))
    wait(at)
    assert [message.body for message in ticket.messages[1:]] == ["Для своих", "Ответ"]
    page = client.get(address(ticket)).text
    assert f"{REASON}</textarea>" in page
    assert "Ответ</textarea>" not in page
    refused = client.post(address(ticket, "replies"), data=composed(client, ticket, body=" "))
    assert f"{REASON}</textarea>" in refused.text
    client.post(address(ticket, "draft/removal"))
    assert REASON not in client.get(address(ticket)).text


def test_a_reason_is_shown_when_a_colleague_has_closed_it_before(
    client: FlaskClient, kept_reason: Ticket, at: datetime
) -> None:
    operations.close(kept_reason, "Решено.", by=make_staff("Engineer"), at=at)
    db.session.commit()
    assert f"<q>{REASON}</q>" in client.get(address(kept_reason)).text


def test_a_note_in_the_margin_stops_nothing_between_two_acts_of_ones_own(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    ticket, colleague = make_ticket(), make_staff("Engineer")
    client.post(address(ticket, "replies"), data=composed(client, ticket, body="Ответ"))
    client.post(address(ticket, "taking"))
    add_tag(ticket, "срочно", by=colleague, at=at)
    operations.assign(ticket, colleague, by=engineer, at=at)
    db.session.commit()
    wait(at)
    assert ticket.messages[-1].body == "Ответ"


def test_what_one_does_oneself_meanwhile_stops_nothing(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    ticket = make_ticket()
    client.post(address(ticket, "replies"), data=composed(client, ticket, body="Ответ"))
    client.post(address(ticket, "taking"))
    client.post(address(ticket, "tags"), data={"tag": "срочно"})
    wait(at)
    assert ticket.messages[-1].body == "Ответ"
    assert mails("staff_act_returned") == []


def test_a_merging_waits_and_can_be_taken_back(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    customer = make_customer()
    source, target = make_ticket(customer), make_ticket(customer)
    act = held(client, source, "merging", target=target.reference)
    page = client.get(address(source)).text
    assert "Объединение — ещё не отправлено" in page
    assert f'С обращением <b class="reference">{target.reference}</b>' in page
    page = client.post(address(source, f"held/{act.id}/undoing"), follow_redirects=True).text
    assert f'id="target" value="{target.reference}"' in page
    wait(at)
    assert source.is_open
    held(client, source, "merging", target=target.reference)
    wait(at)
    assert source.merged_into == target
    assert db.session.query(ReplyDraft).count() == 0


def test_two_that_are_merged_into_each_other_end_in_one(client: FlaskClient, engineer: StaffUser, at: datetime) -> None:
    customer = make_customer()
    first, second = make_ticket(customer), make_ticket(customer)
    held(client, first, "merging", target=second.reference)
    client.post(address(second, "merging"), data={"target": first.reference})
    wait(at)
    assert (first.merged_into, second.is_open) == (second, True)
    (letter,) = mails("staff_act_returned")
    assert second.reference in letter.subject
    assert "не объединено" in letter.text_body
    assert "Отправленное не ушло" in client.get(address(second)).text


def test_several_are_closed_together_and_taken_back_together(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    first, second = make_ticket(), make_ticket()
    form = {"action": "close", "rowid": [first.reference, second.reference], "note": REASON}
    page = client.post("/staff/tickets/action_post", data=form, follow_redirects=True).text
    assert "выполнятся через 10 с" in page
    assert f"Выполнится через несколько секунд: {first.reference}, {second.reference}" in page
    assert "Готово" not in page
    page = client.post("/staff/tickets/several/undoing", follow_redirects=True).text
    assert "Отозвано: 2 обращения остались какими были." in page
    assert f"причина сохранена на странице {first.reference}" in page
    assert f"{REASON}</textarea>" in client.get(address(first)).text
    wait(at)
    assert [first.is_open, second.is_open] == [True, True]
    client.post("/staff/tickets/action_post", data=form)
    wait(at)
    assert [first.close_note, second.close_note] == [REASON, REASON]


def test_several_are_merged_together_and_taken_back_together(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    customer = make_customer()
    target, first, second = (make_ticket(customer) for _ in range(3))
    form = {"action": "merge", "rowid": [first.reference, second.reference], "target": target.reference}
    client.post("/staff/tickets/action_post", data=form)
    client.post("/staff/tickets/several/undoing")
    wait(at)
    assert [first.merged_into, second.merged_into] == [None, None]
    client.post("/staff/tickets/action_post", data=form)
    wait(at)
    assert [first.merged_into, second.merged_into] == [target, target]
