"""A mail is a row of the act's transaction, and the bell rings after the commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from jinja2 import UndefinedError

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.jobs.queue import Bell
from supportapp.notifications import queries
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Notification, NotificationState
from supportapp.notifications.operations import DELIVER, notify, resend
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("session")


def record(letter: Letter, at: datetime, **changes: Any) -> Notification:
    values = {"kind": "hello", "recipient": "anna@example.com", "language": "ru", "letter": letter, "at": at}
    return notify(**{**values, **changes})


def test_a_mail_is_a_queued_row_with_its_words(letter: Letter, at: datetime, bells: list[Bell]) -> None:
    mail = record(letter, at, about="ticket:12")
    assert mail.id
    assert mail.state is NotificationState.QUEUED
    assert mail.subject == "Здравствуйте, Анна"
    assert "Анна" in mail.text_body
    assert mail.created_at == mail.next_attempt_at == at
    assert mail.message_id.startswith("<")
    assert mail.message_id.endswith("@localhost>")
    assert queries.mails_about("ticket:12") == [mail]


def test_the_bell_rings_after_the_commit_with_the_id_alone(letter: Letter, at: datetime, bells: list[Bell]) -> None:
    first, second = record(letter, at), record(letter, at)
    assert bells == []
    db.session.commit()
    assert bells == [Bell(DELIVER, (first.id,), "mail"), Bell(DELIVER, (second.id,), "mail")]
    db.session.commit()
    assert len(bells) == 2


def test_a_rollback_leaves_neither_row_nor_bell(letter: Letter, at: datetime, bells: list[Bell]) -> None:
    record(letter, at)
    db.session.rollback()
    db.session.commit()
    assert bells == []
    assert db.session.query(Notification).count() == 0


def test_a_savepoint_that_is_undone_takes_its_bell_with_it(letter: Letter, at: datetime, bells: list[Bell]) -> None:
    kept = record(letter, at)
    savepoint = db.session.begin_nested()
    record(letter, at)
    savepoint.rollback()
    with db.session.begin_nested():
        nested = record(letter, at)
    assert bells == []  # releasing a savepoint is no commit yet
    db.session.commit()
    assert [bell.args for bell in bells] == [(kept.id,), (nested.id,)]


def test_a_closed_session_forgets_its_bells(letter: Letter, at: datetime, bells: list[Bell]) -> None:
    record(letter, at)
    db.session.close()
    db.session.commit()
    assert bells == []


def test_a_letter_that_cannot_be_written_is_not_recorded(at: datetime, bells: list[Bell]) -> None:
    with pytest.raises(UndefinedError):
        record(Letter("forgetful"), at)
    assert db.session.query(Notification).count() == 0


def test_a_missing_redis_costs_one_warning_and_no_mail(
    letter: Letter, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        record(letter, at)
    db.session.commit()
    warnings = [entry for entry in caplog.records if entry.levelname == "WARNING"]
    assert [entry.getMessage() for entry in warnings] == ["Redis is away (ConnectionError); 3 jobs wait for the sweep"]
    assert len(queries.due_mails(at + timedelta(seconds=4), 10)) == 3


@pytest.mark.parametrize("state", [NotificationState.FAILED, NotificationState.UNDELIVERABLE])
def test_staff_send_a_mail_again_that_did_not_arrive(
    state: NotificationState, letter: Letter, at: datetime, bells: list[Bell]
) -> None:
    mail = record(letter, at)
    mail.state, mail.attempts, mail.next_attempt_at = state, 7, None
    db.session.commit()
    bells.clear()
    resend(mail, by=make_staff(), at=at)
    db.session.commit()
    assert (mail.state, mail.attempts, mail.next_attempt_at) == (NotificationState.QUEUED, 0, at)
    assert [bell.args for bell in bells] == [(mail.id,)]


@pytest.mark.parametrize(
    ("state", "reason"), [(NotificationState.SENT, "already_sent"), (NotificationState.QUEUED, "still_queued")]
)
def test_nobody_gets_a_delivered_or_a_queued_mail_twice(
    state: NotificationState, reason: str, letter: Letter, at: datetime, bells: list[Bell]
) -> None:
    mail = record(letter, at)
    mail.state = state
    db.session.commit()
    with pytest.raises(Refused) as refused:
        resend(mail, by=make_staff(), at=at)
    assert refused.value.reason == reason
    assert "письмо" in refused.value.text("ru")


def test_a_mail_that_is_being_sent_is_not_sent_again(letter: Letter, at: datetime, bells: list[Bell]) -> None:
    mail = record(letter, at)
    mail.state, mail.claimed_until = NotificationState.FAILED, at + timedelta(minutes=1)
    db.session.commit()
    with pytest.raises(Refused, match="still_queued"):
        resend(mail, by=make_staff(), at=at)


def test_staff_see_what_did_not_arrive(letter: Letter, at: datetime, bells: list[Bell]) -> None:
    for state in NotificationState:
        record(letter, at).state = state
    states = [mail.state for mail in queries.undelivered()]
    assert states == [NotificationState.UNDELIVERABLE, NotificationState.FAILED]
    assert queries.count_undelivered() == 2
    assert len(queries.undelivered(limit=1)) == 1
