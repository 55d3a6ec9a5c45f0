"""Signed links from mails, without signing in."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.tickets import operations
from supportapp.tickets.links import AnswerPurpose, make_link
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason, Status
from tests.factories import make_customer, make_staff, make_ticket
from tests.portal.people import mails, seen

ALL = list(AnswerPurpose)
IN_WAITING = [AnswerPurpose.SOLVED, AnswerPurpose.MORE_TIME, AnswerPurpose.NOT_SOLVED]


def asked(at: datetime, **changes: Any) -> Ticket:
    ticket: Ticket = make_ticket(make_customer(**changes))
    operations.propose_solution(ticket, "Обновите программу.", by=make_staff(), at=at)
    operations.mark_seen(ticket, by=ticket.customer, at=at)
    return ticket


def closed(at: datetime) -> Ticket:
    ticket = asked(at)
    operations.accept_solution(ticket, by=ticket.customer, at=at)
    return ticket


def path(ticket: Ticket, purpose: AnswerPurpose, at: datetime) -> str:
    return make_link(ticket, purpose, at=at).removeprefix("http://localhost")


def ready(purpose: AnswerPurpose, at: datetime) -> tuple[Ticket, str]:
    """A ticket on which the link acts, and the link."""
    ticket = closed(at) if purpose is AnswerPurpose.REOPEN else asked(at)
    return ticket, path(ticket, purpose, at)


@pytest.mark.parametrize("purpose", ALL)
def test_opening_a_link_shows_one_button_and_changes_nothing(
    client: FlaskClient, at: datetime, purpose: AnswerPurpose
) -> None:
    ticket, link = ready(purpose, at)
    before = (ticket.status, ticket.version, len(mails()))
    page = client.get(link)
    assert client.head(link).status_code == page.status_code == 200
    assert f"Обращение {ticket.reference}" in seen(page)
    assert ticket.subject in seen(page)
    assert page.text.partition("<main")[2].count('type="submit"') == 1
    assert (ticket.status, ticket.version, len(mails())) == before


def test_solved_closes_the_ticket(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.SOLVED, at)
    answer = client.post(link, follow_redirects=True)
    assert "Спасибо! Обращение закрыто как решённое" in seen(answer)
    assert ticket.close_reason is CloseReason.SOLVED


def test_more_time_names_the_new_day(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.MORE_TIME, at)
    answer = client.post(link, follow_redirects=True)
    assert "Обращение останется открытым до 30 ноября 2026 (понедельник) включительно." in seen(answer)
    assert ticket.extended_at == at


def test_not_solved_takes_words_along(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.NOT_SOLVED, at)
    answer = client.post(link, data={"body": "Ошибка осталась."}, follow_redirects=True)
    assert "Спасибо, мы продолжаем работу" in seen(answer)
    assert (ticket.status, ticket.messages[-1].body) == (Status.IN_PROGRESS, "Ошибка осталась.")


def test_who_was_asked_for_something_is_offered_to_answer_it(client: FlaskClient, at: datetime) -> None:
    ticket: Ticket = make_ticket(make_customer(muted_mails=""))
    operations.request_information(ticket, "Пришлите журнал.", by=make_staff(), at=at)
    operations.mark_seen(ticket, by=ticket.customer, at=at)
    link = path(ticket, AnswerPurpose.NOT_SOLVED, at)
    page = seen(client.get(link))
    assert "Ответить инженеру" in page
    assert "Отправить ответ" in page
    assert "не решена" not in page
    client.post(link, data={"body": "Журнал: всё в порядке."})
    assert (ticket.status, ticket.messages[-1].body) == (Status.IN_PROGRESS, "Журнал: всё в порядке.")


def test_not_solved_needs_no_words(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.NOT_SOLVED, at)
    client.post(link)
    assert ticket.messages[-1].body == "Проблема не решена."


def test_reopening_by_the_link(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.REOPEN, at)
    answer = client.post(link, data={"body": "Вернулось."}, follow_redirects=True)
    assert "Обращение снова открыто" in seen(answer)
    assert (ticket.status, ticket.messages[-1].body) == (Status.IN_PROGRESS, "Вернулось.")


def test_words_that_are_too_long_are_told_and_kept(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.NOT_SOLVED, at)
    answer = client.post(link, data={"body": "т" * 100_001})
    assert answer.status_code == 422
    assert "Знаков в тексте: 100001" in seen(answer)
    assert "т" * 100_001 in answer.text
    assert ticket.status is Status.SOLUTION_PROPOSED


STANDINGS = {
    AnswerPurpose.SOLVED: ("Обращение закрыто как решённое", "Когда: 20 ноября 2026, 14:00 (МСК)."),
    AnswerPurpose.MORE_TIME: ("Мы предложили решение. Оно помогло?", "до 30 ноября 2026 (понедельник) включительно"),
    AnswerPurpose.NOT_SOLVED: ("Ваше обращение уже в работе", "с 20 ноября 2026, 14:00 (МСК)"),
    AnswerPurpose.REOPEN: ("Ваше обращение уже в работе", "с 20 ноября 2026, 14:00 (МСК)"),
}


@pytest.mark.parametrize("purpose", ALL)
def test_a_link_used_twice_tells_calmly_how_the_ticket_stands(
    client: FlaskClient, at: datetime, purpose: AnswerPurpose
) -> None:
    ticket, link = ready(purpose, at)
    client.post(link)
    version = ticket.version
    for again in (client.post(link), client.get(link)):
        assert again.status_code == 200
        assert all(words in seen(again) for words in STANDINGS[purpose])
        assert f'href="/tickets/{ticket.reference}"' in again.text
    assert ticket.version == version


def test_a_link_that_another_act_came_before_does_not_say_that_it_was_used(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.NOT_SOLVED, at)
    operations.reply(ticket, "Не помогло", by=ticket.customer, at=at + timedelta(hours=2))
    operations.reply(ticket, "Смотрим.", by=make_staff(), at=at + timedelta(hours=3))
    operations.reply(ticket, "Ещё журнал.", by=ticket.customer, at=at + timedelta(hours=4))
    page = seen(client.get(link))
    assert "Ваше обращение уже в работе" in page
    assert "с 20 ноября 2026, 16:00 (МСК)" in page
    assert "воспользовались" not in page


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (operations.withdraw, "Обращение закрыто: вы отозвали его"),
        (operations.accept_solution, "Обращение закрыто как решённое"),
    ],
)
def test_not_solved_after_the_end_offers_to_reopen(client: FlaskClient, at: datetime, end: Any, words: str) -> None:
    ticket, link = ready(AnswerPurpose.NOT_SOLVED, at)
    end(ticket, by=ticket.customer, at=at)
    page = seen(client.post(link))
    assert words in page
    assert "откройте обращение снова" in page
    ticket.closed_at = at - timedelta(days=15)
    assert "отправьте новое обращение" in seen(client.get(link))


def test_a_link_of_a_merged_ticket_leads_to_where_it_goes_on(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.NOT_SOLVED, at)
    other = make_ticket(ticket.customer)
    operations.merge(ticket, other, by=make_staff("Manager"), at=at)
    page = client.get(link)
    assert f"Это обращение продолжается в {other.reference}" in seen(page)
    assert f'href="/tickets/{other.reference}"' in page.text


@pytest.mark.parametrize("purpose", IN_WAITING)
def test_a_link_of_an_earlier_round_is_outdated(client: FlaskClient, at: datetime, purpose: AnswerPurpose) -> None:
    ticket, link = ready(purpose, at)
    operations.reply(ticket, "Не помогло", by=ticket.customer, at=at)
    operations.propose_solution(ticket, "Другое решение", by=make_staff(), at=at)
    for answer in (client.get(link), client.post(link)):
        assert "Мы предложили решение. Оно помогло?" in seen(answer)
        assert "После этого письма обращение изменилось." in seen(answer)
        assert f'href="/tickets/{ticket.reference}"' in answer.text
    assert ticket.status is Status.SOLUTION_PROPOSED


def test_an_expired_link_says_so(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.SOLVED, at)
    with clock.frozen(at + timedelta(days=61)):
        answer = client.post(link)
    assert answer.status_code == 410
    assert "Срок действия ссылки истёк." in seen(answer)
    assert ticket.is_open


@pytest.mark.parametrize("token", ["x", "WzEsInNvbHZlZCJd.AAAA", "a" * 3000, "%D1%8F", "W10.x.y"])
def test_a_damaged_link_says_so(client: FlaskClient, token: str) -> None:
    for answer in (client.get(f"/answer/{token}"), client.post(f"/answer/{token}")):
        assert answer.status_code == 404
        assert "Ссылка неполная. Скопируйте её из письма целиком." in seen(answer)


def test_a_link_of_a_closed_account_leads_nowhere(client: FlaskClient, at: datetime) -> None:
    ticket, link = ready(AnswerPurpose.SOLVED, at)
    ticket.customer.closed_at = at
    answer = client.post(link)
    assert answer.status_code == 404
    assert ticket.is_open


def test_the_page_speaks_the_language_of_the_mail(client: FlaskClient, at: datetime) -> None:
    ticket = asked(at, language="en")
    page = client.get(path(ticket, AnswerPurpose.SOLVED, at), headers={"Accept-Language": "ru"})
    assert '<html lang="en">' in page.text
    assert "Is the problem solved?" in seen(page)
    done = client.post(path(ticket, AnswerPurpose.SOLVED, at), headers={"Accept-Language": "ru"}, follow_redirects=True)
    assert "Thank you! The ticket is closed as solved" in seen(done)


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_address_does_not_travel(client: FlaskClient, at: datetime, method: str) -> None:
    _ticket, link = ready(AnswerPurpose.SOLVED, at)
    headers = getattr(client, method)(link).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Cache-Control"] == "no-store"


def test_the_result_page_alone_leads_home(client: FlaskClient) -> None:
    assert client.get("/answered").location == "/"


def test_the_button_works_over_https_without_a_referrer_and_only_with_its_token(
    app: Flask, client: FlaskClient, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    ticket, link = ready(AnswerPurpose.SOLVED, at)
    refused = client.post(link, base_url="https://localhost")
    assert refused.status_code == 422
    assert "нажмите кнопку ещё раз" in seen(refused)
    assert ticket.is_open
    page = client.get(link, base_url="https://localhost")
    token = re.search('name="csrf_token" value="([^"]+)"', page.text.partition("<main")[2])
    assert token
    client.post(link, base_url="https://localhost", data={"csrf_token": token[1]})
    assert not ticket.is_open


def test_guessing_links_is_limited(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from supportapp.extensions import limiter

    monkeypatch.setattr(limiter, "enabled", True)
    codes = [client.get(f"/answer/guess-{n}").status_code for n in range(65)]
    assert codes[0] == 404
    assert codes[-1] == 429
