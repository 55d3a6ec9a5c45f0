"""Whose mail enters which ticket, and whose enters none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from supportapp import clock
from supportapp.accounts import operations as accounts
from supportapp.extensions import db
from supportapp.mailbox import quarantine
from supportapp.mailbox.jobs import read_received
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.rules import MAILS_AN_HOUR, TICKETS_A_DAY, TOLD_AN_HOUR, MailState, is_robot
from supportapp.notifications.keys import new_mail_id, tagged_address
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason, EventKind, Status
from tests.factories import deliver_mails, mails, make_customer, make_staff, make_ticket
from tests.mailbox.letters import SUPPORT, answer, receive, write


def is_quarantined(row: ReceivedMail, reason: str) -> bool:
    return (row.state, row.reason, row.entry) == (MailState.QUARANTINED, reason, None)


# the ticket is found


def test_a_key_in_the_references_is_enough(ticket: Ticket) -> None:
    mail = write("anna@example.com", references=f"<x@y> {mails()[0].message_id} <other@z>", subject="Совсем другое")
    assert receive(mail).ticket is ticket


def test_a_key_in_the_address_is_enough(ticket: Ticket) -> None:
    assert receive(write("anna@example.com", to=tagged_address(ticket.about), subject="Другое")).ticket is ticket


def test_a_key_in_the_envelope_alone_is_enough(ticket: Ticket) -> None:
    mail = write("anna@example.com", to="list@example.com", subject="Другое")
    assert receive(mail, sender="anna@example.com", recipients=(tagged_address(ticket.about),)).ticket is ticket


def test_the_reference_in_the_subject_is_enough_for_its_customer(ticket: Ticket) -> None:
    row = receive(write("anna@example.com", subject=f"Fwd: Вопрос по {ticket.reference.lower()}!"))
    assert (row.ticket, len(ticket.messages)) == (ticket, 2)


def test_a_key_counts_more_than_the_subject(ticket: Ticket) -> None:
    other = make_ticket(ticket.customer)
    row = receive(answer(mails("ticket_submitted")[0], subject=f"Re: {other.reference}"))
    assert row.ticket is ticket


@pytest.mark.parametrize(
    "key", ["<ticket.1.0123456789abcdef.aaaaaaaaaaaaaaaa@localhost>", "<ticket.99999999999999999.x@localhost>"]
)
def test_a_key_that_somebody_made_up_finds_nothing(ticket: Ticket, key: str) -> None:
    row = receive(write("anna@example.com", in_reply_to=key, subject="Новое"))
    assert row.ticket is not ticket
    assert row.reason == "opened"


def test_a_key_of_a_ticket_that_is_gone_finds_nothing(ticket: Ticket) -> None:
    assert receive(write("anna@example.com", in_reply_to=new_mail_id("ticket:2147483647"))).reason == "opened"
    assert receive(write("anna@example.com", in_reply_to=new_mail_id("ticket:999999999999999999"))).reason == "opened"


def test_after_a_merge_of_accounts_the_one_that_stays_may_answer(ticket: Ticket, at: datetime) -> None:
    old, stays, staff = ticket.customer, make_customer(email="smirnova@example.com"), make_staff("Manager")
    mail = mails("ticket_submitted")[0]
    accounts.merge_customers(old, stays, by=staff, at=at)
    assert receive(answer(mail, sender="smirnova@example.com")).ticket is ticket
    assert is_quarantined(receive(answer(mail, sender="anna@example.com")), "stranger")


# a stranger's mail never enters


@pytest.mark.parametrize("known", [True, False])
def test_a_key_in_a_strangers_hand_opens_nothing(ticket: Ticket, known: bool) -> None:
    if known:
        make_customer(email="mallory@example.com")
    row = receive(answer(mails("ticket_submitted")[0], sender="mallory@example.com"))
    assert is_quarantined(row, "stranger")
    assert len(ticket.messages) == 1
    told = mails("mail_stranger")
    assert [mail.recipient for mail in told] == ["mallory@example.com"]
    assert ticket.reference not in told[0].text_body.replace(str(row.subject), "")


def test_a_strangers_reference_in_the_subject_opens_nothing(ticket: Ticket) -> None:
    make_customer(email="mallory@example.com")
    row = receive(write("mallory@example.com", subject=f"Re: {ticket.reference}"))
    assert row.ticket is not ticket
    assert len(ticket.messages) == 1


def test_letters_that_only_look_like_the_customers_are_another_mailbox(ticket: Ticket) -> None:
    row = receive(answer(mails("ticket_submitted")[0], sender="ａnna@example.com"))
    assert row.state is MailState.QUARANTINED
    assert len(ticket.messages) == 1


def test_a_closed_account_is_a_stranger(ticket: Ticket, at: datetime) -> None:
    ticket.customer.closed_at = at
    assert is_quarantined(receive(answer(mails("ticket_submitted")[0])), "stranger")


def test_a_blocked_customer_is_kept_for_staff_and_not_answered(ticket: Ticket, at: datetime) -> None:
    number = len(mails())
    ticket.customer.blocked_at = at
    assert is_quarantined(receive(answer(mails("ticket_submitted")[0])), "blocked")
    assert len(mails()) == number


def test_an_unconfirmed_customer_is_told_to_confirm_first(session: object) -> None:
    make_customer(email="anna@example.com", confirmed_at=None)
    assert is_quarantined(receive(write("anna@example.com")), "unconfirmed")
    assert [mail.kind for mail in mails()] == ["mail_unconfirmed"]


def test_staff_are_told_to_answer_at_the_desk(ticket: Ticket) -> None:
    make_staff(email="olga@vendor.example")
    row = receive(answer(mails("ticket_submitted")[0], sender="Olga@vendor.example"))
    assert is_quarantined(row, "staff")
    assert [mail.recipient for mail in mails("mail_staff")] == ["olga@vendor.example"]


def test_a_colleague_who_left_is_a_stranger(ticket: Ticket) -> None:
    make_staff(email="olga@vendor.example", active=False)
    assert is_quarantined(receive(answer(mails("ticket_submitted")[0], sender="olga@vendor.example")), "stranger")


def test_an_unknown_sender_gets_one_polite_mail_a_day(session: object, at: datetime) -> None:
    rows = [receive(write("ivan@example.org", f"Письмо {number}")) for number in range(3)]
    assert all(is_quarantined(row, "unknown_sender") for row in rows)
    assert [mail.recipient for mail in mails("mail_unknown_sender")] == ["ivan@example.org"]
    with clock.frozen(at + timedelta(days=1, minutes=1)):
        receive(write("ivan@example.org", "Ещё раз"))
    assert len(mails("mail_unknown_sender")) == 2


def test_the_polite_mail_speaks_the_senders_language(session: object) -> None:
    receive(
        write("john@example.org", "The container does not open.", **{"from": "john@example.org", "subject": "Help"})
    )
    assert mails("mail_unknown_sender")[0].language == "en"


@pytest.mark.parametrize(
    ("sender", "envelope"),
    [
        ("no-reply@example.org", None),
        ("news@example.org", "bounces-12@mailer.example.net"),
        ("ivan@example.org", ""),
        ("mailer-daemon@example.org", None),
    ],
)
def test_what_is_not_surely_from_a_person_is_not_answered(session: object, sender: str, envelope: str | None) -> None:
    receive(write(sender), sender=envelope)
    assert mails() == []


def test_a_mail_that_reached_us_only_in_blind_copy_is_not_answered(session: object) -> None:
    receive(write("ivan@example.org", to="undisclosed@example.org"))
    assert mails() == []


def test_senders_made_up_by_the_thousand_do_not_make_us_a_source_of_spam(
    session: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportapp.mailbox.correspondents.TOLD_AN_HOUR", 3)
    assert TOLD_AN_HOUR == 100
    for number in range(6):
        receive(write(f"victim{number}@example.org"))
    assert len(mails("mail_unknown_sender")) == 3


# machines


def test_our_own_mail_that_comes_back_is_nothing(ticket: Ticket) -> None:
    ours = mails("ticket_submitted")[0]
    row = receive(write("support@localhost"))
    echo = receive(write("anna@example.com", message_id=ours.message_id))
    assert {(mail.state, mail.reason) for mail in (row, echo)} == {(MailState.IGNORED, "own")}
    assert len(ticket.messages) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"precedence": "auto_reply"},
        {"x_autoreply": "yes"},
        {"subject": "Automatic reply: Ticket received"},
        {"subject": "Автоматический ответ: Обращение принято"},
    ],
)
def test_an_automatic_answer_stands_on_the_timeline_for_staff_and_changes_nothing(
    ticket: Ticket, at: datetime, headers: dict[str, str]
) -> None:
    operations.request_information(ticket, "Пришлите журнал.", by=ticket.assignee, at=at)  # type: ignore[arg-type]
    deliver_mails(at=at)
    before, number = (ticket.status, ticket.closes_at, len(ticket.messages)), len(mails())
    mail = answer(mails("ticket_info_requested")[0], "Я в отпуске до понедельника.", **headers)
    row = receive(mail)
    assert (row.state, row.reason) == (MailState.NOTED, "auto_reply")
    assert (ticket.status, ticket.closes_at, len(ticket.messages)) == before
    assert ticket.timeline[-1].kind is EventKind.AUTO_REPLIED
    assert ticket.timeline[-1].is_internal
    assert len(mails()) == number


def test_an_automatic_answer_does_not_reopen(ticket: Ticket, at: datetime) -> None:
    ticket.status, ticket.close_reason, ticket.closed_at = Status.CLOSED, CloseReason.NO_REACTION, at
    receive(answer(mails("ticket_submitted")[0], "В отпуске.", auto_submitted="auto-replied"))
    assert ticket.status is Status.CLOSED


def test_an_automatic_answer_from_elsewhere_is_nothing(ticket: Ticket) -> None:
    row = receive(answer(mails("ticket_submitted")[0], sender="robot@example.org", auto_submitted="auto-replied"))
    assert (row.state, row.ticket) == (MailState.IGNORED, None)
    assert mails("mail_stranger") == []


def test_a_person_who_writes_too_much_waits_for_staff_and_is_not_answered(ticket: Ticket) -> None:
    rows = [receive(answer(mails("ticket_submitted")[0], f"Письмо {number}")) for number in range(MAILS_AN_HOUR + 2)]
    assert [row.reason for row in rows] == ["replied"] * MAILS_AN_HOUR + ["too_many"] * 2
    assert len(ticket.messages) == 1 + MAILS_AN_HOUR


def test_the_hour_passes(ticket: Ticket, at: datetime) -> None:
    for number in range(MAILS_AN_HOUR):
        receive(answer(mails("ticket_submitted")[0], f"Письмо {number}"))
    with clock.frozen(at + timedelta(minutes=61)):
        assert receive(answer(mails("ticket_submitted")[0], "Час спустя")).reason == "replied"


def test_a_robot_without_signs_opens_a_few_tickets_a_day_and_the_rest_wait(session: object, at: datetime) -> None:
    make_customer(email="anna@example.com")
    for number in range(TICKETS_A_DAY + 2):
        with clock.frozen(at + timedelta(minutes=5 * number)):
            row = receive(write("anna@example.com", f"Датчик {number} не отвечает"))
        assert (row.reason == "opened") is (number < TICKETS_A_DAY)
    assert is_quarantined(row, "too_many")
    assert db.session.query(Ticket).count() == TICKETS_A_DAY
    with clock.frozen(at + timedelta(days=1)):
        assert receive(write("anna@example.com", "На другой день")).reason == "opened"


def test_replies_use_up_none_of_the_tickets_of_the_day(ticket: Ticket, at: datetime) -> None:
    for number in range(TICKETS_A_DAY + 2):
        assert receive(answer(mails("ticket_submitted")[0], f"Письмо {number}")).reason == "replied"
    assert receive(write("anna@example.com", "Новый вопрос")).reason == "opened"


def test_a_reply_that_opens_another_ticket_is_counted_with_them(
    ticket: Ticket, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportapp.mailbox.correspondents.TICKETS_A_DAY", 1)
    ticket.status, ticket.close_reason, ticket.closed_at = Status.CLOSED, CloseReason.WITHDRAWN, at - timedelta(90)
    first, second = (receive(answer(mails("ticket_submitted")[0], f"Снова {number}")) for number in range(2))
    assert first.reason == "continued"
    assert is_quarantined(second, "too_many")


def test_a_ticket_that_staff_let_in_is_none_of_the_day(
    session: object, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportapp.mailbox.correspondents.TICKETS_A_DAY", 1)
    make_customer(email="anna@example.com")
    _first, second = (receive(write("anna@example.com", f"Вопрос {number}")) for number in range(2))
    quarantine.read_again(second, by=make_staff(), at=at)
    db.session.commit()
    read_received(second.id)
    db.session.expire_all()
    assert second.reason == "opened"


# names and addresses


@pytest.mark.parametrize(
    ("address", "robot"),
    [("noreply@x", True), ("no-reply+1@x", True), ("MAILER-DAEMON@x", True), ("list-owner@x", True),
     ("anna@x", False), ("postal@x", False), ("robotov@x", False), ("a.bounces@x", True)],
)  # fmt: skip
def test_a_robot_is_known_by_its_name(address: str, robot: bool) -> None:
    assert is_robot(address) is robot


def test_nothing_is_said_to_an_address_that_is_none(session: object) -> None:
    receive(write("anna@example.com", **{"from": "кто-то", "to": SUPPORT}))
    assert mails() == []
    assert db.session.query(ReceivedMail).one().state is MailState.QUARANTINED
