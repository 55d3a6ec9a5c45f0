"""The staff door: signing in and out, names, limits, one's own password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.extensions import limiter
from tests.factories import PASSWORD, make_customer, make_staff
from tests.staff.conftest import SignIn

NEW_PASSWORD = "пять несвязанных слов подряд"


def enter(client: FlaskClient, username: str, password: str = PASSWORD, target: str = "") -> int:
    address = "/staff/sign-in/" + (f"?next={target}" if target else "")
    return client.post(address, data={"username": username, "password": password}).status_code


def test_a_user_name_is_the_same_whatever_its_case(client: FlaskClient) -> None:
    make_staff(username="pavel")
    assert enter(client, "  PaVel ") == 303
    assert "Что нужно сделать" in client.get("/staff/").text


def test_a_wrong_password_and_an_unknown_name_read_the_same(client: FlaskClient) -> None:
    make_staff(username="pavel")
    pages = [
        client.post("/staff/sign-in/", data={"username": name, "password": "wrong wrong"}).text.replace(name, "")
        for name in ("pavel", "nobody")
    ]
    assert "Имя пользователя или пароль указаны неверно." in pages[0]
    assert lasting_lines(pages[0]) == lasting_lines(pages[1])


def lasting_lines(page: str) -> list[str]:
    """What does not change with every page anyway: nonces do, and tokens with every second."""
    return [line for line in page.splitlines() if "nonce=" not in line and "csrf_token" not in line]


def test_an_unknown_name_costs_one_password_check_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from supportapp.staff import people

    checked: list[str | None] = []
    monkeypatch.setattr(people, "password_matches", lambda hashed, _password: checked.append(hashed))
    make_staff(username="off", active=False)
    for name in ("nobody", "off", "\u0442\u0435\u0441\u0442"):
        assert enter(client, name) == 422
    assert checked == [None, None, None]


def test_nobody_signs_in_by_an_email_address(client: FlaskClient) -> None:
    person = make_staff(username="pavel", email="pavel@vendor.example")
    assert enter(client, person.email) == 422


def test_a_customer_does_not_sign_in_here(client: FlaskClient) -> None:
    assert enter(client, make_customer().email) == 422


def test_sign_in_leads_where_one_wanted_to_go(client: FlaskClient) -> None:
    make_staff(username="pavel")
    start = client.get("/staff/tickets/?scope=all")
    assert start.status_code == 303
    answer = client.post(start.headers["Location"], data={"username": "pavel", "password": PASSWORD})
    assert answer.headers["Location"] == "/staff/tickets/?scope=all"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/profile", "/staff/\\evil.example"]
)
def test_sign_in_leads_nowhere_else(client: FlaskClient, target: str) -> None:
    make_staff(username="pavel")
    answer = client.post(f"/staff/sign-in/?next={target}", data={"username": "pavel", "password": PASSWORD})
    assert answer.headers["Location"] == "/staff/"


def test_the_session_is_a_new_one_that_keeps_only_the_language(client: FlaskClient, at: datetime) -> None:
    make_staff(username="pavel")
    with client.session_transaction() as cookie:
        cookie["locale"], cookie["planted"] = "en", "by somebody else"
    enter(client, "pavel")
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["locale"] == "en"
        assert cookie.permanent
        assert cookie["signed_in_at"] == at.timestamp()


def test_signing_out_needs_a_post(client: FlaskClient, engineer: StaffUser) -> None:
    assert client.get("/staff/sign-out").status_code == 405
    client.post("/staff/sign-out")
    assert client.get("/staff/").status_code == 303


def test_a_person_who_was_switched_off_is_out_at_once(client: FlaskClient, sign_in: SignIn) -> None:
    person = sign_in("Engineer")
    person.active = False
    assert client.get("/staff/").status_code == 303


def test_a_new_password_ends_the_other_sessions_and_not_this_one(client: FlaskClient, sign_in: SignIn) -> None:
    person = sign_in("Engineer")
    elsewhere = client.application.test_client()
    elsewhere.post("/staff/sign-in/", data={"username": person.username, "password": PASSWORD})
    form = {"old_password": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    answer = client.post("/staff/password/", data=form, follow_redirects=True)
    assert "Пароль изменён" in answer.text
    assert client.get("/staff/").status_code == 200
    assert elsewhere.get("/staff/").status_code == 303
    assert enter(elsewhere, person.username, NEW_PASSWORD) == 303


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"old_password": "wrong"}, "Текущий пароль указан неверно."),
        ({"password": "short", "again": "short"}, "не меньше 10 символов"),
        ({"again": "another one"}, "Пароли не совпадают."),
    ],
)
def test_a_password_that_may_not_be_says_why(
    client: FlaskClient, engineer: StaffUser, changes: dict[str, str], sentence: str
) -> None:
    form = {"old_password": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD} | changes
    answer = client.post("/staff/password/", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.fixture
def limited() -> Iterator[None]:
    limiter.enabled = True
    yield
    limiter.enabled = False


def test_attempts_on_one_name_are_limited_and_successes_do_not_count(client: FlaskClient, limited: None) -> None:
    make_staff(username="pavel")
    make_staff(username="olga")
    for _ in range(12):
        assert enter(client, "olga") == 303
        client.post("/staff/sign-out")
    for _ in range(10):
        assert enter(client, "pavel", "guess") == 422
    assert enter(client, "PAVEL") == 429
    assert "Слишком много попыток" in client.post("/staff/sign-in/", data={"username": "pavel"}).text
    assert enter(client, "olga") == 303


def test_a_stranger_elsewhere_does_not_lock_a_colleague_out(client: FlaskClient, limited: None) -> None:
    make_staff(username="semyon")
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    guess = {"username": "semyon", "password": "guess"}
    answers = [client.post("/staff/sign-in/", data=guess, environ_overrides=elsewhere) for _ in range(11)]
    assert answers[-1].status_code == 429
    assert enter(client, "semyon") == 303


def test_the_language_switch_holds_for_the_staff_screens(client: FlaskClient, engineer: StaffUser) -> None:
    answer = client.post("/staff/language", data={"language": "en", "next": "/staff/tickets/"})
    assert answer.headers["Location"] == "/staff/tickets/"
    assert "<h1>Tickets</h1>" in client.get("/staff/tickets/").text
    assert client.get("/staff/language").status_code == 405
