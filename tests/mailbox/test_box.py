"""An IMAP box: what is for us is taken once, whoever else looks into it and whatever cannot be read."""

from __future__ import annotations

import imaplib
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from supportapp.extensions import db
from supportapp.files import storage
from supportapp.mailbox.boxes import MOST_UNFETCHED, Place
from supportapp.mailbox.doors import imap
from supportapp.mailbox.doors.imap import Box
from supportapp.mailbox.jobs import NotNow
from supportapp.mailbox.models import MailBox, ReceivedMail
from supportapp.mailbox.originals import open_original
from supportapp.mailbox.reading import read_mail
from tests.mailbox.conftest import Configure
from tests.mailbox.letters import write
from tests.mailbox.servers import Dovecot

pytestmark = pytest.mark.services


@pytest.fixture
def box(session: object, configure: Configure, dovecot: Dovecot) -> Box:
    """A box that was looked into once, when it was empty."""
    box = a_box(configure, dovecot)
    box.look(Event())
    return box


def a_box(configure: Configure, dovecot: Dovecot) -> Box:
    where = {"IMAP_HOST": "127.0.0.1", "IMAP_PORT": dovecot.port, "IMAP_SECURITY": "none"}
    return Box(configure(IMAP_USER="support", IMAP_PASSWORD="secret", **where))


def put(dovecot: Dovecot, *subjects: str) -> None:
    for subject in subjects:
        dovecot.put(write("anna@example.com", subject=subject).as_bytes())


def open_by_hand(dovecot: Dovecot) -> None:
    """Somebody reads everything in a mail program."""
    with dovecot.signed_in() as client:
        client.select("INBOX")
        client.store("1:*", "+FLAGS", r"(\Seen)")


def taken() -> list[str]:
    """The subjects of what came, in order."""
    db.session.expire_all()
    return [read_mail(open_original(row)).subject for row in db.session.query(ReceivedMail).order_by(ReceivedMail.id)]


def files(dovecot: Dovecot) -> list[Path]:
    box = dovecot.folder / "box"
    return [*(box / "new").iterdir(), *(box / "cur").iterdir()]


def spoil(dovecot: Dovecot, words: str = "") -> None:
    """Make the mails that are there, or those with ``words``, such as their server lists and cannot read."""
    for file in files(dovecot):
        if words in file.read_text():
            file.chmod(0)


def mend(dovecot: Dovecot) -> None:
    for file in files(dovecot):
        file.chmod(0o600)


def test_a_mail_that_somebody_opened_between_two_looks_is_taken(box: Box, dovecot: Dovecot) -> None:
    put(dovecot, "Первое")
    open_by_hand(dovecot)
    assert box.look(Event()) == 1
    assert taken() == ["Первое"]
    assert box.look(Event()) == 0


def test_a_mail_that_somebody_marked_as_unseen_again_is_the_same_mail(box: Box, dovecot: Dovecot) -> None:
    put(dovecot, "Первое")
    box.look(Event())
    with dovecot.signed_in() as client:
        client.select("INBOX")
        client.store("1", "-FLAGS", r"(\Seen)")
    assert box.look(Event()) == 1
    assert taken() == ["Первое"]
    assert dovecot.unseen() == 0


def test_of_a_box_that_is_new_to_us_what_was_opened_is_left_where_it_is(
    session: object, configure: Configure, dovecot: Dovecot
) -> None:
    put(dovecot, "Прошлогоднее")
    open_by_hand(dovecot)
    put(dovecot, "Непрочитанное")
    a_box(configure, dovecot).look(Event())
    assert taken() == ["Непрочитанное"]
    put(dovecot, "Новое")
    open_by_hand(dovecot)
    a_box(configure, dovecot).look(Event())  # another process knows how far the first one came
    assert taken() == ["Непрочитанное", "Новое"]


def test_a_box_that_was_renumbered_is_as_a_new_one(
    box: Box, dovecot: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    db.session.query(MailBox).one().uid_validity -= 1
    db.session.commit()
    put(dovecot, "Открытое")
    open_by_hand(dovecot)
    put(dovecot, "Непрочитанное")
    box.look(Event())
    assert taken() == ["Непрочитанное"]
    assert "renumbered" in caplog.text
    put(dovecot, "Новое")
    open_by_hand(dovecot)
    box.look(Event())
    assert taken() == ["Непрочитанное", "Новое"]


def test_a_mail_at_which_the_server_breaks_off_does_not_hold_up_the_others(box: Box, dovecot: Dovecot) -> None:
    put(dovecot, "Bad", "Also bad")
    spoil(dovecot)
    put(dovecot, "Good")
    box.look(Event())
    assert taken() == ["Good"]
    mend(dovecot)
    open_by_hand(dovecot)
    assert box.look(Event()) == 0  # it is not tried at every look
    box.retry_at = 0
    assert box.look(Event()) == 2
    assert taken() == ["Good", "Bad", "Also bad"]
    assert db.session.query(MailBox).one().unfetched == []


def test_old_mails_at_which_the_server_breaks_off_do_not_hold_up_what_can_be_read_again(
    box: Box, dovecot: Dovecot
) -> None:
    put(dovecot, "Bad", "Bad too", "Mended", "Mended too")
    spoil(dovecot)
    box.look(Event())
    mend(dovecot)
    spoil(dovecot, "Bad")
    box.retry_at = 0
    box.look(Event())
    assert taken() == ["Mended", "Mended too"]
    mend(dovecot)
    assert box.look(Event()) == 0  # until the next time
    box.retry_at = 0
    assert box.look(Event()) == 2


def test_mails_that_the_server_does_not_give_out_starve_nobody_however_many_they_are(
    box: Box, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "MOST_AT_ONCE", 2)
    fetch = imap._fetch

    def refuse(server: imaplib.IMAP4, uid: str, what: str) -> bytes | None:
        return None if int(uid) <= 4 else fetch(server, uid, what)

    monkeypatch.setattr(imap, "_fetch", refuse)
    put(dovecot, "1", "2", "3", "4", "Good")
    for _ in range(3):
        box.look(Event())
    assert taken() == ["Good"]
    monkeypatch.undo()
    box.retry_at = 0
    box.look(Event())
    assert taken() == ["Good", "1", "2", "3", "4"]


def test_a_mail_that_was_deleted_before_it_could_be_fetched_is_forgotten(
    box: Box, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(dovecot, "Gone")
    with monkeypatch.context() as patch:
        patch.setattr(imap, "_fetch", lambda *_args: None)
        box.look(Event())
    assert db.session.query(MailBox).one().unfetched == [1]
    with dovecot.signed_in() as client:
        client.select("INBOX")
        client.store("1", "+FLAGS", r"(\Deleted)")
        client.expunge()
    box.retry_at = 0
    assert box.look(Event()) == 0
    assert db.session.query(MailBox).one().unfetched == []


def test_a_bug_at_one_mail_leaves_that_one_for_later(
    box: Box, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in = imap.take_in

    def stumble(raw: bytes, *args: Any, **more: Any) -> int:
        if b"Subject: Bad" in raw:
            raise ValueError("a bug")
        return take_in(raw, *args, **more)

    put(dovecot, "Bad", "Good")
    with monkeypatch.context() as patch:
        patch.setattr(imap, "take_in", stumble)
        box.look(Event())
    assert taken() == ["Good"]


def test_what_could_not_be_kept_is_taken_at_the_next_look_though_it_was_opened_meanwhile(
    box: Box, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise storage.StorageError("no space left on device")

    put(dovecot, "Первое", "Второе")
    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", full)
        with pytest.raises(NotNow):
            box.look(Event())
    open_by_hand(dovecot)
    assert box.look(Event()) == 2


def test_the_bound_on_what_could_not_be_fetched_holds() -> None:
    place = Place(1, 0)
    for uid in range(1, MOST_UNFETCHED + 3):
        place.leave(uid)
    assert (place.last, len(place.unfetched), place.unfetched[0]) == (MOST_UNFETCHED + 2, MOST_UNFETCHED, 3)
