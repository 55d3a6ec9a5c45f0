"""A customer's mails: what is chosen in the profile, the link that switches one off, an address that bounces."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from supportapp.certificates.letters import announce_expiry, confirm_registration
from supportapp.extensions import db
from supportapp.notifications.models import Failure, NotificationState, OptionalMail
from supportapp.notifications.unsubscribing import make_off_link
from supportapp.tickets import operations
from tests.factories import deliver_mails, make_customer, make_registration, make_staff, make_ticket
from tests.portal.people import mails, seen, sign_in

pytestmark = pytest.mark.usefixtures("session")
WHY = "550 5.1.1 User unknown"


def off_path(customer_id: int, kind: OptionalMail) -> str:
    return make_off_link(customer_id, kind).removeprefix("http://localhost")


def test_the_profile_says_which_mails_always_come_and_keeps_what_is_ticked(client: FlaskClient) -> None:
    customer = sign_in(client)
    page = client.get("/profile")
    assert "Эти письма обещаны вам, и отключить их нельзя" in seen(page)
    assert "Напоминание в первый рабочий день, когда вы ждёте моего ответа" in seen(page)
    assert [kind for kind in OptionalMail if f'id="mails-{kind}" checked' in page.text] == [
        OptionalMail.STATUS,
        OptionalMail.CERTIFICATES,
    ]
    answer = client.post("/profile/mails", data={"mails": ["certificates"]}, follow_redirects=True)
    assert "Выбор писем сохранён." in seen(answer)
    wanted = {kind for kind in OptionalMail if customer.wants_mail(kind)}
    assert wanted == {OptionalMail.CERTIFICATES}
    client.post("/profile/mails", data={"mails": ["certificates", "status", "reminders", "nonsense"]})
    assert customer.muted_mails == ""


def test_optional_mails_that_were_switched_off_are_not_written_and_the_promised_ones_are(at: datetime) -> None:
    customer, staff = make_customer(muted_mails="status,reminders,certificates"), make_staff()
    registration = make_registration(customer)
    assert confirm_registration(registration, at=at) is None
    assert announce_expiry(registration, days_left=7, at=at) is None
    ticket = make_ticket(customer, at=at)
    operations.propose_solution(ticket, "Обновите.", by=staff, at=at)
    deliver_mails(at=at)
    operations.ask_for_more_time(ticket, by=customer, at=at)
    operations.accept_solution(ticket, by=customer, at=at)
    kinds = [mail.kind for mail in mails()]
    assert kinds == ["ticket_submitted", "ticket_solution_proposed", "ticket_closed_solved"]
    assert all(mail.optional is None for mail in mails())


def test_an_optional_mail_carries_the_link_that_switches_its_kind_off(at: datetime) -> None:
    registration = make_registration(make_customer())
    mail = announce_expiry(registration, days_left=7, at=at)
    assert mail is not None
    link = make_off_link(registration.customer_id, OptionalMail.CERTIFICATES)
    assert mail.optional is OptionalMail.CERTIFICATES
    assert link in mail.text_body
    assert link in mail.html_body


def test_opening_the_link_changes_nothing_and_its_button_switches_off_without_signing_in(client: FlaskClient) -> None:
    customer = make_customer(muted_mails="")
    path = off_path(customer.id, OptionalMail.CERTIFICATES)
    page = client.get(path)
    assert "Пока ничего не произошло" in seen(page)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert customer.muted_mails == ""
    done = client.post(path)
    assert "Эти письма отключены" in seen(done)
    assert "в разделе «Письма»" in seen(done)
    assert customer.muted_mails == "certificates"
    client.post(path)
    assert customer.muted_mails == "certificates"


def test_a_mail_program_switches_off_with_one_click_and_no_token_of_ours(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    customer = make_customer(language="en")
    path = off_path(customer.id, OptionalMail.STATUS)
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "These mails are switched off" in seen(answer)
    assert not customer.wants_mail(OptionalMail.STATUS)
    assert customer.wants_mail(OptionalMail.CERTIFICATES)


@pytest.mark.parametrize("token", ["x", "WzEsInN0YXR1cyJd.AAAA", "%D1%8F", "a" * 3000])
def test_a_link_that_was_not_made_here_does_nothing(client: FlaskClient, token: str) -> None:
    customer = make_customer(muted_mails="")
    assert client.get(f"/mails/off/{token}").status_code == 404
    assert client.post(f"/mails/off/{token}").status_code == 404
    assert customer.muted_mails == ""


def test_a_link_of_an_account_that_is_gone_says_so(client: FlaskClient) -> None:
    assert client.post(off_path(999_999, OptionalMail.STATUS)).status_code == 404


def test_every_page_says_calmly_that_mails_do_not_arrive_until_the_customer_says_that_the_address_is_right(
    client: FlaskClient, at: datetime
) -> None:
    customer = make_customer(mail_bounced_at=at, mail_bounce=WHY)
    ticket = make_ticket(customer, at=at)
    mail = mails()[-1]
    mail.state, mail.failure, mail.last_error = NotificationState.UNDELIVERABLE, Failure.PERMANENT, WHY
    sign_in(client, customer)
    for path in ("/", "/tickets", "/profile", f"/tickets/{ticket.reference}"):
        assert f"Письма на адрес {customer.email} не доходят" in seen(client.get(path)), path
    assert "could not be delivered" not in seen(client.get("/"))
    answer = client.post("/mails/again", data={"next": "/tickets"}, follow_redirects=True)
    assert "Ещё раз отправляется 1 письмо." in seen(answer)
    assert "не доходят" not in seen(answer)
    assert (mail.state, customer.mail_bounced_at) == (NotificationState.QUEUED, None)


def test_trying_again_goes_on_to_no_foreign_page(client: FlaskClient, at: datetime) -> None:
    sign_in(client, make_customer(mail_bounced_at=at))
    assert client.post("/mails/again", data={"next": "//evil.example"}).headers["Location"] == "/"


def test_a_customer_whose_mails_arrive_sees_nothing_of_it(client: FlaskClient) -> None:
    sign_in(client)
    assert "не доходят" not in seen(client.get("/"))
    db.session.rollback()
