"""How fast mails go, and that one slow or refusing server holds up no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from supportapp import clock
from supportapp.extensions import db
from supportapp.jobs.queue import Bell
from supportapp.notifications import jobs, operations, pace
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Failure, Notification, NotificationState
from tests.conftest import make_settings
from tests.services import RedisServer, SmtpServer

Configure = Callable[..., None]
Record = Callable[..., Notification]
QUEUED, SENT, FAILED = NotificationState.QUEUED, NotificationState.SENT, NotificationState.FAILED


@pytest.fixture(autouse=True)
def configure(
    app: Flask, session: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, smtp_server: SmtpServer
) -> Configure:
    def change(**changes: Any) -> None:
        values = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": smtp_server.port, "SMTP_TIMEOUT": 1, **changes}
        monkeypatch.setitem(app.extensions, "settings", make_settings(tmp_path, **values))

    change()
    return change


@pytest.fixture
def record(letter: Letter, at: datetime, bells: list[Bell]) -> Record:
    def make(recipient: str) -> Notification:
        row = operations.notify(kind="hello", recipient=recipient, language="ru", letter=letter, at=clock.now())
        db.session.commit()
        return row

    return make


def sweep_at(moment: datetime) -> None:
    with clock.frozen(moment):
        jobs.sweep_outbox()


def test_what_is_over_the_minutes_limit_goes_in_the_next_and_counts_no_try(
    configure: Configure, record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    configure(MAIL_PER_MINUTE=3)
    mails = [record(f"customer{n}@firm{n}.example") for n in range(5)]
    sweep_at(at + timedelta(seconds=10))
    assert [mail.state for mail in mails] == [SENT] * 3 + [QUEUED] * 2
    sweep_at(at + timedelta(seconds=40))
    assert len(smtp_server.mails) == 3
    sweep_at(at + timedelta(seconds=71))
    assert smtp_server.recipients == [f"customer{n}@firm{n}.example" for n in range(5)]
    assert [mail.attempts for mail in mails] == [1] * 5


def test_what_one_person_gets_too_much_is_put_off_in_its_order_and_others_get_theirs(
    configure: Configure, record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    configure(MAIL_PER_RECIPIENT=2)
    anna = [record("anna@example.com") for _ in range(5)]
    record("boris@example.com")
    sweep_at(at + timedelta(seconds=10))
    assert smtp_server.recipients == ["anna@example.com"] * 2 + ["boris@example.com"]
    assert {(mail.state, mail.attempts) for mail in anna[2:]} == {(QUEUED, 0)}
    for seconds in range(30, 300, 10):
        sweep_at(at + timedelta(seconds=seconds))
    arrived = [mail["Message-ID"] for mail in smtp_server.to("anna@example.com")]
    assert arrived == [mail.message_id for mail in anna]


def test_a_limit_of_zero_is_none(configure: Configure, record: Record, at: datetime, smtp_server: SmtpServer) -> None:
    configure(MAIL_PER_MINUTE=0, MAIL_PER_RECIPIENT=0)
    for _ in range(40):
        record("anna@example.com")
    sweep_at(at + timedelta(seconds=10))
    assert len(smtp_server.mails) == 40


def test_a_slow_domain_costs_one_try_and_the_others_get_their_mails(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    smtp_server.slow["slow.example"] = 3
    slow = [record(f"customer{n}@slow.example") for n in range(5)]
    quick = [record(f"customer{n}@quick.example") for n in range(5)]
    sweep_at(at + timedelta(seconds=10))
    assert [mail.state for mail in quick] == [SENT] * 5
    assert [(mail.state, mail.failure) for mail in slow] == [(FAILED, Failure.SLOW)] + [(QUEUED, None)] * 4
    assert [mail.attempts for mail in slow] == [1, 0, 0, 0, 0]
    smtp_server.slow.clear()
    sweep_at(at + timedelta(seconds=90))
    sweep_at(at + timedelta(seconds=320))
    assert {mail.state for mail in slow} == {SENT}


def test_a_domain_that_says_later_twice_is_left_alone_and_one_full_mailbox_stops_nobody(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    smtp_server.answers["full@big.example"] = "452 4.2.2 mailbox full"
    one = [record(f"{name}@big.example") for name in ("full", "anna", "boris")]
    for name in ("a", "b", "c", "d"):
        smtp_server.answers[f"{name}@grey.example"] = "451 4.7.1 greylisted"
    grey = [record(f"{name}@grey.example") for name in ("a", "b", "c", "d")]
    last = record("vera@example.com")
    sweep_at(at + timedelta(seconds=10))
    assert [mail.state for mail in one] == [FAILED, SENT, SENT]
    assert [mail.state for mail in grey] == [FAILED, FAILED, QUEUED, QUEUED]
    assert last.state is SENT


def test_when_nobody_is_reached_three_times_in_a_row_it_is_our_own_server(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    for n in range(5):
        smtp_server.slow[f"firm{n}.example"] = 3
    mails = [record(f"anna@firm{n}.example") for n in range(5)]
    sweep_at(at + timedelta(seconds=10))
    assert [mail.state for mail in mails] == [FAILED] * 3 + [QUEUED] * 2


def test_a_whole_sweep_needs_one_connection(record: Record, at: datetime, smtp_server: SmtpServer) -> None:
    smtp_server.answers["gone@example.com"] = "550 5.1.1 unknown"
    for name in ("anna", "gone", "boris", "vera"):
        record(f"{name}@example.com")
    sweep_at(at + timedelta(seconds=10))
    assert (len(smtp_server.mails), smtp_server.greeted) == (3, 1)


def test_a_bell_is_heard_for_everything_that_is_due(record: Record, at: datetime, smtp_server: SmtpServer) -> None:
    first, second = record("anna@example.com"), record("boris@example.com")
    jobs.deliver(second.id)
    assert smtp_server.recipients == ["boris@example.com", "anna@example.com"]
    assert first.state is SENT


@pytest.mark.services
def test_all_workers_know_for_a_minute_which_domain_is_slow(
    configure: Configure, redis_server: RedisServer, record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    configure(REDIS_URL=redis_server.url)
    smtp_server.slow["slow.example"] = 3
    jobs.deliver(record("anna@slow.example").id)
    second = record("boris@slow.example")
    jobs.deliver(second.id)  # as another process would
    assert (second.state, second.attempts, second.next_attempt_at) == (QUEUED, 0, at + pace.PAUSE)
    smtp_server.slow.clear()
    sweep_at(at + timedelta(seconds=65))
    assert second.state is SENT


@pytest.mark.services
def test_what_is_left_for_the_next_minute_is_rung_for_once(
    configure: Configure, redis_server: RedisServer, record: Record, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(REDIS_URL=redis_server.url, MAIL_PER_MINUTE=1)
    rung: list[Bell] = []
    monkeypatch.setattr(jobs, "ring", rung.extend)
    for name in ("anna", "boris", "vera"):
        record(f"{name}@example.com")
    for _ in range(3):
        sweep_at(at + timedelta(seconds=10))
    assert rung == [Bell(jobs.SWEEP, (), "mail", jobs.CONTINUE_SECONDS)]
