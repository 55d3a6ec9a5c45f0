"""Two portals whose mails go to each other: the talk dies out within three mails, whatever servers strip on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from supportapp import create_app
from supportapp.extensions import db
from supportapp.mailbox.jobs import read_received, take_in
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import Door
from supportapp.notifications.compose import compose
from supportapp.notifications.models import Notification, NotificationState
from supportapp.tickets import operations
from tests.conftest import make_settings
from tests.factories import make_customer, make_staff, make_ticket
from tests.services import own_database

MACHINE_HEADERS = ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe")
MOST = 3


@pytest.fixture
def portals(tmp_path: Path) -> Iterator[dict[str, Flask]]:
    """The portals of a.example and b.example, each with a database and a key of its own."""
    with ExitStack() as stack:
        apps = {}
        for name in ("a", "b"):
            folder = tmp_path / name
            folder.mkdir()
            apps[name] = create_app(
                make_settings(
                    folder,
                    DATABASE_URL=stack.enter_context(own_database(folder)),
                    SECRET_KEY=f"{name}-only-for-tests-0123456789abcdefghij",
                    MAIL_FROM=f"support@{name}.example",
                    MAIL_REPLIES=True,
                    MAIL_GATHER_SECONDS=0,
                )
            )
            with apps[name].app_context():
                db.create_all()
        yield apps
        for app in apps.values():
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def outgoing(app: Flask, *, stripped: bool, at: datetime) -> list[bytes]:
    """What the portal sends now to the other one, as it arrives there."""
    with app.app_context():
        waiting = list(db.session.scalars(select(Notification).where(Notification.state == NotificationState.QUEUED)))
        sent = []
        for mail in waiting:
            message = message_from_bytes(compose(mail, at=at).as_bytes())
            for name in MACHINE_HEADERS if stripped else ():
                del message[name]
            sent.append(message.as_bytes())
            mail.state = NotificationState.SENT
        db.session.commit()
        return sent


def incoming(app: Flask, raw: bytes, sender: str) -> None:
    with app.app_context():
        read_received(take_in(raw, Envelope(Door.LMTP, sender, ("support@localhost",))))
        db.session.remove()


def talk(portals: dict[str, Flask], *, stripped: bool, at: datetime) -> int:
    """Carry mails to and fro until nobody has anything to say; how many there were."""
    number = 0
    for _ in range(20):
        carried = 0
        for here, there in (("a", "b"), ("b", "a")):
            for raw in outgoing(portals[here], stripped=stripped, at=at):
                incoming(portals[there], raw, f"support@{here}.example")
                carried += 1
        number += carried
        if not carried:
            return number
    pytest.fail(f"they still talk after {number} mails")


@pytest.mark.parametrize("stripped", [False, True], ids=["as sent", "stripped"])
@pytest.mark.parametrize("registered", ["nobody", "a at b", "both"])
def test_two_portals_stop_talking_within_three_mails(
    portals: dict[str, Flask], at: datetime, stripped: bool, registered: str
) -> None:
    with portals["a"].app_context():  # the first mail: a tells its customer, whose address is b
        make_ticket(make_customer(email="support@b.example"))
        db.session.commit()
    if registered != "nobody":
        with portals["b"].app_context():
            make_customer(email="support@a.example")
            db.session.commit()
    if registered == "both":  # a asks, so that an answer of b's machine would be an act
        with portals["a"].app_context():
            from supportapp.tickets.models import Ticket

            engineer, ticket = make_staff(), db.session.scalars(select(Ticket)).one()
            operations.request_information(ticket, "Пришлите журнал.", by=engineer, at=at)
            db.session.query(Notification).filter_by(kind="ticket_submitted").delete()
            db.session.commit()
    assert talk(portals, stripped=stripped, at=at) <= MOST
    for app in portals.values():
        with app.app_context():
            assert db.session.query(ReceivedMail).filter(ReceivedMail.state == "received").count() == 0
