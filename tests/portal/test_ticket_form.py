"""«Отправить обращение», as somebody without JavaScript uses it."""

from __future__ import annotations

import io
import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import Customer
from supportapp.certificates.models import Certificate
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import LOWEST_PRIORITY
from tests.factories import (
    make_certificate,
    make_customer,
    make_level,
    make_product,
    make_registration,
    make_regulation,
)
from tests.files.samples import HTML, picture
from tests.portal.people import mails, problem_of, seen, sign_in

TEXT = "После обновления контейнер не открывается: ошибка 0x80090016."


def own_certificate(customer: Customer, **changes: Any) -> Certificate:
    certificate: Certificate = make_certificate(**changes)
    make_registration(customer, certificate)
    return certificate


def token_in(answer: Any) -> str:
    found = re.search(r'name="form_token"[^>]*value="([\w-]+)"', answer.text)
    assert found, seen(answer)
    return found[1]


def value_of(answer: Any, name: str) -> str:
    """What stands in a text field of the page."""
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>', answer.text)
    if field is None:
        area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n?(.*?)</textarea>', answer.text, re.DOTALL)
        assert area, f"no field {name}"
        return unescape(area[1]).strip()
    found = re.search(r'value="([^"]*)"', field[0])
    return unescape(found[1]) if found else ""


def send(client: FlaskClient, follow: bool = True, **changes: Any) -> Any:
    data = {"form_token": "", "certificate": "none", "subject": "Не открывается контейнер", "body": TEXT, **changes}
    given = {name: value for name, value in data.items() if value is not None}
    return client.post("/tickets/new", data=given, content_type="multipart/form-data", follow_redirects=follow)


def upload(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def tickets() -> list[Ticket]:
    return db.session.query(Ticket).order_by(Ticket.id).all()


def test_a_visitor_signs_in_first_and_comes_back(client: FlaskClient) -> None:
    answer = client.get("/tickets/new")
    assert answer.location == "/sign-in?next=/tickets/new"


def test_a_sent_ticket_is_shown_with_its_reference_and_confirmed_by_mail(client: FlaskClient) -> None:
    customer = sign_in(client)
    product = make_product(name="Сервер подписи")
    answer = send(client, product=str(product.id), product_version="5.0", operating_system="Astra Linux 1.8")
    [ticket] = tickets()
    assert f"Обращение {ticket.reference} отправлено. Подтверждение придёт на {customer.email}." in seen(answer)
    assert TEXT in seen(answer)
    assert "Сервер подписи 5.0" in seen(answer)
    assert "Astra Linux 1.8" in seen(answer)
    assert [mail.recipient for mail in mails("ticket_submitted")] == [customer.email]


def test_enter_in_a_field_sends_instead_of_saying_that_an_article_helped(client: FlaskClient) -> None:
    sign_in(client, make_customer())
    form = client.get("/tickets/new").text.partition('id="ticket-form"')[2]
    first = re.search(r"<button[^>]*>", form)
    assert first is not None
    assert "formaction" not in first[0]


def test_every_certificate_says_when_the_first_answer_comes(client: FlaskClient) -> None:
    customer = sign_in(client)
    level = make_level(name_ru="Премиум", first_response_hours=2)
    own_certificate(customer, number="СП-1", level=level, products=[make_product(name="Клиент VPN")])
    page = seen(client.get("/tickets/new"))
    assert "СП-1 Премиум Клиент VPN Первый ответ — не позднее: сегодня, 16:00" in page
    assert "в течение 2 рабочих часов (рабочие дни с 09:00 до 18:00, МСК)" in page


def test_what_no_certificate_costs_is_said_before_sending(client: FlaskClient) -> None:
    sign_in(client)
    page = client.get("/tickets/new")
    assert "Без сертификата Минимальный приоритет без обещанного срока: работа ведётся в порядке общей очереди" in seen(
        page
    )
    assert re.search(r'value="none"[^>]*checked', page.text)
    send(client)
    assert tickets()[0].priority == LOWEST_PRIORITY


def test_the_only_certificate_is_chosen_with_its_product(client: FlaskClient) -> None:
    customer = sign_in(client)
    certificate = own_certificate(customer)
    page = client.get("/tickets/new")
    assert re.search(rf'value="{certificate.id}"[^>]*checked', page.text)
    assert re.search(rf'<option selected value="{certificate.products[0].id}"', page.text)


def test_of_several_certificates_none_is_chosen_for_him(client: FlaskClient) -> None:
    customer = sign_in(client)
    own_certificate(customer)
    second = own_certificate(customer)
    assert "checked" not in client.get("/tickets/new").text
    assert re.search(rf'value="{second.id}"[^>]*checked', client.get(f"/tickets/new?certificate={second.id}").text)
    answer = send(client, certificate=None)
    assert answer.status_code == 422
    assert problem_of(answer, "certificate") == "Выберите сертификат или укажите, что отправляете без него."
    assert not tickets()


def test_a_ticket_under_a_certificate_has_its_level_and_its_product(client: FlaskClient) -> None:
    customer = sign_in(client)
    certificate = own_certificate(customer)
    answer = send(client, certificate=str(certificate.id), product="")
    [ticket] = tickets()
    assert (ticket.certificate, ticket.priority) == (certificate, 20)
    assert ticket.product is certificate.products[0]
    assert "Первый ответ не позднее: 23 ноября, 13:00" in seen(answer)


def test_a_product_that_the_certificate_does_not_cover_is_refused_with_those_it_does(client: FlaskClient) -> None:
    customer = sign_in(client)
    certificate, other = own_certificate(customer), make_product()
    answer = send(client, certificate=str(certificate.id), product=str(other.id))
    assert answer.status_code == 422
    assert certificate.products[0].name in problem_of(answer, "certificate")
    assert value_of(answer, "body") == TEXT
    assert not tickets()


@pytest.mark.parametrize("number", ["{foreign}", "999999", "9" * 19, "9" * 40, "-1", "drop table", "١"])
def test_a_foreign_certificate_is_refused_at_its_field_and_nothing_is_lost(client: FlaskClient, number: str) -> None:
    sign_in(client)
    foreign = make_registration(make_customer()).certificate
    answer = send(client, certificate=number.format(foreign=foreign.id))
    assert answer.status_code == 422
    assert problem_of(answer, "certificate") == "Этого сертификата нет среди ваших. Выберите другой."
    assert value_of(answer, "body") == TEXT
    assert not tickets()


def test_a_certificate_that_ended_while_the_form_was_open_is_told_at_its_field(client: FlaskClient) -> None:
    customer = sign_in(client)
    certificate = own_certificate(customer)
    client.get("/tickets/new")
    certificate.valid_to = date(2026, 11, 19)
    answer = send(client, certificate=str(certificate.id))
    assert "19 ноября 2026" in problem_of(answer, "certificate")
    assert value_of(answer, "subject") == "Не открывается контейнер"
    assert value_of(answer, "body") == TEXT
    assert not tickets()


def test_empty_fields_are_named_one_by_one(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, subject=" ", body="\n")
    assert answer.status_code == 422
    assert problem_of(answer, "subject") == "Назовите проблему одной строкой."
    assert problem_of(answer, "body") == "Опишите проблему хотя бы в нескольких словах."


def test_too_long_texts_are_refused_and_kept(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, subject="т" * 201)
    assert problem_of(answer, "subject") == "Слишком длинно: не больше 200 символов."
    answer = send(client, body="т" * 100_001)
    assert "Знаков в тексте: 100001, а можно не больше 100000" in problem_of(answer, "body")
    assert len(value_of(answer, "body")) == 100_001
    assert not tickets()


def test_a_text_of_exactly_the_limit_with_windows_line_ends_is_sent(client: FlaskClient) -> None:
    sign_in(client)
    lines = "\n".join(["т" * 99] * 1000)
    assert len(lines) == 99_999
    send(client, body=lines.replace("\n", "\r\n") + "т")
    assert len(tickets()) == 1


def test_nul_bytes_are_told_and_taken_out(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, subject="Ошиб\0ка")
    assert "нельзя сохранить" in problem_of(answer, "subject")
    assert value_of(answer, "subject") == "Ошибка"
    assert not tickets()


def test_a_product_that_is_not_on_offer_is_told_at_its_field(client: FlaskClient) -> None:
    sign_in(client)
    inactive = make_product(active=False)
    assert problem_of(send(client, product=str(inactive.id)), "product") == "Выберите продукт из списка."
    assert problem_of(send(client, product="9" * 30), "product") == "Выберите продукт из списка."


def test_an_unconfirmed_customer_is_told_and_keeps_the_form_with_its_files(client: FlaskClient) -> None:
    sign_in(client, confirmed_at=None)
    assert "Чтобы её отправить, сначала подтвердите адрес" in seen(client.get("/tickets/new"))
    answer = send(client, form_token="unconfirmed", files=[upload(picture(), "снимок.png")])
    assert answer.status_code == 422
    assert "Сначала подтвердите адрес электронной почты" in seen(answer)
    assert value_of(answer, "body") == TEXT
    assert "снимок.png" in seen(answer)
    assert not tickets()


def test_the_regulation_in_force_must_be_accepted_before_a_ticket_is_written(client: FlaskClient) -> None:
    sign_in(client)
    make_regulation()
    assert client.get("/tickets/new").location == "/regulation?next=/tickets/new"


def test_several_files_go_with_the_ticket(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, files=[upload(picture(), "снимок.png"), upload(b"log", "a.log")])
    [ticket] = tickets()
    assert [stored.name for stored in ticket.messages[0].files] == ["снимок.png", "a.log"]
    assert "снимок.png" in seen(answer)
    assert f"/files/{ticket.messages[0].files[0].public_id}/thumbnail" in answer.text


def test_a_failed_check_loses_no_file_that_was_uploaded(client: FlaskClient) -> None:
    sign_in(client)
    first = send(client, subject="", files=[upload(b"log", "a.log")])
    assert "a.log" in seen(first)
    send(client, form_token=token_in(first))
    assert [stored.name for stored in tickets()[0].messages[0].files] == ["a.log"]


def test_a_file_can_be_taken_off_without_a_script(client: FlaskClient) -> None:
    sign_in(client)
    first = send(client, subject="", files=[upload(b"log", "a.log"), upload(b"log", "b.log")])
    public_id = db.session.query(StoredFile).filter_by(name="a.log").one().public_id
    send(client, form_token=token_in(first), remove=public_id)
    assert [stored.name for stored in tickets()[0].messages[0].files] == ["b.log"]


def test_nobody_takes_off_a_strangers_file(client: FlaskClient) -> None:
    sign_in(client)
    send(client, subject="", files=[upload(b"log", "a.log")])
    public_id = db.session.query(StoredFile).one().public_id
    client.post("/sign-out")
    sign_in(client)
    send(client, remove=public_id)
    assert db.session.query(StoredFile).filter_by(public_id=public_id).count() == 1


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [(b"", "a.log", "пуст"), (HTML, "снимок.png", "не соответствует"), (b"MZ" + b"\0" * 90, "x.exe", "архив")],
)
def test_a_bad_file_is_told_and_the_good_one_is_kept(
    client: FlaskClient, data: bytes, name: str, sentence: str
) -> None:
    sign_in(client)
    answer = send(client, files=[upload(b"log", "good.log"), upload(data, name)])
    assert answer.status_code == 422
    assert name in problem_of(answer, "files")
    assert sentence in problem_of(answer, "files")
    assert "good.log" in seen(answer)
    assert value_of(answer, "body") == TEXT
    assert not tickets()


def test_more_files_than_allowed_are_told_once(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, files=[upload(b"log", f"{n}.log") for n in range(13)])
    assert answer.status_code == 422
    assert problem_of(answer, "files").count("10") == 1
    assert "9.log" in seen(answer)
    assert "10.log" not in seen(answer)


def test_a_request_beyond_every_limit_gets_a_sentence(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client)
    monkeypatch.setitem(client.application.config, "MAX_CONTENT_LENGTH", 1000)
    answer = send(client, files=[upload(b"x" * 2000, "a.log")])
    assert answer.status_code == 413
    assert "Отправьте меньше файлов или файлы поменьше" in seen(answer)


def test_a_double_click_makes_one_ticket_and_leads_to_it(client: FlaskClient) -> None:
    sign_in(client)
    token = token_in(client.get("/tickets/new"))
    send(client, form_token=token, files=[upload(b"log", "a.log")])
    again = send(client, form_token=token, subject="Другая тема", files=[upload(b"log", "a.log")])
    [ticket] = tickets()
    assert f"Эта форма уже отправлена: вот её обращение {ticket.reference}." in seen(again)
    assert ticket.subject == "Не открывается контейнер"
    assert len(mails("ticket_submitted")) == 1
    assert db.session.query(StoredFile).count() == 1


def test_the_token_of_a_strangers_form_leads_nowhere(client: FlaskClient) -> None:
    sign_in(client)
    send(client, form_token="somebody-elses")
    client.post("/sign-out")
    sign_in(client)
    assert send(client, form_token="somebody-elses").status_code == 404
    assert len(tickets()) == 1


def test_a_damaged_token_is_replaced(client: FlaskClient) -> None:
    sign_in(client)
    for token in ("x" * 65, "<script>", "токен"):
        assert send(client, form_token=token).status_code == 200
    assert len(tickets()) == 3


def test_text_that_arrives_after_the_session_ended_is_shown_back(client: FlaskClient) -> None:
    answer = send(client)
    assert answer.status_code == 400
    assert "Форма устарела" in seen(answer)
    assert TEXT in seen(answer)


def test_the_subject_comes_along_in_a_link(client: FlaskClient) -> None:
    sign_in(client)
    assert value_of(client.get("/tickets/new", query_string={"subject": "Повтор <b>"}), "subject") == "Повтор <b>"


def test_private_keys_are_warned_of(client: FlaskClient) -> None:
    sign_in(client)
    assert "Никогда не присылайте закрытые ключи, пароли и PIN-коды" in seen(client.get("/tickets/new"))


def test_the_form_speaks_english_too(client: FlaskClient) -> None:
    customer = sign_in(client, language="en")
    own_certificate(customer, number="CERT-EN")
    page = seen(client.get("/tickets/new"))
    assert "Send a ticket" in page
    assert "First answer by 23 November, 13:00" in page
    answer = send(client)
    assert f"is sent. A confirmation goes to {customer.email}." in seen(answer)
    assert not re.search(
        "[а-яё]{4,}",
        seen(client.get("/tickets/new"))
        .replace(customer.name, "")
        .replace("Русский", "")
        .replace("Криптопровайдер", ""),
        re.I,
    )
