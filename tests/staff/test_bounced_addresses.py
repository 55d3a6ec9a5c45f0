"""Staff see that mails to a customer do not arrive, and a manager has them sent again."""

from __future__ import annotations

from datetime import datetime

from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.extensions import db
from supportapp.notifications.models import Failure, NotificationState
from tests.factories import mails, make_customer, make_ticket

WHY = "550 5.1.1 User <unknown>"


def test_the_ticket_and_the_customer_say_that_mails_do_not_arrive_and_why(
    client: FlaskClient, engineer: StaffUser, at: datetime
) -> None:
    customer = make_customer(mail_bounced_at=at, mail_bounce=WHY)
    ticket = make_ticket(customer)
    assert f"Письма на адрес {customer.email} не доходят" in client.get(f"/staff/tickets/{ticket.reference}").text
    page = client.get(f"/staff/customers/show/{customer.id}").text
    assert "550 5.1.1 User &lt;unknown&gt;" in page
    assert "Попробовать снова" not in page
    assert client.post(f"/staff/customers/{customer.id}/mails").status_code == 403


def test_a_manager_trusts_the_address_again_and_what_was_given_up_leaves_once_more(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    customer = make_customer(mail_bounced_at=at, mail_bounce=WHY)
    make_ticket(customer, at=at)
    mail = mails()[-1]
    mail.state, mail.failure = NotificationState.UNDELIVERABLE, Failure.PERMANENT
    assert "Попробовать снова" in client.get(f"/staff/customers/show/{customer.id}").text
    client.post(f"/staff/customers/{customer.id}/mails")
    assert (customer.mail_bounced_at, mail.state) == (None, NotificationState.QUEUED)
    assert db.session.query(AuditEntry).filter_by(act="resent", object_kind="Customer").count() == 1
    assert "не доходят" not in client.get(f"/staff/customers/show/{customer.id}").text
