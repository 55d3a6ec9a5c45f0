"""What really happens to mails when a part of the installation dies: real processes, really killed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from supportapp import clock
from supportapp.extensions import db
from supportapp.notifications import jobs, rules
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Notification, NotificationState
from supportapp.notifications.operations import notify
from tests.services import Portal, RedisServer, SmtpServer, eventually

pytestmark = pytest.mark.services

CLAIM = rules.claim_length(5)
A_SWEEP_LATER = timedelta(seconds=5)


@pytest.fixture(autouse=True)
def _in_the_portal(portal: Portal) -> Iterator[None]:
    with portal.app.app_context():
        yield


def record(letter: Letter, *recipients: str) -> list[int]:
    """One act that writes to ``recipients``, as a page does it."""
    mails = [
        notify(kind="hello", recipient=recipient, language="ru", letter=letter, at=clock.now())
        for recipient in recipients
    ]
    db.session.commit()
    ids = [mail.id for mail in mails]
    db.session.remove()
    return ids


def state(mail_id: int) -> NotificationState:
    """What the database says now."""
    found = db.session.get_one(Notification, mail_id).state
    db.session.remove()
    return found


def is_sent(mail_id: int) -> bool:
    return state(mail_id) is NotificationState.SENT


def test_a_mail_goes_from_the_act_through_redis_and_the_worker_to_its_reader(
    portal: Portal, smtp_server: SmtpServer, letter: Letter
) -> None:
    portal.start_worker()
    (mail,) = record(letter, "anna@example.com")
    eventually(lambda: is_sent(mail), "the mail was not sent")
    assert smtp_server.recipients == ["anna@example.com"]


def test_without_redis_the_act_is_quick_and_the_sweep_delivers_later(
    portal: Portal, redis_server: RedisServer, smtp_server: SmtpServer, letter: Letter
) -> None:
    redis_server.stop()
    started = time.monotonic()
    (mail,) = record(letter, "anna@example.com")
    assert time.monotonic() - started < 1.5
    assert state(mail) is NotificationState.QUEUED
    redis_server.start()
    portal.move_clock(A_SWEEP_LATER)
    portal.start_worker()
    portal.start_scheduler()
    eventually(lambda: is_sent(mail), "the sweep did not deliver")
    assert smtp_server.recipients == ["anna@example.com"]


def test_a_redis_that_hangs_costs_an_act_little_more_than_a_second(
    portal: Portal, redis_server: RedisServer, letter: Letter
) -> None:
    assert redis_server.process
    redis_server.process.pause()
    started = time.monotonic()
    record(letter, *[f"customer{n}@example.com" for n in range(5)])
    assert time.monotonic() - started < 2.5


def test_a_worker_killed_before_acceptance_loses_nothing_and_doubles_nothing(
    portal: Portal, smtp_server: SmtpServer, letter: Letter
) -> None:
    smtp_server.held.set()
    worker = portal.start_worker()
    (mail,) = record(letter, "anna@example.com")
    assert smtp_server.reading.wait(20)
    worker.kill()
    assert smtp_server.cut.wait(20)
    smtp_server.held.clear()
    assert state(mail) is NotificationState.QUEUED

    portal.move_clock(A_SWEEP_LATER)
    jobs.sweep_outbox()
    assert smtp_server.mails == []  # the claim of the dead still stands

    portal.move_clock(CLAIM)
    portal.start_worker()
    portal.start_scheduler()
    eventually(lambda: is_sent(mail), "nobody took the mail over")
    assert smtp_server.recipients == ["anna@example.com"]


def test_a_worker_killed_after_acceptance_doubles_that_mail_alone(
    portal: Portal, smtp_server: SmtpServer, letter: Letter
) -> None:
    worker = portal.start_worker()
    (before,) = record(letter, "before@example.com")
    eventually(lambda: is_sent(before), "the first mail was not sent")
    smtp_server.mute.set()
    cut, waiting = record(letter, "cut@example.com", "waiting@example.com")
    eventually(lambda: smtp_server.to("cut@example.com"), "the second mail did not arrive")
    worker.kill()
    assert smtp_server.cut.wait(20)
    smtp_server.mute.clear()

    portal.move_clock(CLAIM + A_SWEEP_LATER)
    portal.start_worker()
    portal.start_scheduler()
    eventually(lambda: is_sent(cut) and is_sent(waiting), "the rest was not sent")
    copies = Counter(smtp_server.recipients)
    assert copies == {"before@example.com": 1, "cut@example.com": 2, "waiting@example.com": 1}
    assert len({mail["Message-ID"] for mail in smtp_server.to("cut@example.com")}) == 1


def test_a_closed_smtp_port_delays_a_mail_and_staff_can_read_why(
    portal: Portal, smtp_server: SmtpServer, letter: Letter
) -> None:
    smtp_server.stop()
    portal.start_worker()
    (mail,) = record(letter, "anna@example.com")
    eventually(lambda: state(mail) is NotificationState.FAILED, "the failure was not written down")
    assert "refused" in db.session.get_one(Notification, mail).last_error
    db.session.remove()

    smtp_server.start()
    portal.move_clock(timedelta(minutes=1) + A_SWEEP_LATER)
    portal.start_scheduler()
    eventually(lambda: is_sent(mail), "the mail was not tried again")
    assert smtp_server.recipients == ["anna@example.com"]


def test_a_slow_smtp_server_gets_each_mail_once(portal: Portal, smtp_server: SmtpServer, letter: Letter) -> None:
    smtp_server.delay = 1.5
    portal.start_worker()
    portal.start_worker()
    (mail,) = record(letter, "anna@example.com")
    portal.move_clock(A_SWEEP_LATER)
    portal.start_scheduler()
    eventually(lambda: is_sent(mail), "the mail was not sent")
    jobs.sweep_outbox()
    assert smtp_server.recipients == ["anna@example.com"]


def test_a_refused_recipient_is_given_up_and_the_others_get_theirs(
    portal: Portal, smtp_server: SmtpServer, letter: Letter
) -> None:
    smtp_server.answers["gone@example.com"] = "550 5.1.1 no such user"
    portal.start_worker()
    gone, anna = record(letter, "gone@example.com", "anna@example.com")
    eventually(lambda: is_sent(anna), "the good address got no mail")
    eventually(lambda: state(gone) is NotificationState.UNDELIVERABLE, "the bad address was not given up")
    assert db.session.get_one(Notification, gone).last_error == "550 5.1.1 no such user"


def test_two_workers_and_a_sweep_send_each_of_a_hundred_mails_exactly_once(
    portal: Portal, smtp_server: SmtpServer, letter: Letter
) -> None:
    addresses = [f"customer{n}@example.com" for n in range(100)]
    mails = record(letter, *addresses)
    portal.move_clock(A_SWEEP_LATER)  # the sweep may take all of them too
    portal.start_worker(wait=False)
    portal.start_worker()
    jobs.sweep_outbox()
    eventually(lambda: all(is_sent(mail) for mail in mails), "not every mail was sent", patience=60)
    assert Counter(smtp_server.recipients) == dict.fromkeys(addresses, 1)


def test_a_worker_that_is_asked_to_stop_finishes_its_mail(
    portal: Portal, smtp_server: SmtpServer, letter: Letter
) -> None:
    smtp_server.delay = 1
    smtp_server.held.set()
    worker = portal.start_worker()
    (mail,) = record(letter, "anna@example.com")
    assert smtp_server.reading.wait(20)
    smtp_server.held.clear()
    assert worker.stop() == 0
    assert state(mail) is NotificationState.SENT
    assert smtp_server.recipients == ["anna@example.com"]
