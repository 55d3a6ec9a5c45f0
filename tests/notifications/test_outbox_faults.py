"""What really happens to mails when a part of the installation dies: real processes, really killed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from unittest.mock import patch

import pytest

from supportapp import clock
from supportapp.extensions import db
from supportapp.jobs.queue import enqueue
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


def test_a_thousand_mails_with_two_workers_of_which_one_is_killed_arrive_each_once(
    portal: Portal, smtp_server: SmtpServer, letter: Letter
) -> None:
    portal.environment["MAIL_PER_MINUTE"] = "0"
    addresses = [f"customer{n}@firm{n % 40}.example" for n in range(1000)]
    mails = record(letter, *addresses)
    doomed = portal.start_worker(wait=False)
    portal.start_worker(wait=False)
    eventually(lambda: len(smtp_server.mails) > 100, "nothing was sent", patience=60)
    doomed.kill()
    portal.move_clock(CLAIM + A_SWEEP_LATER)
    portal.start_scheduler()
    eventually(lambda: _count(NotificationState.SENT) == len(mails), "not every mail was sent", patience=240)
    copies = Counter(smtp_server.recipients)
    twice = [address for address, count in copies.items() if count == 2]
    assert set(copies) == set(addresses)
    assert max(copies.values()) <= 2
    assert len(twice) <= 1  # the one that the killed worker had in hand
    assert all(len({mail["Message-ID"] for mail in smtp_server.to(address)}) == 1 for address in twice)


def test_a_worker_killed_with_a_gathered_mail_in_hand_loses_none_of_its_parts(
    portal: Portal, smtp_server: SmtpServer
) -> None:
    names = ["Anna", "Boris", "Vera"]
    smtp_server.mute.set()
    parts = _gathered(portal, *names)
    worker = portal.start_worker()
    portal.move_clock(timedelta(seconds=62))
    assert enqueue(jobs.deliver, parts[-1], queue="mail")
    eventually(lambda: smtp_server.mails, "the mail did not arrive")
    worker.kill()
    assert smtp_server.cut.wait(20)
    smtp_server.mute.clear()
    (late,) = _gathered(portal, "Galina")

    portal.move_clock(CLAIM + A_SWEEP_LATER)
    portal.start_worker()
    portal.start_scheduler()
    eventually(lambda: all(is_sent(part) for part in (*parts, late)), "not every part was sent")
    copies = [mail for mail in smtp_server.mails if "Anna" in _text(mail)]
    assert len(copies) == 2
    assert len({mail["Message-ID"] for mail in copies}) == len({_text(mail) for mail in copies}) == 1
    assert [name for name in names if name in _text(copies[0])] == names
    assert [("Galina" in _text(mail)) for mail in smtp_server.mails].count(True) == 1


def test_gathered_acts_go_as_one_mail_when_the_scheduler_rings(portal: Portal, smtp_server: SmtpServer) -> None:
    portal.start_worker()
    portal.start_scheduler()
    parts = _gathered(portal, "Anna", "Boris", seconds=2)
    eventually(lambda: all(is_sent(part) for part in parts), "the mail was not sent")
    assert len(smtp_server.mails) == 1


def _gathered(portal: Portal, *names: str, seconds: int = 60) -> list[int]:
    """Acts on one ticket, one after the other."""
    ids = []
    settings = replace(portal.app.extensions["settings"], MAIL_GATHER_SECONDS=seconds)
    with patch.dict(portal.app.extensions, settings=settings):
        for name in names:
            letter = Letter("hello", {"name": name})
            mail = notify(
                kind="hello", recipient="anna@example.com", language="en", letter=letter, at=clock.now(),
                about="ticket:12", gather=True,
            )  # fmt: skip
            db.session.commit()
            ids.append(mail.id)
    db.session.remove()
    return ids


def _text(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()  # type: ignore[union-attr, attr-defined, no-any-return]


def _count(state: NotificationState) -> int:
    found = db.session.query(Notification).filter_by(state=state).count()
    db.session.remove()
    return found
