"""Sign-in and sign-out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp import clock, database
from supportapp.accounts import operations
from supportapp.extensions import db
from tests.conftest import NOON
from tests.factories import PASSWORD, make_customer, make_staff
from tests.portal.people import seen, sign_in


def attempt(client: FlaskClient, email: str, password: str, **more: str) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def summary(answer: Any) -> str:
    return str(answer.text.partition('<div class="problem-summary"')[2].partition("</div>")[0])


def test_a_customer_signs_in_with_any_spelling_of_the_address(client: FlaskClient) -> None:
    make_customer(email="anna@example.com", name="Анна")
    assert attempt(client, " ANNA@example.com", PASSWORD).location == "/"
    assert "Здравствуйте, Анна!" in seen(client.get("/"))


def test_a_wrong_password_and_an_unknown_address_read_the_same(client: FlaskClient) -> None:
    make_customer(email="anna@example.com")
    wrong, unknown = attempt(client, "anna@example.com", "не тот пароль"), attempt(client, "no@example.com", PASSWORD)
    assert wrong.status_code == unknown.status_code == 422
    assert summary(wrong) == summary(unknown) != ""


def test_the_page_that_was_asked_for_follows(client: FlaskClient) -> None:
    customer = make_customer()
    asked = client.get("/certificates?x=1")
    assert asked.location.startswith("/sign-in?next=")
    page = client.get(asked.location)
    assert 'name="next" value="/certificates?x=1"' in page.text
    assert attempt(client, customer.email, PASSWORD, next="/certificates?x=1").location == "/certificates?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"],
)
def test_nobody_is_sent_to_another_site(client: FlaskClient, elsewhere: str) -> None:
    customer = make_customer()
    assert attempt(client, customer.email, PASSWORD, next=elsewhere).location == "/"


def test_sign_out_ends_the_session_and_keeps_the_language(client: FlaskClient) -> None:
    sign_in(client)
    client.post("/language", data={"language": "en"})
    assert "You have signed out." in seen(client.post("/sign-out", follow_redirects=True))
    assert "/sign-in" in client.get("/profile").location


def test_sign_out_is_not_a_link(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/profile").status_code == 200


def test_signing_out_everywhere_ends_the_other_browsers_only(client: FlaskClient) -> None:
    customer = sign_in(client)
    other = client.application.test_client()
    sign_in(other, customer)
    client.post("/profile/sign-out-everywhere")
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 302


def test_a_session_lasts_twelve_hours(client: FlaskClient) -> None:
    sign_in(client)
    with clock.frozen(NOON + timedelta(hours=11, minutes=59)):
        assert client.get("/profile").status_code == 200
    with clock.frozen(NOON + timedelta(hours=12, minutes=1)):
        assert client.get("/profile").status_code == 302


def test_opening_a_page_sends_no_new_cookie(client: FlaskClient) -> None:
    sign_in(client)
    client.get("/tickets/new")  # its form puts a token into the session
    assert "Set-Cookie" not in client.get("/tickets/new").headers
    assert "Set-Cookie" not in client.get("/profile").headers


def test_a_blocked_customer_does_not_get_in(client: FlaskClient) -> None:
    customer = make_customer(blocked_at=NOON)
    assert attempt(client, customer.email, PASSWORD).status_code == 422
    assert client.get("/profile").status_code == 302


def test_staff_are_no_customers(client: FlaskClient) -> None:
    staff = make_staff("Admin")
    assert attempt(client, staff.email, PASSWORD).status_code == 422


def test_hashing_a_password_holds_no_write_lock(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, seen_modes = make_customer(), []
    authenticate = operations.authenticate

    def watched(*args: Any, **kwargs: Any) -> Any:
        seen_modes.append((database._read_only.get(), db.session().in_transaction()))
        return authenticate(*args, **kwargs)

    monkeypatch.setattr(operations, "authenticate", watched)
    assert attempt(client, customer.email, PASSWORD).status_code == 302
    assert seen_modes == [(True, False)]


def test_signing_in_starts_a_new_session(client: FlaskClient) -> None:
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"
    sign_in(client)
    with client.session_transaction() as after:
        assert "planted" not in after
