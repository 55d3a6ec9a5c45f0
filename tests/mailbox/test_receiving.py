"""Bytes first, then the row, then the acknowledgement: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import dataclasses
import io
import os
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from supportapp import clock
from supportapp.extensions import db
from supportapp.files import jobs as file_jobs
from supportapp.files import storage
from supportapp.jobs.queue import Bell
from supportapp.jobs.schedule import SCHEDULE
from supportapp.mailbox import jobs, operations, originals, queries, receiving
from supportapp.mailbox.doors import pipe
from supportapp.mailbox.enclosures import Enclosed
from supportapp.mailbox.jobs import NotNow, read_received, sweep_received, take_in
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading import read_mail
from supportapp.mailbox.receiving import Envelope
from supportapp.mailbox.rules import LEASE, MAX_ATTEMPTS, Door, MailState
from supportapp.tickets.models import Message, Ticket
from tests.factories import mails, make_customer, make_ticket
from tests.mailbox.conftest import Configure
from tests.mailbox.letters import answer, arrive, receive, write


def rows() -> list[ReceivedMail]:
    db.session.expire_all()
    return db.session.query(ReceivedMail).order_by(ReceivedMail.id).all()


def broken(*_args: Any, **_more: Any) -> Any:
    raise ValueError("a bug")


def away(*_args: Any, **_more: Any) -> Any:
    raise OperationalError("COMMIT", {}, Exception("the server closed the connection"))


def full(*_args: Any, **_more: Any) -> Any:
    raise storage.StorageError("no space left on device")


# taking in


def test_what_was_taken_in_lies_in_the_storage_and_rings_once(session: object, rung: list[Bell], at: datetime) -> None:
    mail = write("anna@example.com")
    mail_id = arrive(mail, sender="anna@example.com", recipients=("support@localhost",))
    (row,) = rows()
    assert originals.open_original(row) == mail.as_bytes()
    assert (row.state, row.received_at, row.size, row.door) == (
        MailState.RECEIVED, at, len(mail.as_bytes()), Door.PIPE,
    )  # fmt: skip
    assert (row.envelope_sender, row.envelope_recipients) == ("anna@example.com", ["support@localhost"])
    assert [(bell.function, bell.args) for bell in rung] == [(receiving.READ, (mail_id,))]


def test_the_same_mail_again_is_acknowledged_and_its_bytes_go(session: object) -> None:
    mail = write("anna@example.com")
    first = arrive(mail)
    assert arrive(mail) == first
    assert len(list(storage.keys())) == len(rows()) == 1


def test_the_same_mail_in_other_bytes_is_kept_until_the_first_were_read(ticket: Ticket, at: datetime) -> None:
    mail = answer(mails("ticket_submitted")[0]).as_bytes()
    first = arrive(mail)
    again = arrive(b"Received: from relay.example.net\r\n" + mail)
    assert again == first
    assert set(storage.keys()) <= queries.stored_keys(), "the sweep leaves them alone"
    read_received(first)
    assert (len(ticket.messages), originals.open_original(rows()[0])) == (2, mail)
    assert list(storage.keys()) == [rows()[0].storage_key]


def test_a_mail_that_nobody_can_read_is_read_in_the_bytes_that_came_meanwhile(
    ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = answer(mails("ticket_submitted")[0]).as_bytes()
    mail_id = arrive(b"X-Damaged: yes\r\n" + mail)
    arrive(mail)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "read_mail", broken)
        for attempt in range(MAX_ATTEMPTS):
            with clock.frozen(at + attempt * timedelta(hours=1)):
                read_received(mail_id)
    with clock.frozen(at + timedelta(hours=4)):
        read_received(mail_id)
    assert (rows()[0].state, len(ticket.messages)) == (MailState.ENTERED, 2)
    assert originals.open_original(rows()[0]) == mail


@pytest.mark.parametrize("dress", [b"List-Id: <all.example.com>\r\n", b"Auto-Submitted: auto-replied\r\n"])
@pytest.mark.parametrize("comes_in_time", [True, False])
def test_a_mail_that_a_list_or_a_robot_brought_before_its_writer_enters_all_the_same(
    ticket: Ticket, dress: bytes, comes_in_time: bool
) -> None:
    mail = answer(mails("ticket_submitted")[0]).as_bytes()
    mail_id = arrive(dress + mail)
    if comes_in_time:
        arrive(mail)
    read_received(mail_id)
    if not comes_in_time:
        assert (rows()[0].state, len(ticket.messages)) == (MailState.NOTED, 1)
        arrive(mail)
    read_received(mail_id)
    assert (rows()[0].state, len(ticket.messages)) == (MailState.ENTERED, 2)
    arrive(dress + mail)
    assert (rows()[0].state, list(storage.keys())) == (MailState.ENTERED, [rows()[0].storage_key])


def test_an_automatic_answer_that_comes_by_two_ways_stands_on_the_timeline_once(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0], auto_submitted="auto-replied").as_bytes()
    mail_id = receive(mail).id
    before = len(ticket.timeline)
    arrive(b"Received: from relay.example.net\r\n" + mail)
    read_received(mail_id)
    db.session.expire_all()
    assert (rows()[0].state, len(ticket.timeline)) == (MailState.NOTED, before)


def test_a_reader_that_was_overtaken_settles_no_other_bytes(ticket: Ticket, at: datetime) -> None:
    mail = answer(mails("ticket_submitted")[0]).as_bytes()
    mail_id = arrive(b"Auto-Submitted: auto-replied\r\n" + mail)
    slow = operations.take_turn(mail_id, at=at)
    assert slow is not None
    arrive(mail)
    with clock.frozen(at + LEASE):
        read_received(mail_id)  # finds the machine's, and the writer's are the next
        quick = operations.take_turn(mail_id, at=clock.now())
        assert quick is not None
        assert quick.attempt == slow.attempt
        assert operations.settle(slow, read_mail(mail), Enclosed(), at=clock.now()) is None


def test_when_too_many_wait_whoever_brings_another_comes_again(ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportapp.mailbox.twins.MOST", 1)
    mail = write("anna@example.com").as_bytes()
    arrive(mail)
    arrive(b"X-Other: 1\r\n" + mail)
    with pytest.raises(NotNow):
        arrive(b"X-Other: 2\r\n" + mail)
    assert len(list(storage.keys())) == 2


def test_a_mail_whose_bytes_were_lost_is_mended_by_the_same_mail(session: object) -> None:
    mail = write("anna@example.com")
    arrive(mail)
    storage.remove([rows()[0].storage_key or ""])
    arrive(mail)
    assert originals.open_original(rows()[0]) == mail.as_bytes()


def unreadable(mail: bytes, monkeypatch: pytest.MonkeyPatch, at: datetime) -> ReceivedMail:
    """A mail that three readers have failed at."""
    mail_id = arrive(mail)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "read_mail", broken)
        for attempt in range(MAX_ATTEMPTS):
            with clock.frozen(at + attempt * timedelta(hours=1)):
                read_received(mail_id)
    (row,) = rows()
    assert row.reason == "unreadable"
    return row


@pytest.mark.parametrize("lost", [True, False])
def test_a_mail_that_nobody_could_read_is_mended_by_the_same_mail_and_read_again(
    ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch, rung: list[Bell], lost: bool
) -> None:
    mail = answer(mails("ticket_submitted")[0]).as_bytes()
    row = unreadable(b"X-Damaged: yes\r\n" + mail, monkeypatch, at)
    if lost:
        storage.remove([row.storage_key or ""])
    rung.clear()
    assert arrive(mail) == row.id
    assert originals.open_original(rows()[0]) == mail
    assert list(storage.keys()) == [rows()[0].storage_key]
    assert [(bell.function, bell.args) for bell in rung] == [(receiving.READ, (row.id,))]
    read_received(row.id)
    assert (rows()[0].state, len(ticket.messages)) == (MailState.ENTERED, 2)


def test_the_very_same_bytes_do_not_make_an_unreadable_mail_readable(
    ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = answer(mails("ticket_submitted")[0]).as_bytes()
    key = unreadable(mail, monkeypatch, at).storage_key
    arrive(mail)
    assert (rows()[0].state, rows()[0].storage_key, list(storage.keys())) == (MailState.QUARANTINED, key, [key])


def test_a_mail_that_came_again_while_the_storage_cannot_be_asked_stays_as_it_is(
    ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = answer(mails("ticket_submitted")[0]).as_bytes()
    key = unreadable(b"X-Damaged: yes\r\n" + mail, monkeypatch, at).storage_key
    with monkeypatch.context() as patch:
        patch.setattr(storage, "open_key", full)
        arrive(mail)
    assert (rows()[0].state, list(storage.keys())) == (MailState.QUARANTINED, [key])


def test_what_was_read_is_not_replaced_by_the_same_mail_in_another_dress(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0]).as_bytes()
    receive(mail)
    arrive(b"X-Other: yes\r\n" + mail)
    assert originals.open_original(rows()[0]) == mail


def test_a_full_storage_says_later_and_leaves_nothing(session: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(NotNow):
        arrive(write("anna@example.com"))
    monkeypatch.undo()
    assert rows() == []


def test_a_database_that_is_away_says_later_and_the_next_try_makes_one_row(
    session: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = write("anna@example.com")
    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", away)
        with pytest.raises(NotNow):
            arrive(mail)
    arrive(mail)
    assert len(rows()) == 1
    assert originals.open_original(rows()[0]) == mail.as_bytes()


BROKEN = [b"", b"\0", b"\xff\xfe" * 50, b"From: \xff\n\n", b"\n" * 9, b"Content-Type: multipart/"]


@pytest.mark.parametrize("raw", BROKEN)
def test_no_bytes_are_too_broken_to_be_kept_and_read(session: object, raw: bytes) -> None:
    row = receive(raw)
    assert row.state in (MailState.QUARANTINED, MailState.IGNORED)
    assert originals.open_original(row) == raw


def test_the_sweep_of_the_storage_knows_the_bytes_of_mails(session: object, configure: Configure) -> None:
    arrive(write("anna@example.com"))
    key = rows()[0].storage_key or ""
    storage.write("aa/bb/lonely", io.BytesIO(b"nobody's"))
    root = Path(configure().files_url.removeprefix("file://"))
    for name in (key, "aa/bb/lonely"):
        os.utime(root / name, (1, 1))
    file_jobs.sweep_drafts()
    assert list(storage.keys()) == [key]
    assert queries.stored_keys() == {key}


# reading


def test_what_was_not_rung_for_is_found_by_the_sweep(ticket: Ticket, at: datetime) -> None:
    arrive(answer(mails("ticket_submitted")[0]))
    sweep_received()
    assert rows()[0].state is MailState.RECEIVED  # the bell may still be heard
    with clock.frozen(at + timedelta(seconds=5)):
        sweep_received()
    assert rows()[0].state is MailState.ENTERED
    assert any(entry.function == "supportapp.mailbox.jobs.sweep_received" for entry in SCHEDULE)


def test_a_mail_is_read_once_however_often_it_is_rung_for(ticket: Ticket) -> None:
    mail_id = arrive(answer(mails("ticket_submitted")[0]))
    for _ in range(3):
        read_received(mail_id)
    assert len(ticket.messages) == 2


def test_a_bug_is_tried_again_ever_later_and_then_put_aside_for_people(
    ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "read_mail", broken)
    mail_id, moment = arrive(answer(mails("ticket_submitted")[0])), at
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with clock.frozen(moment):
            read_received(mail_id)
        (row,) = rows()
        assert row.attempts == attempt
        if row.next_attempt_at:
            assert row.next_attempt_at > moment
            moment = row.next_attempt_at
    assert (row.state, row.reason, row.last_error) == (MailState.QUARANTINED, "unreadable", "ValueError: a bug")
    assert originals.open_original(row)
    with clock.frozen(moment + timedelta(days=1)):
        read_received(mail_id)
        sweep_received()
    assert rows()[0].attempts == MAX_ATTEMPTS


def test_a_bug_in_the_middle_of_an_act_leaves_half_of_nothing(
    ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment("строка", filename="log.txt")
    number = len(mails())
    with monkeypatch.context() as patch:
        patch.setattr("supportapp.mailbox.entering.trust_again", broken)
        mail_id = arrive(mail)
        read_received(mail_id)
    assert len(ticket.messages) == 1
    assert len(mails()) == number
    assert list(storage.keys()) == [rows()[0].storage_key]
    with clock.frozen(rows()[0].next_attempt_at or at):
        read_received(mail_id)
    assert len(ticket.messages) == 2


def test_a_reader_that_was_killed_is_followed_by_another_when_its_time_is_up(ticket: Ticket, at: datetime) -> None:
    mail_id = arrive(answer(mails("ticket_submitted")[0]))
    killed = jobs.operations.take_turn(mail_id, at=at)
    db.session.commit()
    read_received(mail_id)
    assert len(ticket.messages) == 1
    with clock.frozen(at + LEASE):
        read_received(mail_id)
    assert len(ticket.messages) == 2
    assert killed is not None
    assert jobs.operations.settle(killed, None, None, at=at) is None  # type: ignore[arg-type]


def test_a_mail_that_kills_every_reader_is_put_aside(ticket: Ticket, at: datetime) -> None:
    mail_id = arrive(answer(mails("ticket_submitted")[0]))
    for number in range(MAX_ATTEMPTS):
        assert jobs.operations.take_turn(mail_id, at=at + number * LEASE)
        db.session.commit()
    with clock.frozen(at + MAX_ATTEMPTS * LEASE):
        read_received(mail_id)
    assert (rows()[0].state, rows()[0].reason) == (MailState.QUARANTINED, "unreadable")


def test_a_storage_that_is_away_costs_no_attempt(ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    mail_id, moment = arrive(answer(mails("ticket_submitted")[0])), at
    monkeypatch.setattr(storage, "open_key", full)
    for _ in range(2 * MAX_ATTEMPTS):
        with clock.frozen(moment):
            read_received(mail_id)
        (row,) = rows()
        assert (row.state, row.attempts) == (MailState.RECEIVED, 0)
        moment = row.next_attempt_at or at
    monkeypatch.undo()


def test_a_storage_that_fills_up_while_files_are_kept_costs_no_attempt_and_no_file(
    ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment("строка", filename="log.txt")
    mail_id = arrive(mail)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", full)
        read_received(mail_id)
    assert (len(ticket.messages), rows()[0].attempts) == (1, 0)
    with clock.frozen(rows()[0].next_attempt_at or at):
        read_received(mail_id)
    assert [file.name for file in ticket.messages[-1].files] == ["log.txt"]


def test_a_mail_cut_off_at_the_limit_is_kept_as_far_as_it_came_and_its_sender_is_told(
    ticket: Ticket, configure: Configure
) -> None:
    configure(MAX_MAIL_BYTES=2000)
    mail = answer(mails("ticket_submitted")[0], "много слов " * 1000)
    assert pipe.ingest(io.BytesIO(mail.as_bytes()), sender="anna@example.com", recipients=["support@localhost"]) == 0
    read_received(rows()[0].id)
    (row,) = rows()
    assert (row.state, row.reason, row.size) == (MailState.QUARANTINED, "too_large", 2000)
    assert (row.sender, len(ticket.messages)) == ("anna@example.com", 1)
    assert [mail.recipient for mail in mails("mail_too_large")] == ["anna@example.com"]


def test_the_pipe_says_later_when_nothing_was_kept(session: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "write", full)
    assert pipe.ingest(io.BytesIO(b"Subject: x\n\n"), sender=None, recipients=[]) == os.EX_TEMPFAIL


# two at once


def test_two_workers_that_read_one_mail_make_one_entry(own_app: Flask, tmp_path: Path) -> None:
    with own_app.app_context():
        ticket = make_ticket(make_customer(email="anna@example.com"))
        db.session.commit()
        key, mail_id = ticket.id, take_in(answer(mails("ticket_submitted")[0]).as_bytes(), Envelope(Door.PIPE))
    in_threads(own_app, lambda: read_received(mail_id), 4)
    with own_app.app_context():
        assert db.session.query(Message).filter_by(ticket_id=key).count() == 2


def test_one_mail_by_two_doors_in_one_second_is_one_row(own_app: Flask) -> None:
    raw = write("anna@example.com").as_bytes()
    in_threads(own_app, lambda: take_in(raw, Envelope(Door.LMTP)), 4)
    with own_app.app_context():
        assert db.session.query(ReceivedMail).count() == 1
        assert len(list(storage.keys())) == 1


def test_a_genuine_mail_is_not_lost_when_it_comes_while_a_twin_in_doubt_is_read(own_app: Flask) -> None:
    own_app.extensions["settings"] = dataclasses.replace(
        own_app.extensions["settings"], MAIL_TRUSTED_AUTHSERV="mx.test"
    )
    with own_app.app_context():
        ticket = make_ticket(make_customer(email="anna@example.com"))
        db.session.commit()
        mail = write("anna@example.com", subject=ticket.reference).as_bytes()
        key, mail_id = ticket.id, take_in(b"Authentication-Results: mx.test; dmarc=fail\n" + mail, Envelope(Door.LMTP))
    proof = b"Authentication-Results: mx.test; dmarc=pass header.from=example.com\n"
    in_threads(own_app, [partial(read_received, mail_id), lambda: take_in(proof + mail, Envelope(Door.LMTP))], 2)
    with own_app.app_context():
        read_received(mail_id)
        (row,) = rows()
        assert (row.state, row.reason) == (MailState.ENTERED, "replied")
        assert db.session.query(Message).filter_by(ticket_id=key).count() == 2
        assert list(storage.keys()) == [row.storage_key]


def test_a_reply_in_the_portal_and_one_by_mail_in_one_second_are_both_there(own_app: Flask) -> None:
    from supportapp.tickets import operations

    with own_app.app_context():
        ticket = make_ticket(make_customer(email="anna@example.com"))
        db.session.commit()
        mail = answer(mails("ticket_submitted")[0], "По почте")
        key, mail_id = ticket.id, take_in(mail.as_bytes(), Envelope(Door.PIPE))

    def by_portal() -> None:
        ticket = db.session.get_one(Ticket, key)
        operations.reply(ticket, "На портале", by=ticket.customer, at=clock.now())
        db.session.commit()

    in_threads(own_app, [by_portal, lambda: read_received(mail_id)], 2)
    with own_app.app_context():
        bodies = [message.body for message in db.session.query(Message).filter_by(ticket_id=key)]
        assert {"На портале", "По почте"} < set(bodies)
        assert len(bodies) == 3


def test_of_two_workers_one_opens_the_last_ticket_of_the_day(own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportapp.mailbox.correspondents.TICKETS_A_DAY", 2)
    with own_app.app_context():
        make_customer(email="anna@example.com")
        db.session.commit()
        keys = [arrive(write("anna@example.com", f"Вопрос {number}")) for number in range(4)]
    in_threads(own_app, [partial(read_received, key) for key in keys], len(keys))
    with own_app.app_context():
        assert db.session.query(Ticket).count() == 2
        assert sorted(row.reason for row in rows()) == ["opened", "opened", "too_many", "too_many"]


def test_two_that_forget_at_once_forget_each_mail_once(own_app: Flask) -> None:
    with own_app.app_context():
        for number in range(6):
            receive(write("robot@example.org", f"В отпуске {number}", auto_submitted="auto-replied"))
        later = clock.now() + timedelta(days=91)
    given_up: list[str] = []

    def give_up() -> None:
        keys = originals.give_up(at=later, limit=10)
        db.session.commit()
        given_up.extend(keys)

    in_threads(own_app, give_up, 3)
    with own_app.app_context():
        assert sorted(given_up) == sorted(storage.keys())


def in_threads(app: Flask, work: Any, number: int) -> None:
    """Do it ``number`` times at the same moment, each with a session of its own; the first error is raised."""
    barrier, errors = Barrier(number), []

    def run(act: Any) -> None:
        with app.app_context():
            barrier.wait()
            try:
                act()
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    acts = work if isinstance(work, list) else [work] * number
    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
