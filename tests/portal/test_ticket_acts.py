"""What a customer does with a ticket on its page."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.files.models import StoredFile
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import LOWEST_PRIORITY, CloseReason, Status
from tests.factories import make_certificate, make_customer, make_registration, make_staff, make_ticket
from tests.files.samples import HTML
from tests.portal.people import mails, problem_of, seen, sign_in
from tests.portal.test_ticket_form import token_in


def act(client: FlaskClient, ticket: Ticket, name: str, **data: Any) -> Any:
    return client.post(f"/tickets/{ticket.reference}/{name}", data=data, follow_redirects=True)


def reply(client: FlaskClient, ticket: Ticket, body: str, **data: Any) -> Any:
    address = f"/tickets/{ticket.reference}/replies"
    return client.post(address, data={"body": body, **data}, content_type="multipart/form-data", follow_redirects=True)


def awaiting(client: FlaskClient, at: datetime) -> Ticket:
    """A ticket of the signed-in customer whose solution he has received."""
    ticket: Ticket = make_ticket(sign_in(client))
    operations.propose_solution(ticket, "Обновите программу.", by=make_staff(), at=at)
    operations.mark_seen(ticket, by=ticket.customer, at=at)
    return ticket


def test_a_reply_joins_the_conversation_with_its_files(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    answer = reply(client, ticket, "Не помогло.", files=[(io.BytesIO(b"log"), "a.log")])
    assert "Ответ отправлен." in seen(answer)
    assert "Не помогло." in seen(answer)
    assert "a.log" in seen(answer)
    assert ticket.status is Status.IN_PROGRESS
    assert "Дело за нами" in seen(answer)


def test_an_empty_reply_is_told_and_keeps_its_file(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    answer = reply(client, ticket, "  ", files=[(io.BytesIO(b"log"), "a.log")])
    assert answer.status_code == 422
    assert problem_of(answer, "body") == "Напишите ответ."
    assert "a.log" in seen(answer)
    reply(client, ticket, "Вот журнал.", form_token=token_in(answer))
    assert [stored.name for stored in ticket.messages[-1].files] == ["a.log"]


def test_a_reply_with_a_disguised_file_keeps_its_text(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    answer = reply(client, ticket, "Вот снимок.", files=[(io.BytesIO(HTML), "снимок.png")])
    assert answer.status_code == 422
    assert "снимок.png" in problem_of(answer, "files")
    assert "Вот снимок.</textarea>" in answer.text
    assert ticket.status is Status.SOLUTION_PROPOSED


def test_a_reply_that_is_too_long_is_kept(client: FlaskClient, at: datetime) -> None:
    answer = reply(client, awaiting(client, at), "т" * 100_001)
    assert "Знаков в тексте: 100001" in problem_of(answer, "body")
    assert "т" * 100_001 in answer.text


def test_a_double_click_says_it_once(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    log = lambda: [(io.BytesIO(b"log"), "a.log")]  # noqa: E731
    reply(client, ticket, "Не помогло.", form_token="same", files=log())
    again = reply(client, ticket, "Не помогло.", form_token="same", files=log())
    assert "Ответ отправлен." in seen(again)
    assert [message.body for message in ticket.messages].count("Не помогло.") == 1


def test_the_same_words_may_be_said_later(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    reply(client, ticket, "Что нового?")
    with clock.frozen(at + timedelta(hours=2)):
        reply(client, ticket, "Что нового?")
    assert [message.body for message in ticket.messages].count("Что нового?") == 2


def test_a_reply_on_a_merged_ticket_lands_in_the_other_one(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    source, target = make_ticket(customer), make_ticket(customer)
    operations.merge(source, target, by=make_staff(), at=at)
    answer = reply(client, source, "Ещё одно.")
    assert f"Ваш ответ добавлен в {target.reference}" in seen(answer)
    assert target.messages[-1].body == "Ещё одно."


def test_a_reply_to_a_ticket_that_was_closed_meanwhile_is_offered_for_reopening(
    client: FlaskClient, at: datetime
) -> None:
    ticket = awaiting(client, at)
    operations.close(ticket, "Решено по телефону.", by=make_staff(), at=at)
    answer = reply(client, ticket, "Ещё вопрос.")
    assert answer.status_code == 422
    assert f"Обращение {ticket.reference} закрыто." in seen(answer)
    assert "Ещё вопрос.</textarea>" in answer.text
    assert f'action="/tickets/{ticket.reference}/reopening"' in answer.text


def test_accepting_the_solution_closes_the_ticket_as_solved(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    answer = act(client, ticket, "acceptance")
    assert "Спасибо! Обращение закрыто как решённое." in seen(answer)
    assert ticket.close_reason is CloseReason.SOLVED
    assert mails("ticket_closed_solved")


def test_an_act_on_a_ticket_that_is_closed_already_is_told(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    act(client, ticket, "acceptance")
    for name in ("acceptance", "withdrawal"):
        assert f"Обращение {ticket.reference} закрыто." in seen(act(client, ticket, name))
    assert len(mails("ticket_closed_solved")) == 1


def test_withdrawing_stands_behind_a_question(client: FlaskClient) -> None:
    ticket = make_ticket(sign_in(client))
    assert "Отозвать обращение Если ответ больше не нужен" in seen(client.get(f"/tickets/{ticket.reference}"))
    assert "Обращение отозвано." in seen(act(client, ticket, "withdrawal"))
    assert ticket.close_reason is CloseReason.WITHDRAWN


def test_more_time_is_given_once_and_the_new_day_is_named(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    answer = act(client, ticket, "extension")
    assert "Обращение останется открытым до 30 ноября 2026 (понедельник) включительно." in seen(answer)
    assert "По вашей просьбе добавлены ещё три рабочих дня." in seen(answer)
    assert "/extension" not in answer.text
    assert "Дополнительное время вы уже брали." in seen(act(client, ticket, "extension"))


def test_a_closed_ticket_is_reopened_with_words(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    act(client, ticket, "acceptance")
    answer = act(client, ticket, "reopening", body="Снова не работает.")
    assert "Обращение снова открыто" in seen(answer)
    assert "Снова не работает." in seen(answer)
    assert ticket.status is Status.IN_PROGRESS


def test_a_ticket_is_reopened_without_words_too(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    said = len(ticket.messages)
    act(client, ticket, "acceptance")
    act(client, ticket, "reopening")
    assert (ticket.status, len(ticket.messages)) == (Status.IN_PROGRESS, said)


def test_too_late_to_reopen_is_told_and_leads_to_a_new_ticket(client: FlaskClient, at: datetime) -> None:
    ticket = awaiting(client, at)
    act(client, ticket, "acceptance")
    with clock.frozen(at + timedelta(days=15)):
        sign_in(client, ticket.customer)
        page = client.get(f"/tickets/{ticket.reference}")
        answer = act(client, ticket, "reopening", body="Снова не работает.")
    assert "в течение 14 дней после закрытия; этот срок прошёл" in seen(page)
    assert "/tickets/new?subject=" in page.text
    assert answer.status_code == 422
    assert "Отправьте, пожалуйста, новое" in seen(answer)
    assert "Снова не работает.</textarea>" in answer.text
    assert ticket.status is Status.CLOSED


def test_a_certificate_chosen_later_gives_its_priority(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    ticket = make_ticket(customer)
    certificate = make_registration(customer, make_certificate(number="СП-9")).certificate
    assert ticket.priority == LOWEST_PRIORITY
    page = client.get(f"/tickets/{ticket.reference}")
    assert "Обращение получит приоритет и сроки выбранного сертификата" in seen(page)
    answer = act(client, ticket, "certificate", certificate=str(certificate.id))
    assert "Обращение переведено на выбранный сертификат" in seen(answer)
    assert "Обращение переведено на сертификат СП-9" in seen(answer)
    assert "Первый ответ не позднее: 23 ноября, 13:00" in seen(answer)
    assert ticket.priority == 20


@pytest.mark.parametrize("chosen", ["{foreign}", "9" * 19])
def test_a_foreign_certificate_cannot_be_chosen(client: FlaskClient, chosen: str) -> None:
    ticket = make_ticket(sign_in(client))
    foreign = make_registration(make_customer()).certificate
    answer = act(client, ticket, "certificate", certificate=chosen.format(foreign=foreign.id))
    assert "Этого сертификата нет среди ваших." in seen(answer)
    assert ticket.certificate is None


@pytest.mark.parametrize("chosen", ["", "x", "0", "9" * 30])
def test_no_choice_of_a_certificate_is_told(client: FlaskClient, chosen: str) -> None:
    ticket = make_ticket(sign_in(client))
    assert "Сначала выберите сертификат." in seen(act(client, ticket, "certificate", certificate=chosen))


def test_an_expired_certificate_cannot_be_chosen_for_a_ticket(client: FlaskClient) -> None:
    customer = sign_in(client)
    ticket = make_ticket(customer)
    expired = make_registration(customer, make_certificate(valid_to=date(2026, 11, 1))).certificate
    assert f'value="{expired.id}"' not in client.get(f"/tickets/{ticket.reference}").text
    answer = act(client, ticket, "certificate", certificate=str(expired.id))
    assert "1 ноября 2026" in seen(answer)
    assert ticket.certificate is None


def test_words_that_arrive_after_the_session_ended_are_shown_back(client: FlaskClient) -> None:
    ticket = make_ticket()
    answer = reply(client, ticket, "Очень длинный и продуманный ответ инженеру.")
    assert answer.status_code == 400
    assert "Очень длинный и продуманный ответ инженеру." in seen(answer)
    assert f'href="/tickets/{ticket.reference}/replies"' in answer.text


def test_a_file_of_a_refused_reply_is_nobody_elses(client: FlaskClient, at: datetime) -> None:
    from supportapp.extensions import db

    ticket = awaiting(client, at)
    reply(client, ticket, "", files=[(io.BytesIO(b"log"), "a.log")])
    stored = db.session.query(StoredFile).one()
    client.post("/sign-out")
    sign_in(client)
    assert client.get(f"/files/{stored.public_id}").status_code == 404
