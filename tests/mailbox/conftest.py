"""A portal that reads mail."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import Settings
from supportapp.extensions import db
from supportapp.jobs.queue import Bell
from supportapp.tickets.models import Ticket
from tests.factories import make_customer, make_staff, make_ticket
from tests.mailbox.servers import dovecot  # noqa: F401 - a fixture

Configure = Callable[..., Settings]


@pytest.fixture
def configure(app: Flask, tmp_path: Path) -> Iterator[Configure]:
    """Change settings for one test; attachments lie in a folder of its own."""
    before = app.extensions["settings"]

    def change(**values: Any) -> Settings:
        app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], **values)
        return app.extensions["settings"]  # type: ignore[no-any-return]

    change(MAIL_REPLIES=True, MAIL_GATHER_SECONDS=0, VAR_DIR=str(tmp_path))
    yield change
    app.extensions["settings"] = before


@pytest.fixture(autouse=True)
def _reading(request: pytest.FixtureRequest) -> None:
    """Every test with a session reads mail and rings no bell."""
    if "session" in request.fixturenames or "client" in request.fixturenames:
        request.getfixturevalue("configure")
        request.getfixturevalue("bells")


@pytest.fixture
def rung(bells: list[Bell]) -> list[Bell]:
    return bells


@pytest.fixture
def ticket(session: object, configure: Configure) -> Ticket:
    """A ticket in work, of anna@example.com."""
    ticket = make_ticket(make_customer(email="anna@example.com", name="Анна Смирнова"))
    ticket.assignee = make_staff(email="pavel@vendor.example")
    db.session.flush()
    return ticket  # type: ignore[no-any-return]
