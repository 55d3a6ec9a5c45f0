"""Whether mails reach a customer's address."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from supportapp.accounts import operations
from supportapp.accounts.models import Customer
from supportapp.notifications.mail import Letter
from supportapp.notifications.models import Failure, Notification, NotificationState
from supportapp.notifications.operations import notify, undeliverable
from supportapp.notifications.refusals import refuses_the_address
from tests.accounts.letters import secret_in
from tests.factories import mails, make_customer, make_staff

WHY = "550 5.1.1 <customer@example.com>: Recipient address rejected: User unknown"


def given_up(
    customer: Customer, *, at: datetime, failure: Failure = Failure.PERMANENT, error: str = WHY
) -> Notification:
    mail = notify(
        kind="account_merged",
        recipient=customer.email,
        language="ru",
        letter=Letter("account_merged", {"closed_email": "a@example.com", "kept_email": "b@example.com"}),
        at=at,
        customer_id=customer.id,
    )
    mail.state, mail.failure, mail.last_error = NotificationState.UNDELIVERABLE, failure, error
    mail.next_attempt_at = None
    return mail


def test_a_bounce_marks_the_open_account_in_whatever_spelling_and_keeps_what_the_server_wrote(
    session: object, at: datetime
) -> None:
    customer = make_customer(email="anna@example.com")
    operations.mark_bounced(" Anna@Example.COM", "550 5.1.1\r\n User " + "u" * 400, at=at)
    assert customer.mail_bounced_at == at
    assert customer.mail_bounce.startswith("550 5.1.1 User u")
    assert len(customer.mail_bounce) == 300


def test_a_bounce_marks_neither_a_closed_account_nor_a_stranger(session: object, at: datetime) -> None:
    closed = make_customer(email="anna@example.com", closed_at=at)
    operations.mark_bounced("anna@example.com", WHY, at=at)
    operations.mark_bounced("nobody@example.com", WHY, at=at)
    operations.mark_bounced("\x00", WHY, at=at)
    assert closed.mail_bounced_at is None


def test_a_mail_given_up_for_its_address_marks_the_customer(session: object, at: datetime) -> None:
    customer = make_customer()
    undeliverable.send(given_up(customer, at=at), at=at)
    assert customer.mail_bounced_at == at
    assert "User unknown" in customer.mail_bounce


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Failure.PERMANENT, "554 5.7.1 rejected as spam"),
        (Failure.PERMANENT, "552 5.2.2 mailbox full"),
        (Failure.TEMPORARY, "451 4.1.1 try later"),
        (Failure.SLOW, "the server took too long"),
    ],
)
def test_a_mail_given_up_for_another_reason_marks_nobody(
    session: object, at: datetime, failure: Failure, error: str
) -> None:
    customer = make_customer()
    undeliverable.send(given_up(customer, at=at, failure=failure, error=error), at=at)
    assert customer.mail_bounced_at is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.1.1 no such user", True),
        ("550-5.1.1 The email account that you tried to reach does not exist", True),
        ("550 5.1.2 bad destination system", True),
        ("550 5.1.10 recipient not found", True),
        ("550 Unknown user", True),
        ("550 No such user here", True),
        ("551 User does not exist", True),
        ("550 5.1.8 sender address rejected", False),
        ("550 5.7.1 user unknown to policy", False),
        ("550 message content rejected", False),
        ("554 no such user", False),
        ("5.10.1 something else", False),
        ("", False),
    ],
)
def test_a_refusal_is_told_to_be_about_the_address_or_not(answer: str, expected: bool) -> None:
    assert refuses_the_address(answer) is expected


def test_an_address_is_trusted_again_when_its_owner_confirms_it_or_sets_a_password_by_a_link(
    session: object, at: datetime
) -> None:
    anna = make_customer(confirmed_at=None, mail_bounced_at=at, mail_bounce=WHY)
    operations.send_confirmation(anna, at=at)
    operations.confirm_email(secret_in(mails("account_confirmation")[-1]), at=at)
    boris = make_customer(mail_bounced_at=at, mail_bounce=WHY)
    operations.request_password_reset(boris.email, at=at)
    operations.reset_password(secret_in(mails("account_password_reset")[-1]), "a new long password", at=at)
    assert [(c.mail_bounced_at, c.mail_bounce) for c in (anna, boris)] == [(None, "")] * 2


def test_trying_again_sends_what_was_given_up_within_fourteen_days(session: object, at: datetime) -> None:
    customer = make_customer(mail_bounced_at=at, mail_bounce=WHY)
    old = given_up(customer, at=at - timedelta(days=15))
    recent = given_up(customer, at=at - timedelta(days=13))
    elsewhere = given_up(make_customer(), at=at)
    former_address = given_up(customer, at=at)
    former_address.recipient = "former@example.com"
    assert operations.try_again(customer, by=make_staff(), at=at) == 1
    assert recent.state is NotificationState.QUEUED
    assert recent.next_attempt_at == at
    states = {mail.state for mail in (old, elsewhere, former_address)}
    assert states == {NotificationState.UNDELIVERABLE}
    assert customer.mail_bounced_at is None
    assert customer.mail_bounce == ""
