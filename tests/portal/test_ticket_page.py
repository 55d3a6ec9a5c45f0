"""One ticket as its customer sees it."""

from __future__ import annotations

import io
import re
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.extensions import db
from supportapp.files.operations import store_upload
from supportapp.notifications.models import NotificationState
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import ReceivedBy
from supportapp.worktime.models import CalendarCorrection
from tests.factories import deliver_mails, make_certificate, make_registration, make_staff, make_ticket
from tests.files.samples import picture
from tests.portal.people import mails, seen, sign_in


def page_of(client: FlaskClient, ticket: Ticket, **options: Any) -> Any:
    return client.get(f"/tickets/{ticket.reference}", **options)


def test_facts_conversation_and_story_stand_on_the_page(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    certificate = make_registration(customer, make_certificate(number="СП-7")).certificate
    ticket = make_ticket(customer, certificate_id=certificate.id, operating_system="ALT 10", at=at)
    engineer = make_staff(first_name="Павел", last_name="Инженеров")
    operations.take(ticket, by=engineer, at=at)
    operations.reply(ticket, "Смотрим журнал.", by=engineer, at=at)
    page = seen(page_of(client, ticket))
    assert "Не открывается контейнер" in page
    assert "Вы сегодня, 14:00 После обновления контейнер не открывается." in page
    assert "Павел Инженеров служба поддержки" in page
    assert "Смотрим журнал." in page
    assert "Операционная система ALT 10 Сертификат СП-7" in page
    assert "Первый ответ дан: сегодня, 14:00 Решение не позднее: 25 ноября, 11:00" in page
    assert "Инженер взял обращение в работу (Павел Инженеров)" in page
    assert f"Обращение принято: {ticket.subject} — ожидает отправки" in page


def test_what_waits_in_the_queue_says_when_the_first_answer_comes(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    certificate = make_registration(customer, make_certificate(number="СП-7")).certificate
    ticket = make_ticket(customer, certificate_id=certificate.id, at=at)
    promise = "Дело за нами Обращение в очереди; инженер его ещё не взял. Первый ответ вы получите не позднее: 2"
    assert promise in seen(page_of(client, ticket))
    operations.reply(ticket, "Смотрим журнал.", by=make_staff(), at=at)
    assert "Первый ответ вы получите" not in seen(page_of(client, ticket))


def test_a_first_answer_that_is_late_is_promised_no_more(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    certificate = make_registration(customer, make_certificate(number="СП-7")).certificate
    ticket = make_ticket(customer, certificate_id=certificate.id, at=at - timedelta(days=10))
    assert "Первый ответ вы получите" not in seen(page_of(client, ticket))


@pytest.mark.parametrize("reference", ["TP-999999", "x", "TP-1" + "0" * 40, "%00", "%ff"])
def test_a_missing_ticket_is_not_found(client: FlaskClient, reference: str) -> None:
    sign_in(client)
    assert client.get(f"/tickets/{reference}").status_code in (400, 404)


def test_a_strangers_ticket_looks_exactly_like_a_missing_one(client: FlaskClient) -> None:
    foreign = make_ticket()
    sign_in(client)
    answer, missing = page_of(client, foreign), client.get("/tickets/TP-999999")
    assert (answer.status_code, seen(answer)) == (404, seen(missing))


ACTS = ["replies", "acceptance", "withdrawal", "extension", "reopening", "certificate"]


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_on_a_strangers_ticket(client: FlaskClient, act: str) -> None:
    foreign = make_ticket()
    sign_in(client)
    version = foreign.version
    answer = client.post(f"/tickets/{foreign.reference}/{act}", data={"body": "x", "certificate": "1"})
    assert answer.status_code == 404
    assert foreign.version == version


@pytest.mark.parametrize("act", ACTS)
def test_the_address_of_an_act_leads_back_to_the_ticket(client: FlaskClient, act: str) -> None:
    ticket = make_ticket(sign_in(client))
    assert client.get(f"/tickets/{ticket.reference}/{act}").location == f"/tickets/{ticket.reference}"


def test_opening_the_ticket_is_the_receipt_of_a_request(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    operations.request_information(ticket, "Какая версия?", by=make_staff(), at=at)
    page = seen(page_of(client, ticket))
    assert (ticket.received_at, ticket.received_by) == (at, ReceivedBy.PORTAL)
    assert "Ответьте до 25 ноября 2026 (среда) включительно." in page
    assert "День автоматического закрытия — четверг, 26 ноября 2026" in page
    assert "Учтены понедельник, 23 ноября 2026 вторник, 24 ноября 2026 среда, 25 ноября 2026" in page
    assert "Пропущены как выходные суббота, 21 ноября 2026 воскресенье, 22 ноября 2026" in page


def test_the_days_follow_a_correction_of_the_calendar(client: FlaskClient, at: datetime) -> None:
    db.session.add(CalendarCorrection(day=date(2026, 11, 24), working=False, source="приказ"))
    ticket = make_ticket(sign_in(client))
    operations.request_information(ticket, "Какая версия?", by=make_staff(), at=at)
    assert "Ответьте до 26 ноября 2026 (четверг) включительно." in seen(page_of(client, ticket))


@pytest.mark.parametrize(
    "header", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}]
)
def test_looking_ahead_is_no_receipt(client: FlaskClient, at: datetime, header: dict[str, str]) -> None:
    ticket = make_ticket(sign_in(client))
    operations.request_information(ticket, "Какая версия?", by=make_staff(), at=at)
    assert page_of(client, ticket, headers=header).status_code == 200
    assert ticket.received_at is None


def test_asking_for_the_headers_is_no_receipt(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    operations.request_information(ticket, "Какая версия?", by=make_staff(), at=at)
    assert client.head(f"/tickets/{ticket.reference}").status_code == 200
    assert ticket.received_at is None


def test_looking_again_writes_nothing(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    operations.request_information(ticket, "Какая версия?", by=make_staff(), at=at)
    page_of(client, ticket)
    with clock.frozen(at + timedelta(hours=3)):
        page_of(client, ticket)
    assert ticket.customer_seen_at == at


def test_what_is_new_since_the_last_look_is_marked_once(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    operations.reply(ticket, "Смотрим.", by=make_staff(), at=at)
    assert "Есть новое" in seen(page_of(client, ticket))
    assert "Есть новое" not in seen(page_of(client, ticket))


def test_internal_notes_and_their_files_never_show(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    engineer = make_staff()
    stored = store_upload(io.BytesIO(b"x"), "тайна.log", owner=engineer, draft="n", at=at)
    operations.add_note(ticket, "Клиент сердится", by=engineer, at=at, files=[stored])
    operations.assign(ticket, make_staff(last_name="Тайный"), by=engineer, at=at)
    page = seen(page_of(client, ticket))
    assert "Клиент сердится" not in page
    assert "тайна.log" not in page
    assert "назнач" not in page.casefold()


def test_what_people_write_is_text_and_addresses_are_links(client: FlaskClient) -> None:
    body = "<script>alert(1)</script>\n\tшаг <b>1</b>\nСм. https://example.com/a?b=1&c=(2). И http://x.ru), data:x"
    page = page_of(client, make_ticket(sign_in(client), body=body))
    assert "<script>alert" not in page.text
    assert "&lt;b&gt;1&lt;/b&gt;" in page.text
    link = '<a href="https://example.com/a?b=1&amp;c=(2)" rel="nofollow noopener noreferrer ugc">'
    assert link in page.text
    assert 'href="http://x.ru"' in page.text
    assert 'href="data:' not in page.text


def test_a_wall_of_brackets_behind_an_address_does_not_hold_the_page_up(client: FlaskClient) -> None:
    ticket = make_ticket(sign_in(client), body="https://x.ru" + ")" * 90_000)
    started = time.process_time()
    assert 'href="https://x.ru"' in page_of(client, ticket).text
    assert time.process_time() - started < 3  # counted anew for each bracket it took twenty


def test_a_long_log_is_folded_and_whole(client: FlaskClient) -> None:
    log = "\n".join(f"строка {n}" for n in range(500))
    page = page_of(client, make_ticket(sign_in(client), body=log))
    assert "Показать остальной текст" in seen(page)
    assert [f"строка {n}" in page.text for n in range(500)] == [True] * 500


def test_pictures_show_as_thumbnails_and_files_by_name(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    shot = store_upload(io.BytesIO(picture()), "снимок.png", owner=customer, draft="d", at=at)
    log = store_upload(io.BytesIO(b"log"), "a.log", owner=customer, draft="d", at=at)
    page = page_of(client, make_ticket(customer, files=[shot, log]))
    assert f'<img src="/files/{shot.public_id}/thumbnail" alt="Уменьшенное изображение снимок.png"' in page.text
    assert f'href="/files/{log.public_id}"' in page.text
    assert f"/files/{log.public_id}/thumbnail" not in page.text


def test_a_mail_that_could_not_be_delivered_is_told(client: FlaskClient) -> None:
    ticket = make_ticket(sign_in(client))
    mails("ticket_submitted")[0].state = NotificationState.UNDELIVERABLE
    assert "— доставить не удалось" in seen(page_of(client, ticket))


def test_mails_to_staff_are_not_shown(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    ticket = make_ticket(customer)
    engineer = make_staff()
    operations.take(ticket, by=engineer, at=at)
    operations.reply(ticket, "Ещё вопрос", by=customer, at=at)
    assert mails("staff_ticket_replied")
    assert mails("staff_ticket_replied")[0].subject not in seen(page_of(client, ticket))


def test_without_a_certificate_the_page_says_what_that_means(client: FlaskClient) -> None:
    page = seen(page_of(client, make_ticket(sign_in(client))))
    assert "Оно отправлено без сертификата: у него минимальный приоритет" in page
    assert "Сертификат не указан: минимальный приоритет" in page


def test_a_merged_ticket_leads_to_the_one_in_which_it_goes_on(client: FlaskClient, at: datetime) -> None:
    customer = sign_in(client)
    source, target = make_ticket(customer), make_ticket(customer, subject="Главное")
    operations.merge(source, target, by=make_staff(), at=at)
    page = page_of(client, source)
    assert f"Это обращение продолжается в {target.reference}" in seen(page)
    assert f'href="/tickets/{target.reference}"' in page.text
    assert 'name="body"' not in page.text
    assert f"С этим обращением объединено обращение {source.reference}" in seen(page_of(client, target))


def test_a_ticket_closed_automatically_can_always_be_reopened(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    operations.request_information(ticket, "Какая версия?", by=make_staff(), at=at)
    deliver_mails(at=at)
    operations.warn(ticket, at=at + timedelta(days=4))
    deliver_mails(at=at + timedelta(days=4))
    assert operations.close_unanswered(ticket, at=at + timedelta(days=9))
    with clock.frozen(datetime(2027, 6, 1, tzinfo=UTC)):
        sign_in(client, ticket.customer)
        page = page_of(client, ticket)
    assert "Обращение закрыто: ответа не было Оно закрыто автоматически" in seen(page)
    assert "Его можно открыть заново в любое время." in seen(page)
    assert f'action="/tickets/{ticket.reference}/reopening"' in page.text


def test_a_reason_of_the_support_service_is_shown(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client))
    operations.close(ticket, "Решено по телефону.", by=make_staff(), at=at)
    page = seen(page_of(client, ticket))
    assert "Обращение закрыто: его закрыла служба поддержки Когда: сегодня, 14:00" in page
    assert "Причина: Решено по телефону." in page


def test_the_page_speaks_english_too(client: FlaskClient, at: datetime) -> None:
    ticket = make_ticket(sign_in(client, language="en", name="John"), subject="Container", body="It does not open.")
    operations.propose_solution(ticket, "Update it.", by=make_staff(first_name="Paul", last_name="E"), at=at)
    page = seen(page_of(client, ticket))
    assert "We have proposed a solution. Did it help?" in page
    assert "Answer up to and including Wednesday, 25 November 2026" in page
    assert not re.search("[а-яё]{3,}", page.replace("Русский", ""), re.IGNORECASE)
