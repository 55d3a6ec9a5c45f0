"""People who sign in at the staff door, by role; the roles hold what the program's table says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.staff.permissions import sync_roles
from tests.factories import PASSWORD, make_staff

SignIn = Callable[..., StaffUser]


@pytest.fixture(autouse=True)
def roles(session: object) -> None:
    """The four roles with their permissions."""
    sync_roles()


@pytest.fixture(autouse=True)
def fresh_counters(app: Flask) -> None:
    """What was counted for an earlier test's list is not remembered."""
    app.extensions.pop("ticket_counters", None)


@pytest.fixture(autouse=True)
def undo_seconds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """What staff send leaves at once; a test about taking back calls this with a number of seconds."""

    def wait(seconds: int) -> None:
        changed = dataclasses.replace(app.extensions["settings"], UNDO_SECONDS=seconds)
        monkeypatch.setitem(app.extensions, "settings", changed)

    wait(0)
    return wait


@pytest.fixture
def sign_in(client: FlaskClient) -> SignIn:
    """Sign a new colleague of the given role in, by the form; further keywords are the account's."""

    def act(role: str = "Engineer", **changes: object) -> StaffUser:
        person = make_staff(role, **changes)
        answer = client.post("/staff/sign-in/", data={"username": person.username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return person

    return act


@pytest.fixture
def engineer(sign_in: SignIn) -> StaffUser:
    return sign_in("Engineer")


@pytest.fixture
def manager(sign_in: SignIn) -> StaffUser:
    return sign_in("Manager")


@pytest.fixture
def editor(sign_in: SignIn) -> StaffUser:
    return sign_in("Editor")


@pytest.fixture
def admin(sign_in: SignIn) -> StaffUser:
    return sign_in("Admin")
