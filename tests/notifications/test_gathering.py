"""Several acts within a minute become one mail, and none of them is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.jobs.queue import Bell
from supportapp.notifications import delivering, jobs, operations, rules
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Failure, Notification, NotificationState, OptionalMail
from supportapp.notifications.smtp import Outcome
from tests.conftest import make_settings
from tests.factories import make_staff
from tests.notifications.test_delivering import listening
from tests.services import SmtpServer

ANNA = "anna@example.com"
Record = Callable[..., Notification]


@pytest.fixture(autouse=True)
def _settings(
    app: Flask, session: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, smtp_server: SmtpServer
) -> None:
    settings = make_settings(
        tmp_path, SMTP_HOST="127.0.0.1", SMTP_PORT=smtp_server.port, SMTP_TIMEOUT=5, MAIL_GATHER_SECONDS=60
    )
    monkeypatch.setitem(app.extensions, "settings", settings)


@pytest.fixture
def record(at: datetime, bells: list[Bell]) -> Record:
    """Record a mail about ticket 12 to Anna, or whatever a test says."""

    def make(name: str = "Анна", **changes: Any) -> Notification:
        values = {"kind": "hello", "recipient": ANNA, "language": "ru", "about": "ticket:12", "gather": True}
        letter = Letter("hello", {"name": name})
        row = operations.notify(**{**values, "letter": letter, "at": clock.now(), **changes})
        db.session.commit()
        return row

    return make


def text_of(mail: EmailMessage) -> str:
    words: str = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr, attr-defined]
    return words.replace("\r\n", "\n")


def page_of(mail: EmailMessage) -> str:
    return mail.get_body(("html",)).get_content()  # type: ignore[union-attr, attr-defined, no-any-return]


def a_minute_later(at: datetime) -> Any:
    return clock.frozen(at + timedelta(seconds=60))


def test_a_mail_that_gathers_waits_a_minute_and_is_rung_for_then(
    record: Record, at: datetime, bells: list[Bell], smtp_server: SmtpServer
) -> None:
    mail = record()
    assert bells == [Bell(operations.DELIVER, (mail.id,), "mail", 60)]
    assert mail.next_attempt_at == at + timedelta(seconds=60)
    jobs.deliver(mail.id)
    jobs.sweep_outbox()
    assert smtp_server.mails == []
    with a_minute_later(at):
        jobs.deliver(mail.id)
    assert mail.state is NotificationState.SENT


def test_three_acts_are_one_mail_with_the_words_of_each_in_order(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    rows = [record(name) for name in ("Анна", "Борис", "Вера")]
    with a_minute_later(at), listening(operations.delivered) as heard:
        for row in rows:
            jobs.deliver(row.id)
    (mail,) = smtp_server.mails
    assert mail["Message-ID"] == rows[0].message_id
    assert "Вера" in mail["Subject"]
    for words in (text_of(mail), page_of(mail)):
        places = [
            words.index(f"письмо{mark} для {name}") for name in ("Анна", "Борис", "Вера") for mark in _marks(words)
        ]
        assert places == sorted(places)
    assert text_of(mail).count("\n-- \n") == 1
    assert page_of(mail).count("<html") == page_of(mail).count("</body>") == 1
    assert [row.state for row in rows] == [NotificationState.SENT] * 3
    assert [row.joined_to_id for row in rows] == [None, rows[0].id, rows[0].id]
    assert [mail_id for mail_id, _ in heard] == [row.id for row in rows]


def _marks(words: str) -> list[str]:
    return ["</strong>"] if "<strong" in words else [""]


@pytest.mark.parametrize(
    "changes",
    [{"about": "ticket:13"}, {"recipient": "boris@example.com"}, {"language": "en"}, {"gather": False}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_about_something_else_or_for_somebody_else_or_urgent_goes_alone(
    changes: dict[str, Any], record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    record(), record(**changes)
    with a_minute_later(at):
        jobs.sweep_outbox()
        with clock.frozen(at + timedelta(seconds=70)):
            jobs.sweep_outbox()
    assert len(smtp_server.mails) == 2


def test_an_urgent_mail_does_not_wait_for_those_that_gather(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    waiting, urgent = record(), record(gather=False)
    jobs.deliver(urgent.id)
    assert (urgent.state, waiting.state) == (NotificationState.SENT, NotificationState.QUEUED)


def test_without_a_setting_nothing_waits(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, record: Record, at: datetime
) -> None:
    monkeypatch.setitem(app.extensions, "settings", make_settings(tmp_path))
    assert record().next_attempt_at == at


def test_an_act_after_the_mail_has_left_begins_a_new_one(record: Record, at: datetime, smtp_server: SmtpServer) -> None:
    first = record()
    with a_minute_later(at):
        jobs.deliver(first.id)
        second = record("Борис")
        assert second.in_reply_to == first.message_id
    with clock.frozen(at + timedelta(seconds=120)):
        jobs.deliver(second.id)
    assert [mail["Message-ID"] for mail in smtp_server.mails] == [first.message_id, second.message_id]


def test_all_that_went_together_fail_together_and_arrive_together(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    first, second = record(), record("Борис")
    smtp_server.answers[ANNA] = "450 later"
    with a_minute_later(at):
        jobs.deliver(second.id)
    assert [row.state for row in (first, second)] == [NotificationState.FAILED] * 2
    assert [row.failure for row in (first, second)] == [Failure.TEMPORARY] * 2
    smtp_server.answers.clear()
    late = record("Вера")
    with clock.frozen(at + timedelta(minutes=3)):
        jobs.sweep_outbox()
    alone, together = smtp_server.mails
    assert "Борис" in text_of(together)
    assert "Вера" not in text_of(together)  # its Message-ID may be known already; nothing is added to it
    assert "Вера" in text_of(alone)
    assert {row.state for row in (first, second, late)} == {NotificationState.SENT}


def test_a_sender_that_dies_leaves_all_of_them_to_the_next_as_the_same_mail(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    first, second = record(), record("Борис")
    with a_minute_later(at):
        dead = delivering.claim(first.id, at=clock.now())
        db.session.commit()
    assert dead
    late = record("Вера")
    after = at + timedelta(seconds=60) + rules.claim_length(5)
    assert delivering.claim(second.id, at=after - timedelta(seconds=1)) is None
    db.session.rollback()
    with clock.frozen(after):
        again = delivering.claim(second.id, at=after)
    assert again
    assert again.notification_id == first.id
    assert again.message["Message-ID"] == dead.message["Message-ID"]
    assert text_of(again.message) == text_of(dead.message)
    assert late.joined_to_id is None


def test_a_refused_address_is_announced_for_each_of_them(record: Record, at: datetime, smtp_server: SmtpServer) -> None:
    rows = [record(), record("Борис")]
    smtp_server.answers[ANNA] = "550 5.1.1 unknown"
    with a_minute_later(at), listening(operations.undeliverable) as heard:
        jobs.deliver(rows[0].id)
    assert [mail_id for mail_id, _ in heard] == [row.id for row in rows]
    assert [(row.state, row.failure) for row in rows] == [(NotificationState.UNDELIVERABLE, Failure.PERMANENT)] * 2


@pytest.mark.parametrize("clicked", [0, 1])
def test_one_click_sends_all_of_them_again_whichever_is_clicked(
    clicked: int, record: Record, at: datetime, bells: list[Bell], smtp_server: SmtpServer
) -> None:
    rows = [record(), record("Борис")]
    smtp_server.answers[ANNA] = "550 5.1.1 unknown"
    with a_minute_later(at):
        jobs.deliver(rows[0].id)
        smtp_server.answers.clear()
        bells.clear()
        operations.resend(rows[clicked], by=make_staff(), at=clock.now())
        with pytest.raises(Refused, match="still_queued"):
            operations.resend(rows[1 - clicked], by=make_staff(), at=clock.now())
        db.session.commit()
        assert [row.state for row in rows] == [NotificationState.QUEUED] * 2
        assert bells == [Bell(operations.DELIVER, (rows[0].id,), "mail")]
        jobs.deliver(rows[0].id)
        with pytest.raises(Refused, match="already_sent"):
            operations.resend(rows[clicked], by=make_staff(), at=clock.now())
    (mail,) = smtp_server.mails
    assert mail["Message-ID"] == rows[0].message_id
    assert "Борис" in text_of(mail)


def test_what_came_back_came_back_for_each_and_is_sent_again_as_a_new_mail(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    rows = [record(), record("Борис")]
    with a_minute_later(at):
        jobs.deliver(rows[0].id)
        with listening(operations.undeliverable) as heard:
            assert operations.mark_bounced(rows[1], "552 5.2.2 mailbox full", at=clock.now())
            assert not operations.mark_bounced(rows[0], "552 5.2.2 mailbox full", at=clock.now())
        db.session.commit()
        assert len(heard) == 2
        assert {(row.state, row.failure) for row in rows} == {(NotificationState.UNDELIVERABLE, Failure.BOUNCED)}
        operations.resend(rows[1], by=make_staff(), at=clock.now())
        db.session.commit()
        assert {(row.state, row.failure, row.bounced_at) for row in rows} == {(NotificationState.QUEUED, None, None)}
        jobs.deliver(rows[0].id)
    first, second = smtp_server.mails
    assert first["Message-ID"] != second["Message-ID"]
    assert text_of(first) == text_of(second)


def test_a_mail_can_be_switched_off_only_when_all_its_parts_can(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    optional = {"optional": OptionalMail.STATUS, "customer_id": _customer()}
    record(**optional), record(**optional, about="ticket:13"), record(about="ticket:13", customer_id=_customer())
    with a_minute_later(at):
        jobs.sweep_outbox()
        with clock.frozen(at + timedelta(seconds=70)):
            jobs.sweep_outbox()
    alone, joined = smtp_server.mails
    assert alone["List-Unsubscribe"]
    assert joined["List-Unsubscribe"] is None


def _customer() -> int:
    from tests.factories import make_customer

    return make_customer().id


def test_more_than_a_mail_can_hold_goes_as_two_and_nothing_is_lost(
    record: Record, at: datetime, smtp_server: SmtpServer
) -> None:
    rows = [record(f"Имя{n}.") for n in range(25)]
    with clock.frozen(at + timedelta(seconds=70)):
        jobs.sweep_outbox()
    assert len(smtp_server.mails) == 2
    assert all(any(f"Имя{n}." in text_of(mail) for mail in smtp_server.mails) for n in range(25))
    assert {row.state for row in rows} == {NotificationState.SENT}


def test_settling_twice_changes_nothing(record: Record, at: datetime) -> None:
    rows = [record(), record("Борис")]
    taken = delivering.claim(rows[0].id, at=at + timedelta(seconds=60))
    assert taken
    delivering.settle(taken, Outcome(), at=at)
    with listening(operations.delivered) as heard:
        delivering.settle(taken, Outcome("late", Failure.SLOW), at=at)
    assert heard == []
    assert {row.state for row in rows} == {NotificationState.SENT}
