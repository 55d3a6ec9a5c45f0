"""Two people reach for the last seat at once, on connections of their own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from supportapp import create_app
from supportapp.accounts.models import Customer
from supportapp.certificates import queries
from supportapp.certificates.models import Certificate
from supportapp.certificates.operations import look_up, register
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from supportapp.extensions import db
from tests.conftest import make_settings
from tests.factories import make_certificate, make_customer

ROUNDS = 6
DATABASES = ["sqlite", *(["postgresql"] if os.environ.get("TEST_DATABASE_URL", "").startswith("postgres") else [])]


@pytest.fixture(params=DATABASES)
def real_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own, where commits are real."""
    if request.param == "sqlite":
        yield from _prepared(f"sqlite:///{tmp_path / 'race.db'}", tmp_path)
        return
    url = make_url(os.environ["TEST_DATABASE_URL"]).set(drivername="postgresql+psycopg")
    name = f"{url.database}_race_{os.getpid()}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield from _prepared(url.set(database=name).render_as_string(hide_password=False), tmp_path)
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


def _prepared(url: str, folder: Path) -> Iterator[Flask]:
    app = create_app(make_settings(folder, DATABASE_URL=url))
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


class Racer(threading.Thread):
    """One customer in a thread, with a session of his own, who looks up, waits for the start and registers."""

    def __init__(
        self, app: Flask, customer_id: int, certificate_id: int, start: threading.Barrier, at: datetime
    ) -> None:
        super().__init__()
        self.facts = app, customer_id, certificate_id, start, at
        self.outcome = ""

    def run(self) -> None:
        app, customer_id, certificate_id, start, at = self.facts
        with app.app_context():
            customer = db.session.get_one(Customer, customer_id)
            seen = db.session.get_one(Certificate, certificate_id)
            look_up(seen.kind, seen.number, seen.activation_code, customer=customer, at=at)
            db.session.commit()
            start.wait(timeout=30)
            try:
                register(seen, by=customer, at=at)
                db.session.commit()
                self.outcome = "registered"
            except Refused as refused:
                db.session.rollback()
                self.outcome = refused.reason


def _race(app: Flask, customers: list[int], certificate_id: int, at: datetime) -> list[str]:
    start = threading.Barrier(len(customers))
    racers = [Racer(app, customer, certificate_id, start, at) for customer in customers]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(timeout=60)
    return sorted(racer.outcome for racer in racers)


@pytest.mark.parametrize("seats_left", [1, 2])
def test_of_many_who_want_the_last_seats_exactly_as_many_win(real_app: Flask, at: datetime, seats_left: int) -> None:
    people = seats_left + 1
    contracts = [make_certificate(kind=CertificateKind.CONTRACT, seats=seats_left).id for _ in range(ROUNDS)]
    customers = [make_customer().id for _ in range(people)]
    db.session.commit()
    for certificate_id in contracts:
        assert _race(real_app, customers, certificate_id, at) == ["no_free_seat", *["registered"] * seats_left]
        assert queries.taken_seats(db.session.get_one(Certificate, certificate_id)) == seats_left
        db.session.rollback()


def test_one_person_who_presses_twice_at_once_registers_once(real_app: Flask, at: datetime) -> None:
    certificate = make_certificate(kind=CertificateKind.CONTRACT, seats=5).id
    customer = make_customer().id
    db.session.commit()
    assert _race(real_app, [customer, customer], certificate, at) == ["already_registered", "registered"]
