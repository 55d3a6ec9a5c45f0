"""A new address is a new account: explained first, confirmed from the new address."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.extensions import db
from tests.conftest import NOON
from tests.factories import PASSWORD, make_customer, make_registration
from tests.portal.people import link_in, mails, problem_of, seen, sign_in

NEW = "anna.new@example.com"


def ask(client: FlaskClient, **changes: str) -> object:
    return client.post("/profile/email", data={"new_email": NEW, "password": PASSWORD, **changes})


def test_what_is_lost_is_said_before_anything_is_asked(client: FlaskClient) -> None:
    sign_in(client)
    words = seen(client.get("/profile/email"))
    for sentence in (
        "имя, организация и пароль перейдут в новую учётную запись, а нынешняя будет закрыта",
        "регистрация сертификатов будет снята: каждый придётся зарегистрировать заново",
        "доступа к ранее созданным обращениям больше не будет",
    ):
        assert words.index(sentence) < words.index("Новый адрес электронной почты")


def test_the_link_to_the_new_address_shows_one_button_and_pressing_it_makes_the_account(client: FlaskClient) -> None:
    old = sign_in(client, email="anna@example.com")
    make_registration(old)
    ask(client)
    link = link_in(mails("account_email_change")[0])
    page = client.get(link)
    assert "Создать новую учётную запись и закрыть старую" in seen(page)
    db.session.refresh(old)
    assert old.closed_at is None, "opening the link must change nothing"
    after = client.post(link, follow_redirects=True)
    assert f"Ваша новая учётная запись — {NEW}" in seen(after)
    db.session.refresh(old)
    assert old.successor.email == NEW
    assert client.post("/sign-in", data={"email": "anna@example.com", "password": PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"email": NEW, "password": PASSWORD}).status_code == 302
    assert "Сертификатов пока нет" in seen(client.get("/certificates"))


def test_a_wrong_password_stands_next_to_its_field_and_no_mail_is_written(client: FlaskClient) -> None:
    sign_in(client)
    answer = ask(client, password="не тот")
    assert problem_of(answer, "password")
    assert f'value="{NEW}"' in answer.text  # type: ignore[attr-defined]
    assert not mails()


def test_a_taken_address_gets_the_same_answer(client: FlaskClient) -> None:
    make_customer(email="taken@example.com")
    sign_in(client)
    free, taken = ask(client), ask(client, new_email="taken@example.com")
    assert free.location == taken.location  # type: ignore[attr-defined]


def test_used_and_expired_links_say_so(client: FlaskClient) -> None:
    sign_in(client)
    ask(client)
    link = link_in(mails("account_email_change")[0])
    with clock.frozen(NOON + timedelta(hours=25)):
        assert client.post(link).status_code == 410
    assert db.session.query(Customer).filter_by(email=NEW).count() == 0
    client.post(link)
    answer = client.post(link)
    assert answer.status_code == 410
    assert "В вашей учётной записи ничего не изменилось." in seen(answer)
