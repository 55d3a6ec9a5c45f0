"""Forgotten and changed passwords."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from supportapp import clock
from tests.conftest import NOON
from tests.factories import PASSWORD, make_customer
from tests.portal.people import link_in, mails, problem_of, seen, sign_in

NEW = "четыре новых простых слова"


def test_a_forgotten_password_is_set_anew_by_a_mailed_link(client: FlaskClient) -> None:
    customer = make_customer(email="anna@example.com")
    sent = client.post("/password/forgot", data={"email": "Anna@example.com"}, follow_redirects=True)
    assert "Проверьте почту" in seen(sent)
    link = link_in(mails()[0])
    assert "anna@example.com" in seen(client.get(link))
    after = client.post(link, data={"new_password": NEW}, follow_redirects=True)
    assert "Новый пароль установлен" in seen(after)
    assert client.post("/sign-in", data={"email": customer.email, "password": PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"email": customer.email, "password": NEW}).status_code == 302


def test_an_unknown_address_gets_the_same_answer_and_a_mail(client: FlaskClient) -> None:
    make_customer(email="anna@example.com")
    known = client.post("/password/forgot", data={"email": "anna@example.com"})
    unknown = client.post("/password/forgot", data={"email": "nobody@example.com"})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert [mail.recipient for mail in mails()] == ["anna@example.com", "nobody@example.com"]


def test_a_weak_new_password_gets_a_sentence_and_the_link_stays_good(client: FlaskClient) -> None:
    make_customer(email="anna@example.com")
    client.post("/password/forgot", data={"email": "anna@example.com"})
    link = link_in(mails()[0])
    assert problem_of(client.post(link, data={"new_password": "короткий"}), "new_password")
    assert client.post(link, data={"new_password": NEW}).status_code == 302


def test_used_expired_and_unknown_links_say_so(client: FlaskClient) -> None:
    make_customer(email="anna@example.com")
    client.post("/password/forgot", data={"email": "anna@example.com"})
    link = link_in(mails()[0])
    with clock.frozen(NOON + timedelta(hours=2)):
        late = client.get(link)
    assert late.status_code == 410
    assert "Запросить новую ссылку" in seen(late)
    client.post(link, data={"new_password": NEW})
    sentences = {seen(late), seen(client.get(link)), seen(client.get("/password/reset/unknown"))}
    assert len(sentences) == 3


def test_changing_the_password_ends_the_other_sessions(client: FlaskClient) -> None:
    customer = sign_in(client)
    other = client.application.test_client()
    sign_in(other, customer)
    after = client.post(
        "/profile/password", data={"old_password": PASSWORD, "new_password": NEW}, follow_redirects=True
    )
    assert "Пароль изменён" in seen(after)
    assert other.get("/profile").status_code == 302


def test_a_wrong_current_password_changes_nothing(client: FlaskClient) -> None:
    customer = sign_in(client)
    answer = client.post("/profile/password", data={"old_password": "не тот", "new_password": NEW})
    assert problem_of(answer, "old_password")
    client.post("/sign-out")
    sign_in(client, customer)


def test_a_visitor_signs_in_first(client: FlaskClient) -> None:
    assert "/sign-in" in client.get("/profile/password").location
