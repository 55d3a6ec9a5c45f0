"""How long the mail as it came is kept."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from supportapp import clock
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.files import jobs as file_jobs
from supportapp.files import storage
from supportapp.jobs.schedule import SCHEDULE
from supportapp.mailbox import jobs, originals, quarantine
from supportapp.mailbox.jobs import forget_originals
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.rules import MailState
from supportapp.tickets.models import Ticket
from tests.factories import mails, make_staff
from tests.mailbox.conftest import Configure
from tests.mailbox.letters import answer, arrive, receive, write

KEPT = timedelta(days=90)


def forget(at: datetime) -> None:
    with clock.frozen(at):
        forget_originals()
    db.session.expire_all()


def is_kept(row: ReceivedMail) -> bool:
    try:
        return bool(originals.open_original(row))
    except NotFound:
        return False


def automatic(number: int = 0) -> ReceivedMail:
    return receive(write("robot@example.org", f"В отпуске {number}", auto_submitted="auto-replied"))


def test_what_became_nothing_is_kept_for_ninety_days_and_its_row_for_ever(ticket: Ticket, at: datetime) -> None:
    ignored = automatic()
    noted = receive(answer(mails("ticket_submitted")[0], "В отпуске", auto_submitted="auto-replied"))
    forget(at + KEPT - timedelta(seconds=1))
    assert is_kept(ignored)
    assert is_kept(noted)
    forget(at + KEPT)
    assert not is_kept(ignored)
    assert not is_kept(noted)
    assert list(storage.keys()) == []
    assert (ignored.state, ignored.sender, noted.ticket) == (MailState.IGNORED, "robot@example.org", ticket)


def test_what_entered_a_ticket_is_kept_as_long_as_the_ticket(ticket: Ticket, at: datetime) -> None:
    entered, stray = receive(answer(mails("ticket_submitted")[0])), receive(write("ivan@example.org"))
    quarantine.add_as_note(
        stray, jobs.read_mail(originals.open_original(stray)), jobs.Enclosed(), ticket, by=make_staff(), at=at
    )
    db.session.commit()
    forget(at + 10 * KEPT)
    assert is_kept(entered)
    assert is_kept(stray)


def test_what_nobody_has_decided_about_or_read_is_kept_whether_its_sender_was_told_or_not(
    session: object, at: datetime
) -> None:
    told, waiting = receive(write("ivan@example.org")), arrive(write("petr@example.org"))
    assert told.details["told"]
    forget(at + 10 * KEPT)
    assert is_kept(told)
    assert is_kept(db.session.get_one(ReceivedMail, waiting))


def test_the_days_of_a_discarded_mail_begin_when_it_is_discarded(session: object, at: datetime) -> None:
    row = receive(write("ivan@example.org"))
    quarantine.discard(row, by=make_staff(), at=at + KEPT)
    db.session.commit()
    forget(at + 2 * KEPT - timedelta(seconds=1))
    assert is_kept(row)
    forget(at + 2 * KEPT)
    assert not is_kept(row)


def test_where_mails_are_kept_for_ever_none_is_removed(session: object, at: datetime, configure: Configure) -> None:
    configure(MAIL_KEEP_DAYS=0)
    row = automatic()
    forget(at + 100 * KEPT)
    assert is_kept(row)


def test_a_run_removes_some_and_the_next_the_others(
    session: object, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_FORGOTTEN", 2)
    rows = [automatic(number) for number in range(3)]
    forget(at + KEPT)
    assert [is_kept(row) for row in rows] == [False, False, True]
    forget(at + KEPT)
    assert not is_kept(rows[2])


def test_a_run_killed_before_the_bytes_are_gone_leaves_them_to_the_sweep_of_the_storage(
    session: object, at: datetime, configure: Configure
) -> None:
    row = automatic()
    (key,) = storage.keys()
    assert originals.give_up(at=at + KEPT, limit=10) == [key]
    db.session.commit()
    os.utime(Path(configure().files_url.removeprefix("file://")) / key, (1, 1))
    assert file_jobs.sweep_drafts() == 1
    assert list(storage.keys()) == []
    assert row.storage_key is None


def test_the_same_mail_again_after_its_original_was_given_up_is_still_one_row(session: object, at: datetime) -> None:
    mail = write("robot@example.org", "В отпуске", auto_submitted="auto-replied")
    row = receive(mail)
    forget(at + KEPT)
    assert receive(mail) is row
    assert list(storage.keys()) == []


def test_it_runs_by_itself() -> None:
    assert any(entry.function == "supportapp.mailbox.jobs.forget_originals" for entry in SCHEDULE)
