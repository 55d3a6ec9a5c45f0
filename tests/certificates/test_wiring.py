"""The parts are joined: the command is there, and a change of address reaches the registrations."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from supportapp.accounts.operations import email_changed
from tests.factories import make_customer, make_registration


def test_the_application_knows_the_import_command(app: Flask) -> None:
    assert "import-certificates" in app.cli.commands


def test_a_change_of_address_reaches_the_registrations(session: object, at: datetime) -> None:
    old, new = make_customer(), make_customer(created_at=at)
    registration = make_registration(old)
    email_changed.send(old, successor=new)
    assert registration.released_at == at
