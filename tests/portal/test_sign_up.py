"""Sign-up and the confirmation of the address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.extensions import db
from tests.conftest import NOON
from tests.factories import PASSWORD, make_customer, make_regulation
from tests.portal.people import link_in, mails, problem_of, seen, sign_in

FORM = {
    "email": "Anna@Example.com ",
    "password": "лошадь батарея скрепка",
    "name": "Анна Смирнова",
    "organisation": "ООО «Ромашка»",
    "phone": "+7 495 123-45-67",
    "language": "ru",
    "accept": "y",
}


@pytest.fixture(autouse=True)
def regulation(session: object) -> Any:
    return make_regulation()


def send(client: FlaskClient, **changes: str) -> Any:
    return client.post("/sign-up", data={**FORM, **changes})


def test_the_warning_of_the_guide_stands_before_the_address(client: FlaskClient) -> None:
    page = client.get("/sign-up")
    words = seen(page)
    warning = "сертификаты придётся регистрировать заново, а доступа к ранее созданным обращениям больше не будет"
    assert warning in words
    assert words.index(warning) < words.index("Мы отправим на него ссылку")


def test_an_account_is_opened_and_a_mail_confirms_its_address(client: FlaskClient) -> None:
    page = client.get(send(client).location)
    assert "Мы отправили письмо на адрес Anna@Example.com" in seen(page)
    customer = db.session.query(Customer).filter_by(email="anna@example.com").one()
    assert not customer.is_confirmed
    link = link_in(mails("account_confirmation")[0])
    assert "anna@example.com — ваш адрес" in seen(client.get(link))
    db.session.refresh(customer)
    assert not customer.is_confirmed, "opening the link must change nothing"
    after = client.post(link, follow_redirects=True)
    assert "ваш адрес подтверждён" in seen(after)
    db.session.refresh(customer)
    assert customer.is_confirmed


def test_a_known_address_gets_the_same_answer(client: FlaskClient) -> None:
    make_customer(email="anna@example.com")
    known, unknown = send(client), send(client, email="boris@example.com")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert [mail.recipient for mail in mails()] == ["anna@example.com", "boris@example.com"]


def test_empty_fields_are_named_next_to_themselves_and_nothing_typed_is_lost(client: FlaskClient) -> None:
    answer = send(client, name="", password="", accept="")
    assert answer.status_code == 422
    assert problem_of(answer, "name") == "Введите имя."
    assert problem_of(answer, "password") == "Придумайте пароль."
    assert 'value="ООО «Ромашка»"' in answer.text
    assert "Чтобы зарегистрироваться, прочитайте Регламент" in seen(answer)
    assert 'href="#name"' in answer.text


@pytest.mark.parametrize("password", ["короткий", "password2026", "anna@example.com"])
def test_a_weak_password_gets_a_sentence_next_to_it(client: FlaskClient, password: str) -> None:
    assert problem_of(send(client, password=password), "password")
    assert not mails()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("email", "нет такого"),
        ("email", "a" * 5000),
        ("name", "А" * 121),
        ("organisation", "О" * 201),
        ("phone", "звоню"),
    ],
)
def test_a_wrong_or_overlong_field_gets_a_sentence_next_to_it(client: FlaskClient, field: str, text: str) -> None:
    assert problem_of(send(client, **{field: text}), field)


def test_a_nul_byte_is_taken_out_and_said_next_to_its_field(client: FlaskClient) -> None:
    answer = send(client, organisation="Ро\0машка")
    assert answer.status_code == 422
    assert "знаки, которые нельзя сохранить" in problem_of(answer, "organisation")
    assert 'value="Ромашка"' in answer.text


def test_broken_utf8_gets_a_sentence_next_to_its_field(client: FlaskClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xd0\x90\xff\r\n--x--\r\n'
    answer = client.post("/sign-up", data=part, content_type="multipart/form-data; boundary=x")
    assert "повреждена" in problem_of(answer, "name")


def test_a_regulation_that_changed_meanwhile_must_be_read(client: FlaskClient, regulation: Any) -> None:
    make_regulation(label="2.0", published_at=NOON)
    answer = send(client, regulation_id=str(regulation.id))
    assert answer.status_code == 422
    assert "новая версия Регламента" in seen(answer) or "Regulation" in seen(answer)


def test_a_used_link_says_so(client: FlaskClient) -> None:
    send(client)
    link = link_in(mails()[0])
    client.post(link)
    answer = client.get(link)
    assert answer.status_code == 410
    assert "Эта ссылка не действует" in seen(answer)


def test_an_expired_link_says_so_and_confirms_nothing(client: FlaskClient) -> None:
    send(client)
    link = link_in(mails()[0])
    with clock.frozen(NOON + timedelta(days=4)):
        assert client.post(link).status_code == 410
    assert not db.session.query(Customer).one().is_confirmed


def test_a_link_nobody_issued_says_so(client: FlaskClient) -> None:
    assert client.get("/confirm/" + "x" * 3000).status_code == 410


def test_an_unconfirmed_customer_is_told_and_can_have_the_mail_sent_again(client: FlaskClient) -> None:
    customer = sign_in(client, confirmed_at=None)
    page = client.get("/")
    assert f"Подтвердите адрес {customer.email}" in seen(page)
    after = client.post("/confirmation", follow_redirects=True)
    assert "Мы ещё раз отправили письмо" in seen(after)
    client.post(link_in(mails("account_confirmation")[0]))
    assert "Подтвердите адрес" not in seen(client.get("/")), "who is signed in here stays so"


def test_a_confirmed_customer_is_not_asked_again(client: FlaskClient) -> None:
    sign_in(client)
    client.post("/confirmation")
    assert not mails()


def test_who_is_signed_in_does_not_sign_up(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/sign-up").location == "/"


def test_the_password_is_never_shown_again(client: FlaskClient) -> None:
    assert PASSWORD not in send(client, password=PASSWORD, name="").text


def test_everything_that_is_wrong_is_said_at_once(client: FlaskClient) -> None:
    page = client.post("/sign-up", data={"email": "vera", "password": "short", "name": "", "phone": "call me"})
    for field in ("email", "password", "name", "phone", "accept"):
        assert f'id="{field}-error"' in page.text, field
