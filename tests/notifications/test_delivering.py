"""Claim, send, settle: states of a mail, its tries, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from blinker import Signal
from flask import Flask
from sqlalchemy.exc import OperationalError

from supportapp import clock
from supportapp.extensions import db
from supportapp.notifications import delivering, jobs, operations, rules
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Failure, Notification, NotificationState
from supportapp.notifications.smtp import Outcome
from tests.conftest import make_settings
from tests.services import SmtpServer, free_port

Failing = Callable[[str, int], None]
UNKNOWN = Outcome("550 unknown", Failure.PERMANENT)


@pytest.fixture(autouse=True)
def _settings(
    app: Flask, session: object, bells: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, smtp_server: SmtpServer
) -> None:
    settings = make_settings(tmp_path, SMTP_HOST="127.0.0.1", SMTP_PORT=smtp_server.port, SMTP_TIMEOUT=5)
    monkeypatch.setitem(app.extensions, "settings", settings)


@pytest.fixture
def mail(letter: Letter, at: datetime) -> Notification:
    return record(letter, at)


def record(letter: Letter, at: datetime, recipient: str = "anna@example.com") -> Notification:
    row = operations.notify(kind="hello", recipient=recipient, language="ru", letter=letter, at=at)
    db.session.commit()
    return row


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Let the database be away at the first calls of ``claim`` or ``settle``; nobody waits for it meanwhile."""
    monkeypatch.setattr(jobs.time, "sleep", lambda seconds: None)

    def fail(act: str, times: int) -> None:
        really, left = getattr(jobs, act), iter(range(times))

        def attempt(*args: Any, **options: Any) -> Any:
            done = really(*args, **options)
            if next(left, None) is not None:
                raise OperationalError("COMMIT", {}, ConnectionError("the server closed the connection"))
            return done

        monkeypatch.setattr(jobs, act, attempt)

    return fail


@contextmanager
def listening(signal: Signal) -> Iterator[list[tuple[int, datetime]]]:
    """Who was announced, and when."""
    heard: list[tuple[int, datetime]] = []

    def hear(sender: Notification, at: datetime) -> None:
        heard.append((sender.id, at))

    with signal.connected_to(hear):
        yield heard


def test_a_delivered_mail_is_marked_and_announced(mail: Notification, at: datetime, smtp_server: SmtpServer) -> None:
    with listening(operations.delivered) as heard:
        jobs.deliver(mail.id)
    assert smtp_server.mails[0]["Message-ID"] == mail.message_id
    assert (mail.state, mail.sent_at, mail.attempts) == (NotificationState.SENT, at, 1)
    assert mail.claimed_until is None
    assert heard == [(mail.id, at)]


def test_a_delivered_mail_is_not_sent_again(mail: Notification, smtp_server: SmtpServer) -> None:
    for _ in range(3):
        jobs.deliver(mail.id)
        jobs.sweep_outbox()
    assert len(smtp_server.mails) == 1


def test_a_mail_that_does_not_exist_is_nobodys_trouble(smtp_server: SmtpServer) -> None:
    jobs.deliver(10**9)
    assert smtp_server.mails == []


def test_only_one_of_two_gets_the_claim(mail: Notification, at: datetime) -> None:
    first, second = delivering.claim(mail.id, at=at), delivering.claim(mail.id, at=at)
    assert first is not None
    assert second is None


def test_a_claim_outlives_every_sending_and_then_runs_out(mail: Notification, at: datetime) -> None:
    assert delivering.claim(mail.id, at=at)
    assert delivering.claim(mail.id, at=at + rules.sending_limit(5)) is None
    assert delivering.claim(mail.id, at=at + rules.claim_length(5)) is not None


def test_a_refused_recipient_is_given_up_and_announced(
    mail: Notification, at: datetime, smtp_server: SmtpServer
) -> None:
    smtp_server.answers["anna@example.com"] = "550 5.1.1 unknown"
    with listening(operations.undeliverable) as heard, listening(operations.delivered) as delivered:
        jobs.deliver(mail.id)
    assert (mail.state, mail.last_error) == (NotificationState.UNDELIVERABLE, "550 5.1.1 unknown")
    assert heard == [(mail.id, at)]
    assert delivered == []
    jobs.sweep_outbox()
    assert mail.attempts == 1


def test_what_is_no_address_is_given_up_without_a_call(letter: Letter, at: datetime) -> None:
    mail = record(letter, at, recipient="nobody")
    with listening(operations.undeliverable) as heard:
        jobs.deliver(mail.id)
    assert mail.state is NotificationState.UNDELIVERABLE
    assert "not an e-mail address" in mail.last_error
    assert len(heard) == 1


def test_a_failed_mail_is_tried_again_when_its_time_has_come(
    mail: Notification, at: datetime, smtp_server: SmtpServer
) -> None:
    smtp_server.answers["anna@example.com"] = "450 greylisted"
    jobs.deliver(mail.id)
    assert (mail.state, mail.next_attempt_at) == (NotificationState.FAILED, at + timedelta(minutes=1))
    assert mail.last_error == "450 greylisted"
    smtp_server.answers.clear()
    jobs.sweep_outbox()
    jobs.deliver(mail.id)
    assert smtp_server.mails == []
    with clock.frozen(at + timedelta(seconds=64)):
        jobs.sweep_outbox()
    assert mail.state is NotificationState.SENT
    assert mail.last_error == ""


@pytest.mark.parametrize(
    ("failure", "minutes"),
    [
        (Failure.TEMPORARY, [1, 5, 15, 30, 60, 60]),
        (Failure.REFUSED, [1, 2, 5, 10, 15, 15]),
        (Failure.SLOW, [5, 15, 30, 60, 120, 120]),
    ],
)
def test_each_kind_of_failure_has_its_own_waits_and_all_end_after_two_days(
    failure: Failure, minutes: list[int], mail: Notification, at: datetime
) -> None:
    waits = []
    moment = at
    while mail.state is not NotificationState.UNDELIVERABLE:
        taken = delivering.claim(mail.id, at=moment)
        assert taken
        delivering.settle(taken, Outcome("it failed", failure), at=moment)
        assert mail.failure is failure
        if mail.next_attempt_at:
            waits.append((mail.next_attempt_at - moment).total_seconds() / 60)
            moment = mail.next_attempt_at
    assert waits[:6] == minutes
    assert timedelta(hours=45) < moment - at <= timedelta(hours=48)


def test_a_long_absence_of_the_server_costs_a_mail_none_of_its_later_tries(mail: Notification, at: datetime) -> None:
    for minute in range(0, 24 * 60, 15):
        taken = delivering.claim(mail.id, at=at + timedelta(minutes=minute))
        assert taken
        delivering.settle(taken, Outcome("refused", Failure.REFUSED), at=at + timedelta(minutes=minute))
    later = at + timedelta(hours=24, minutes=1)
    taken = delivering.claim(mail.id, at=later)
    assert taken
    delivering.settle(taken, Outcome("450 later", Failure.TEMPORARY), at=later)
    assert (mail.state, mail.next_attempt_at) == (NotificationState.FAILED, later + timedelta(hours=1))


def test_a_mail_that_cannot_be_composed_holds_up_none_behind_it(
    letter: Letter, at: datetime, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, good = record(letter, at), record(letter, at)
    compose = delivering.compose

    def fail(mail: Notification, *others: Notification, at: datetime) -> EmailMessage:
        if mail.id == broken.id:
            raise AttributeError("the standard library fell over it")
        return compose(mail, *others, at=at)

    monkeypatch.setattr(delivering, "compose", fail)
    jobs.deliver(broken.id)
    jobs.deliver(good.id)
    assert (broken.state, good.state) == (NotificationState.UNDELIVERABLE, NotificationState.SENT)


def test_a_mail_that_kills_its_senders_is_given_up_too(mail: Notification, at: datetime) -> None:
    moment = at
    while delivering.claim(mail.id, at=moment):
        moment += rules.claim_length(5)
    db.session.refresh(mail)
    assert mail.state is NotificationState.UNDELIVERABLE
    assert mail.attempts == rules.MAX_ATTEMPTS + 1


def test_a_late_failure_does_not_touch_the_claim_of_another(mail: Notification, at: datetime) -> None:
    slow = delivering.claim(mail.id, at=at)
    later = at + rules.claim_length(5)
    second = delivering.claim(mail.id, at=later)
    assert slow
    assert second
    delivering.settle(slow, UNKNOWN, at=later)
    assert mail.state is NotificationState.QUEUED
    assert mail.claimed_until == second.until
    delivering.settle(slow, Outcome(), at=later)
    assert mail.state is NotificationState.SENT
    with listening(operations.delivered) as heard:
        delivering.settle(second, Outcome(), at=later)
    assert heard == []


def test_a_listener_that_loses_a_race_is_asked_again(mail: Notification, at: datetime) -> None:
    asked = []

    def listen(sender: Notification, at: datetime) -> None:
        asked.append(sender.state)
        if len(asked) < 3:
            raise RuntimeError("changed meanwhile")

    with operations.delivered.connected_to(listen):
        jobs.deliver(mail.id)
    assert asked == [NotificationState.SENT] * 3
    assert db.session.get_one(Notification, mail.id).state is NotificationState.SENT


def test_a_broken_listener_does_not_make_a_mail_come_twice(
    mail: Notification, smtp_server: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    def listen(sender: Notification, at: datetime) -> None:
        raise RuntimeError("a mistake of ours")

    with operations.delivered.connected_to(listen):
        jobs.deliver(mail.id)
        jobs.deliver(mail.id)
    assert len(smtp_server.mails) == 1
    assert db.session.get_one(Notification, mail.id).state is NotificationState.SENT
    assert "a mistake of ours" in caplog.text


def test_a_broken_listener_to_what_is_given_up_holds_up_no_other_mail(
    letter: Letter, at: datetime, smtp_server: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    hopeless, good = record(letter, at, recipient="nobody"), record(letter, at)

    def listen(sender: Notification, at: datetime) -> None:
        raise RuntimeError("a mistake of ours")

    with operations.undeliverable.connected_to(listen), clock.frozen(at + timedelta(minutes=1)):
        jobs.sweep_outbox()
    assert (hopeless.state, good.state) == (NotificationState.UNDELIVERABLE, NotificationState.SENT)
    assert "a mistake of ours" in caplog.text


@pytest.mark.parametrize("act", ["claim", "settle"])
@pytest.mark.parametrize("times", [1, 4])
def test_a_database_that_fails_for_a_moment_loses_and_doubles_nothing(
    mail: Notification, smtp_server: SmtpServer, failing: Failing, act: str, times: int
) -> None:
    failing(act, times)
    jobs.deliver(mail.id)
    jobs.deliver(mail.id)
    assert len(smtp_server.mails) == 1
    assert db.session.get_one(Notification, mail.id).state is NotificationState.SENT


def test_a_mail_that_cannot_be_taken_leaves_the_others_their_turn(
    letter: Letter, at: datetime, smtp_server: SmtpServer, failing: Failing
) -> None:
    first, second = record(letter, at), record(letter, at, recipient="second@example.com")
    failing("claim", len(jobs.TRIES))
    with clock.frozen(at + timedelta(minutes=1)):
        jobs.sweep_outbox()
    assert smtp_server.recipients == ["second@example.com"]
    assert (first.state, second.state) == (NotificationState.QUEUED, NotificationState.SENT)


def test_however_many_mails_cannot_be_taken_the_others_are_sent(
    letter: Letter, at: datetime, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {record(letter, at).id for _ in range(jobs.TROUBLES + 1)}
    record(letter, at, recipient="last@example.com")
    claim = jobs.claim

    def fail(notification_id: int, **options: Any) -> delivering.Claim | None:
        if notification_id in broken:
            raise LookupError("a row that nobody understands")
        return claim(notification_id, **options)

    monkeypatch.setattr(jobs, "claim", fail)
    with clock.frozen(at + timedelta(minutes=1)):
        jobs.sweep_outbox()
    assert smtp_server.recipients == ["last@example.com"]


def test_when_nothing_can_be_written_down_nothing_more_is_sent(
    letter: Letter, at: datetime, smtp_server: SmtpServer, failing: Failing, caplog: pytest.LogCaptureFixture
) -> None:
    record(letter, at), record(letter, at)
    failing("settle", len(jobs.TRIES))
    with clock.frozen(at + timedelta(minutes=1)):
        jobs.sweep_outbox()
        assert len(smtp_server.mails) == 1
        assert "could not be written down" in caplog.text
        jobs.sweep_outbox()  # the first one is still claimed, and not sent again meanwhile
    assert len(smtp_server.mails) == 2


def test_a_database_that_stays_away_ends_the_turn(
    letter: Letter, at: datetime, smtp_server: SmtpServer, failing: Failing
) -> None:
    for _ in range(jobs.TROUBLES + 1):
        record(letter, at)
    failing("claim", jobs.TROUBLES * len(jobs.TRIES))
    with clock.frozen(at + timedelta(minutes=1)):
        jobs.sweep_outbox()
    assert smtp_server.mails == []


def test_the_sweep_leaves_what_was_just_rung_for(mail: Notification, at: datetime, smtp_server: SmtpServer) -> None:
    jobs.sweep_outbox()
    assert smtp_server.mails == []
    with clock.frozen(at + timedelta(seconds=4)):
        jobs.sweep_outbox()
    assert len(smtp_server.mails) == 1


def test_the_sweep_goes_on_batch_by_batch_until_its_time_is_up(
    letter: Letter, at: datetime, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    for n in range(5):
        record(letter, at, recipient=f"customer{n}@example.com")
    with clock.frozen(at + timedelta(minutes=1)):
        with monkeypatch.context() as hurry:
            hurry.setattr(jobs, "BATCH_SECONDS", -1)
            jobs.sweep_outbox()
        assert smtp_server.recipients == []
        jobs.sweep_outbox()
    assert smtp_server.recipients == [f"customer{n}@example.com" for n in range(5)]


def test_the_sweep_stops_at_a_server_that_is_away(
    app: Flask, letter: Letter, at: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    settings = make_settings(tmp_path, SMTP_HOST="127.0.0.1", SMTP_PORT=free_port())
    monkeypatch.setitem(app.extensions, "settings", settings)
    mails = [record(letter, at) for _ in range(3)]
    with clock.frozen(at + timedelta(minutes=1)):
        jobs.sweep_outbox()
    assert [mail.state for mail in mails] == [NotificationState.FAILED, *[NotificationState.QUEUED] * 2]


def test_one_refused_recipient_does_not_stop_the_sweep(letter: Letter, at: datetime, smtp_server: SmtpServer) -> None:
    smtp_server.answers["first@example.com"] = "450 later"
    record(letter, at, recipient="first@example.com")
    record(letter, at, recipient="second@example.com")
    with clock.frozen(at + timedelta(minutes=1)):
        jobs.sweep_outbox()
    assert smtp_server.recipients == ["second@example.com"]
