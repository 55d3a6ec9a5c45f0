"""Where a mail stands in its conversation: what its headers say of others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from supportapp.extensions import db
from supportapp.notifications.compose import compose
from supportapp.notifications.keys import read_mail_ids, read_tagged_address, root_mail_id
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Notification, NotificationState, OptionalMail
from supportapp.notifications.operations import notify
from tests.conftest import make_settings
from tests.factories import make_customer
from tests.notifications.test_composing import read

pytestmark = pytest.mark.usefixtures("session", "bells")
THEIRS = "<abc.123@mail.example.com>"


@pytest.fixture
def configure(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    def change(**changes: Any) -> None:
        monkeypatch.setitem(app.extensions, "settings", make_settings(tmp_path, **changes))

    return change


def record(letter: Letter, at: datetime, about: str = "ticket:12", **changes: Any) -> Notification:
    values = {"kind": "hello", "recipient": "anna@example.com", "language": "ru", "about": about}
    return notify(**{**values, "letter": letter, "at": at, **changes})


def test_the_first_mail_refers_to_the_root_and_each_further_one_to_the_one_before(letter: Letter, at: datetime) -> None:
    first, second, third = (record(letter, at) for _ in range(3))
    root = root_mail_id("ticket:12")
    assert (first.in_reply_to, first.mail_references) == ("", root)
    assert (second.in_reply_to, second.mail_references) == (first.message_id, f"{root} {first.message_id}")
    assert (third.in_reply_to, third.mail_references) == (second.message_id, f"{root} {second.message_id}")


def test_an_answer_to_somebodys_mail_refers_to_that(letter: Letter, at: datetime) -> None:
    record(letter, at)
    answer = record(letter, at, answers=THEIRS)
    assert (answer.in_reply_to, answer.mail_references) == (THEIRS, f"{root_mail_id('ticket:12')} {THEIRS}")


def test_a_mail_about_nothing_stands_alone_unless_it_answers(letter: Letter, at: datetime) -> None:
    assert (record(letter, at, "").in_reply_to, record(letter, at, "").mail_references) == ("", "")
    assert record(letter, at, "", answers=THEIRS).mail_references == THEIRS


@pytest.mark.parametrize(
    "answers", ["", "abc", "<>", "<a b>", "<a\r\nBcc: x@y.z>", "<я@example.com>", "<a><b>", f"<{'a' * 299}>", "<a>\n"]
)
def test_what_is_no_message_id_gets_into_no_header(answers: str, letter: Letter, at: datetime) -> None:
    mail = record(letter, at, answers=answers)
    assert (mail.in_reply_to, mail.mail_references) == ("", root_mail_id("ticket:12"))


def test_other_things_and_other_recipients_are_other_conversations(letter: Letter, at: datetime) -> None:
    record(letter, at)
    assert record(letter, at, "ticket:13").in_reply_to == ""
    assert record(letter, at, recipient="boris@example.com").in_reply_to == ""


def test_a_mail_that_never_arrived_is_not_answered(letter: Letter, at: datetime) -> None:
    first, lost = record(letter, at), record(letter, at)
    lost.state = NotificationState.UNDELIVERABLE
    assert record(letter, at).in_reply_to == first.message_id


def test_a_mail_that_another_carries_is_answered_under_the_name_of_its_carrier(
    letter: Letter, at: datetime, configure: Any
) -> None:
    configure(MAIL_GATHER_SECONDS=60)
    carrier, carried = record(letter, at, gather=True), record(letter, at, gather=True)
    third = record(letter, at, gather=True)
    assert third.in_reply_to == carrier.message_id  # it waits still
    db.session.delete(third)
    carrier.gathers = carried.gathers = False
    carried.joined_to_id = carrier.id
    db.session.flush()
    assert record(letter, at).in_reply_to == carrier.message_id


def test_the_headers_travel_whole_however_long_they_are(letter: Letter, at: datetime, configure: Any) -> None:
    configure(
        MAIL_FROM=f"support@{'long-' * 20}name.example.com", MAIL_REPLIES=True, PUBLIC_BASE_URL="https://a.example"
    )
    record(letter, at)
    customer = make_customer()
    row = record(
        letter, at, answers=f"<{'x' * 250}@example.com>", customer_id=customer.id, optional=OptionalMail.STATUS
    )
    mail = read(compose(row, at=at))
    assert mail["Message-ID"].strip() == row.message_id
    assert mail["In-Reply-To"] == row.in_reply_to
    assert mail["References"].split() == row.mail_references.split()
    assert mail["Reply-To"].addresses[0].addr_spec == row.reply_to
    assert mail["List-Unsubscribe"].startswith("<https://a.example/mails/off/")
    assert max(len(line) for line in compose(row, at=at).as_bytes().splitlines()) < 998


def test_a_message_id_says_what_the_mail_is_about(letter: Letter, at: datetime) -> None:
    row = record(letter, at)
    assert read_mail_ids([compose(row, at=at)["Message-ID"]]) == ["ticket:12"]


def test_a_customer_may_answer_a_ticket_mail_where_mails_are_read(letter: Letter, at: datetime, configure: Any) -> None:
    customer = make_customer().id
    assert compose(record(letter, at, customer_id=customer), at=at)["Reply-To"] is None
    configure(MAIL_REPLIES=True)
    address = compose(record(letter, at, customer_id=customer), at=at)["Reply-To"].addresses[0].addr_spec
    assert read_tagged_address(address) == "ticket:12"
    assert record(letter, at).reply_to == ""  # staff answer in the portal
    assert record(letter, at, "certificate:1", customer_id=customer).reply_to == ""


def test_a_machine_that_answers_a_person_says_so_and_is_never_a_person(letter: Letter, at: datetime) -> None:
    record(letter, at)
    notice, answer = record(letter, at), record(letter, at, answers=THEIRS)
    assert compose(notice, at=at)["Auto-Submitted"] == "auto-generated"
    assert compose(answer, at=at)["Auto-Submitted"] == "auto-replied"
    assert compose(answer, at=at)["X-Auto-Response-Suppress"] == "All"


def test_only_an_optional_mail_can_be_switched_off_and_with_one_click_only_by_https(
    letter: Letter, at: datetime, configure: Any
) -> None:
    customer = make_customer().id
    promised = compose(record(letter, at, customer_id=customer), at=at)
    assert promised["List-Unsubscribe"] is promised["List-Unsubscribe-Post"] is None
    optional = {"customer_id": customer, "optional": OptionalMail.CERTIFICATES}
    plain = compose(record(letter, at, **optional), at=at)
    assert plain["List-Unsubscribe"].startswith("<http://localhost/mails/off/")
    assert plain["List-Unsubscribe-Post"] is None
    configure(PUBLIC_BASE_URL="https://support.example.com")
    secure = compose(record(letter, at, **optional), at=at)
    assert secure["List-Unsubscribe"].startswith("<https://support.example.com/mails/off/")
    assert secure["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
