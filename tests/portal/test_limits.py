"""Doors that take a secret let nobody try for ever, and lock nobody out for a stranger's attempts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from supportapp.extensions import limiter
from tests.factories import PASSWORD, make_customer, make_regulation
from tests.portal.people import mails, seen, sign_in


@pytest.fixture(autouse=True)
def counting(client: FlaskClient) -> Iterator[None]:
    """The limits count, in memory, since the tests have no Redis."""
    limiter.enabled = True
    yield
    assert limiter._fallback_storage is not None
    limiter._fallback_storage.reset()
    limiter.enabled = False


def attempt(client: FlaskClient, email: str, password: str = "не тот", address: str = "192.0.2.1") -> Any:
    form = {"email": email, "password": password}
    return client.post("/sign-in", data=form, environ_overrides={"REMOTE_ADDR": address})


def test_ten_wrong_passwords_close_the_door_with_a_calm_page(client: FlaskClient) -> None:
    customer = make_customer()
    assert [attempt(client, customer.email).status_code for _ in range(10)] == [422] * 10
    page = attempt(client, customer.email, PASSWORD)
    assert page.status_code == 429
    assert "Слишком много попыток" in seen(page)


def test_a_stranger_elsewhere_does_not_lock_the_owner_out(client: FlaskClient) -> None:
    customer = make_customer()
    for _ in range(11):
        attempt(client, customer.email, address="203.0.113.9")
    assert attempt(client, customer.email, PASSWORD).status_code == 302


def test_one_household_of_ipv6_counts_as_one_visitor(client: FlaskClient) -> None:
    customer = make_customer()
    answers = [attempt(client, customer.email, address=f"2001:db8::{n}").status_code for n in range(1, 12)]
    assert answers[-1] == 429


def test_signing_in_rightly_costs_nothing(client: FlaskClient) -> None:
    customer = make_customer()
    for _ in range(12):
        assert attempt(client, customer.email, PASSWORD).status_code == 302
        client.post("/sign-out")


def test_reset_mails_to_one_address_are_limited(client: FlaskClient) -> None:
    make_customer(email="anna@example.com")
    codes = [client.post("/password/forgot", data={"email": "anna@example.com"}).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]
    assert len(mails()) == 5


def test_sign_ups_are_limited(client: FlaskClient) -> None:
    make_regulation()
    codes = [client.post("/sign-up", data={"email": "anna@example.com"}).status_code for _ in range(11)]
    assert codes[-1] == 429


def test_confirmation_mails_are_limited(client: FlaskClient) -> None:
    sign_in(client, confirmed_at=None)
    codes = [client.post("/confirmation").status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]


def test_guessed_links_are_limited(client: FlaskClient) -> None:
    codes = {client.get(f"/password/reset/guess{n}").status_code for n in range(60)}
    assert codes == {410}
    assert client.get("/password/reset/guess60").status_code == 429


def test_activation_codes_cannot_be_guessed_for_long(client: FlaskClient) -> None:
    sign_in(client)
    client.post("/certificates/new", data={"kind": "certificate", "number": "СП-1"})
    codes = [client.post("/certificates/new/code", data={"code": f"{n}"}).status_code for n in range(11)]
    assert codes == [422] * 10 + [429]
    page = client.post("/certificates/new/code", data={"code": "11"})
    assert "Слишком много попыток" in seen(page)


def test_a_wrong_current_password_counts(client: FlaskClient) -> None:
    sign_in(client)
    form = {"old_password": "не тот", "new_password": "четыре новых простых слова"}
    codes = [client.post("/profile/password", data=form).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
