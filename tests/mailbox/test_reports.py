"""Mails that come back, and mails that are late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from supportapp import clock
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.rules import MailState
from supportapp.notifications import operations as notifications
from supportapp.notifications.models import Failure, Notification, NotificationState
from supportapp.tickets import jobs, operations
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import CloseReason, EventKind, ReceivedBy
from tests.factories import deliver_mails, mails, make_staff
from tests.mailbox.letters import receive

REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: {to}
Subject: {subject}
Message-ID: <dsn{number}@mx.example.com>
Date: Fri, 20 Nov 2026 14:05:00 +0300
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

The mail could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user here

--b1
Content-Type: text/rfc822-headers

From: support@localhost
To: {recipient}
Message-ID: {message_id}
Subject: hello

--b1--
"""
_number = iter(range(1, 1_000_000))


def report(
    mail: Notification, *, status: str = "5.1.1", action: str = "failed", message_id: str = "", recipient: str = ""
) -> ReceivedMail:
    """The mail server of the recipient reports on ``mail``, and the report is read."""
    text = REPORT.format(
        to="support@localhost",
        subject="Undelivered Mail Returned to Sender" if action == "failed" else "Delayed Mail (still being retried)",
        number=next(_number),
        recipient=recipient or mail.recipient,
        action=action,
        status=status,
        message_id=message_id or mail.message_id,
    )
    return receive(text.encode(), sender="")


@pytest.fixture
def asked(ticket: Ticket, at: datetime) -> Ticket:
    """The customer was asked, and the server took the mail: the clock runs."""
    operations.request_information(ticket, "Пришлите журнал.", by=ticket.assignee, at=at)  # type: ignore[arg-type]
    deliver_mails(at=at)
    assert ticket.received_by is ReceivedBy.MAIL
    return ticket


def test_the_clock_of_a_request_that_came_back_does_not_run(asked: Ticket) -> None:
    mail = mails("ticket_info_requested")[0]
    row = report(mail)
    assert (row.state, row.reason, row.ticket) == (MailState.NOTED, "bounce", asked)
    assert (asked.received_at, asked.received_by, asked.closes_at) == (None, None, None)
    assert (mail.state, mail.failure) == (NotificationState.UNDELIVERABLE, Failure.BOUNCED)
    assert "5.1.1" in mail.last_error
    assert asked.timeline[-1].kind is EventKind.MAIL_BOUNCED
    assert not asked.timeline[-1].is_internal


def test_the_sweep_of_deliveries_does_not_start_it_again(asked: Ticket, at: datetime) -> None:
    report(mails("ticket_info_requested")[0])
    with clock.frozen(at + timedelta(days=1)):
        jobs.warn_and_close()
    assert asked.received_at is None


def test_a_customer_who_opened_the_ticket_has_received_it_whatever_the_mail_did(ticket: Ticket, at: datetime) -> None:
    operations.request_information(ticket, "Журнал?", by=ticket.assignee, at=at)  # type: ignore[arg-type]
    operations.mark_seen(ticket, by=ticket.customer, at=at)
    deliver_mails(at=at)
    report(mails("ticket_info_requested")[0])
    assert ticket.received_at == at


def test_the_address_is_marked(asked: Ticket, at: datetime) -> None:
    report(mails("ticket_info_requested")[0])
    assert asked.customer.mail_bounced_at == at
    assert "no such user" in asked.customer.mail_bounce


def test_a_report_on_another_address_marks_nobodys(asked: Ticket) -> None:
    assert asked.request is not None
    report(asked.request, recipient="elsewhere@example.org")
    assert asked.customer.mail_bounced_at is None
    assert asked.received_at is None  # the mail has not arrived all the same


def test_who_opened_the_ticket_after_the_mail_came_received_the_request_then(asked: Ticket, at: datetime) -> None:
    assert asked.request is not None
    with clock.frozen(at + timedelta(minutes=20)):
        operations.mark_seen(asked, by=asked.customer, at=clock.now())
        report(asked.request)
    assert (asked.received_at, asked.received_by) == (at + timedelta(minutes=20), ReceivedBy.PORTAL)
    assert asked.closes_at is not None


@pytest.mark.parametrize("status", ["5.2.2", "5.3.4", "5.6.1"])
def test_a_full_box_or_a_mail_that_is_too_large_is_no_fault_of_the_address(asked: Ticket, status: str) -> None:
    report(mails("ticket_info_requested")[0], status=status)
    assert asked.customer.mail_bounced_at is None
    assert asked.received_at is None


def test_nobody_is_closed_when_the_warning_came_back(asked: Ticket, at: datetime) -> None:
    with clock.frozen(at + timedelta(days=4)):
        jobs.warn_and_close()
        assert deliver_mails(at=clock.now())
        assert asked.warned_at is not None
        report(mails("ticket_closing_soon")[0])
        assert asked.warned_at is None
        assert asked.received_at == at
    with clock.frozen(at + timedelta(days=30)):
        jobs.warn_and_close()
    assert asked.is_open


def test_a_mail_sent_again_starts_the_clock_anew_and_the_old_report_means_nothing(asked: Ticket, at: datetime) -> None:
    mail = mails("ticket_info_requested")[0]
    old_id = mail.message_id
    report(mail)
    notifications.resend(mail, by=make_staff(), at=at)
    deliver_mails(at=at + timedelta(hours=1))
    assert asked.received_at == at + timedelta(hours=1)
    report(mail, message_id=old_id)
    assert asked.received_at == at + timedelta(hours=1)


def test_a_report_after_the_automatic_closing_is_noted_and_the_engineer_is_told(asked: Ticket, at: datetime) -> None:
    mail = mails("ticket_info_requested")[0]
    with clock.frozen(at + timedelta(days=4)):
        jobs.warn_and_close()
        deliver_mails(at=clock.now())
    with clock.frozen(at + timedelta(days=20)):
        jobs.warn_and_close()
        assert asked.close_reason is CloseReason.NO_REACTION
        report(mail)
    assert not asked.is_open
    assert asked.timeline[-1].kind is EventKind.MAIL_BOUNCED
    assert [told.recipient for told in mails("staff_mail_bounced")] == ["pavel@vendor.example"]


def test_a_late_mail_is_noted_and_nothing_else(asked: Ticket, at: datetime) -> None:
    mail = mails("ticket_info_requested")[0]
    row = report(mail, action="delayed", status="4.4.1")
    assert (row.state, row.reason) == (MailState.NOTED, "delayed")
    assert asked.received_at == at
    assert mail.state is NotificationState.SENT
    assert asked.timeline[-1].details["delayed"]


def test_a_report_on_a_mail_that_we_did_not_send_is_nothing(asked: Ticket, at: datetime) -> None:
    mail = mails("ticket_info_requested")[0]
    forged = mail.message_id.replace(".", ".0", 1)
    row = report(mail, message_id=forged)
    assert (row.state, row.ticket) == (MailState.IGNORED, None)
    assert (asked.received_at, asked.customer.mail_bounced_at) == (at, None)


def test_a_report_is_never_answered(asked: Ticket) -> None:
    number = len(mails())
    report(mails("ticket_info_requested")[0])
    assert len(mails()) == number


def test_the_same_report_twice_is_one_event(asked: Ticket) -> None:
    mail = mails("ticket_info_requested")[0]
    report(mail)
    report(mail)
    assert [entry.kind for entry in asked.timeline].count(EventKind.MAIL_BOUNCED) == 1


def test_a_report_in_plain_words_is_known_by_the_empty_sender_of_its_envelope(ticket: Ticket, at: datetime) -> None:
    deliver_mails(at=at)
    mail = mails("ticket_submitted")[0]
    words = (
        "From: Mail system <system@mx.example.com>\nTo: support@localhost\nSubject: Undeliverable mail\n"
        "Message-ID: <plain@mx.example.com>\nDate: Fri, 20 Nov 2026 14:05:00 +0300\n\n"
        f"<anna@example.com>: 550 5.1.1 no such user here\n\nMessage-ID: {mail.message_id}\n"
    )
    row = receive(words.encode(), sender="", recipients=("support@localhost",))
    assert row.reason == "bounce"
    assert (mail.state, mail.failure) == (NotificationState.UNDELIVERABLE, Failure.BOUNCED)
