"""The whole mail behind an entry that came by mail."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import Customer
from supportapp.files import storage
from supportapp.mailbox.models import ReceivedMail
from tests.factories import mails, make_customer, make_ticket
from tests.mailbox.conftest import _reading, configure  # noqa: F401 - fixtures
from tests.mailbox.letters import answer, receive

pytestmark = pytest.mark.usefixtures("configure")
TEXT = "Вот журнал.\n\n20.11.2026 14:00, Поддержка пишет:\n> Пришлите <b>журнал</b>.\n"


def sign_in(client: FlaskClient, customer: Customer, at: datetime) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["signed_in_at"] = customer.get_id(), at.timestamp()


@pytest.fixture
def row(client: FlaskClient, at: datetime) -> ReceivedMail:
    make_ticket(make_customer(email="anna@example.com"))
    return receive(answer(mails("ticket_submitted")[0], TEXT))


def address(row: ReceivedMail) -> str:
    assert row.ticket is not None
    return f"/tickets/{row.ticket.reference}/messages/{row.entry_id}/original"


def test_the_entry_shows_what_is_new_and_leads_to_the_whole(
    client: FlaskClient, row: ReceivedMail, at: datetime
) -> None:
    assert row.ticket is not None
    sign_in(client, row.ticket.customer, at)
    page = client.get(f"/tickets/{row.ticket.reference}").text
    assert "Вот журнал." in page
    assert "Поддержка пишет" not in page
    assert address(row) in page
    whole = client.get(address(row)).text
    assert "Поддержка пишет" in whole
    assert "&lt;b&gt;журнал" in whole


def test_another_customer_finds_nothing(client: FlaskClient, row: ReceivedMail, at: datetime) -> None:
    sign_in(client, make_customer(), at)
    assert client.get(address(row)).status_code == 404


def test_an_entry_of_the_portal_has_no_mail(client: FlaskClient, row: ReceivedMail, at: datetime) -> None:
    assert row.ticket is not None
    sign_in(client, row.ticket.customer, at)
    first = row.ticket.messages[0].id
    assert client.get(f"/tickets/{row.ticket.reference}/messages/{first}/original").status_code == 404


def test_a_storage_that_is_away_is_said(
    client: FlaskClient, row: ReceivedMail, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(key: str) -> None:
        raise storage.StorageError(key)

    assert row.ticket is not None
    sign_in(client, row.ticket.customer, at)
    monkeypatch.setattr(storage, "open_key", away)
    assert client.get(address(row)).status_code == 503


def test_what_a_ticket_continues_is_a_link(client: FlaskClient, row: ReceivedMail, at: datetime) -> None:
    assert row.ticket is not None
    new = make_ticket(row.ticket.customer, continues=row.ticket)
    sign_in(client, new.customer, at)
    assert f'href="/tickets/{row.ticket.reference}"' in client.get(f"/tickets/{new.reference}").text
