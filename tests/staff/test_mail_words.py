"""The words of mails in the staff's door: the list, a page for each, its preview, and the way back."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from supportapp.accounts.models import StaffUser
from supportapp.audit.models import AuditEntry
from supportapp.extensions import db
from supportapp.notifications.mail import built_in
from supportapp.notifications.models import MailTemplate, Notification
from supportapp.notifications.wordings import wordings
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from tests.factories import mails, make_certificate, make_customer, make_registration, make_staff, make_ticket
from tests.staff.conftest import SignIn

PAGE = "/staff/mail-words/ticket_replied/ru"
WORDS = {"subject": "[{{ ticket.reference }}] Новое", "body": "Уважаемый {{ customer.name }}!\n\nВам **ответили**."}


def saved() -> list[MailTemplate]:
    return db.session.query(MailTemplate).all()


def test_the_list_says_of_every_mail_when_it_is_sent_and_who_changed_it(client: FlaskClient, editor: StaffUser) -> None:
    client.post(PAGE, data={**WORDS, "act": "save"})
    page = client.get("/staff/mail-words/").text
    assert page.count(">Изменить</a>") == 2 * len(wordings())
    assert 'aria-label="Изменить: Инженер написал пользователю, По-русски"' in page
    assert ">Инженер написал пользователю</th>" in page
    assert page.count('<span class="label label-primary">изменён</span>') == 1
    assert editor.display_name in page
    assert page.count("встроенный текст") == 2 * len(wordings()) - 1
    assert not re.search(r">[^<]*(account|ticket|certificate|mail)_\w+[^<]*<", page)


def test_the_list_says_which_words_could_not_be_used(client: FlaskClient, editor: StaffUser, at: datetime) -> None:
    broken = MailTemplate(name="ticket_replied", language="en", subject="x", body="x", changed_at=at, problem="why")
    db.session.add(broken)
    db.session.commit()
    assert client.get("/staff/mail-words/").text.count("не используется") == 1


def test_saved_words_are_sent_from_then_on_and_the_trail_knows_who_changed_them(
    client: FlaskClient, editor: StaffUser, at: datetime
) -> None:
    answer = client.post(PAGE, data={**WORDS, "act": "save"}, follow_redirects=True)
    assert "Текст сохранён" in answer.text
    operations.reply(make_ticket(), "Готово", by=make_staff(), at=at)
    assert "Вам ответили." in mails("ticket_replied")[-1].text_body
    entry = db.session.query(AuditEntry).filter_by(object_kind="MailTemplate").one()
    assert (entry.act, entry.label, entry.staff_id) == ("added", "ticket_replied.ru", editor.id)


def test_words_that_cannot_be_used_are_refused_with_line_and_reason_and_stay_in_the_form(
    client: FlaskClient, editor: StaffUser
) -> None:
    body = "Здравствуйте!\n\n{{ customer.password_hash }}\n"
    answer = client.post(PAGE, data={**WORDS, "body": body, "act": "save"})
    assert answer.status_code == 422
    assert "Строка 3: значения «customer.password_hash» в этом письме нет." in answer.text
    assert html.escape("{{ customer.password_hash }}") in answer.text
    assert saved() == []


def test_a_preview_shows_the_mail_about_the_chosen_ticket_and_keeps_and_sends_nothing(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    ticket = make_ticket(make_customer(name="Пётр <b>Жирный</b>"))
    operations.add_note(ticket, "inner-word", by=manager, at=at)
    operations.reply(ticket, "Слова инженера", by=manager, at=at)
    before = db.session.query(Notification).count()
    page = client.post(PAGE, data={**WORDS, "ticket": ticket.reference, "act": "preview"}).text
    frame = re.search(r'<iframe class="mail-page" sandbox="" srcdoc="([^"]+)"', page)
    assert frame
    mail = html.unescape(frame[1])
    assert "Пётр &lt;b&gt;Жирный&lt;/b&gt;" in mail
    assert "Слова инженера" in mail
    assert "inner-word" not in page
    assert f"[{ticket.reference}] Новое" in page
    assert db.session.query(Notification).count() == before
    assert saved() == []


def test_an_unknown_ticket_is_named_at_its_field(client: FlaskClient, manager: StaffUser) -> None:
    answer = client.post(PAGE, data={**WORDS, "ticket": "TP-999999", "act": "preview"})
    assert answer.status_code == 422
    assert "TP-999999" in answer.text


def test_an_editor_who_reads_no_tickets_sees_invented_values_whatever_number_is_sent(
    client: FlaskClient, editor: StaffUser
) -> None:
    ticket = make_ticket(make_customer(name="Тайный Заказчик"))
    page = client.post(PAGE, data={**WORDS, "ticket": ticket.reference, "act": "preview"}).text
    assert "Тайный Заказчик" not in page
    assert "Ann Smith" in page
    assert 'name="ticket"' not in page


def test_a_certificates_mail_is_shown_with_the_certificate_of_the_ticket(
    client: FlaskClient, manager: StaffUser, at: datetime
) -> None:
    customer, certificate = make_customer(), make_certificate(number="CERT-SHOWN")
    make_registration(customer, certificate)
    ticket: Ticket = make_ticket(customer, certificate_id=certificate.id, at=at)
    words = built_in("certificate_expiring", "ru")
    data = {"subject": words.subject, "body": words.body, "ticket": ticket.reference, "act": "preview"}
    assert "CERT-SHOWN" in client.post("/staff/mail-words/certificate_expiring/ru", data=data).text


def test_every_mail_opens_and_can_be_previewed_in_its_built_in_words(client: FlaskClient, manager: StaffUser) -> None:
    ticket = make_ticket()
    for wording in wordings():
        for language in ("ru", "en"):
            address = f"/staff/mail-words/{wording.name}/{language}"
            assert client.get(address).status_code == 200, address
            words = built_in(wording.name, language)
            for reference in ("", ticket.reference):
                data = {**words._asdict(), "ticket": reference, "act": "preview"}
                answer = client.post(address, data=data)
                assert answer.status_code == 200, answer.text
                assert "srcdoc" in answer.text


def test_the_difference_to_the_built_in_words_is_shown_and_there_is_a_way_back(
    client: FlaskClient, editor: StaffUser
) -> None:
    assert "Отличий нет." in client.get(PAGE).text
    client.post(PAGE, data={**WORDS, "act": "save"})
    page = client.get(PAGE).text
    assert "<ins>" in page
    assert "Вернуть встроенный текст" in page
    client.post(f"{PAGE}/restoration")
    assert saved() == []
    assert "Отличий нет." in client.get(PAGE).text
    assert db.session.query(AuditEntry).filter_by(object_kind="MailTemplate", act="deleted").count() == 1


def test_of_two_who_change_the_same_mail_the_second_is_told(
    client: FlaskClient, editor: StaffUser, at: datetime
) -> None:
    client.post(PAGE, data={**WORDS, "act": "save"})
    saved()[0].changed_at = at - timedelta(minutes=1)
    stale = {**WORDS, "body": "Мой текст {{ customer.name }}", "seen": "", "act": "save"}
    answer = client.post(PAGE, data=stale)
    assert "тем временем изменил кто-то другой" in answer.text
    assert "Мой текст" in answer.text
    assert saved()[0].body.startswith("Уважаемый")


def test_words_that_failed_are_told_of_on_the_first_page_of_those_who_may_mend_them(
    client: FlaskClient, sign_in: SignIn, at: datetime
) -> None:
    row = MailTemplate(name="ticket_submitted", language="ru", subject="x", body="{{ gone }}", changed_at=at)
    db.session.add(row)
    make_ticket()
    sign_in("Editor")
    assert "вместо него отправляется встроенный" in client.get("/staff/").text
    assert "не используется" in client.get("/staff/mail-words/").text
    assert "UndefinedError" in client.get("/staff/mail-words/ticket_submitted/ru").text
    sign_in("Engineer")
    assert "вместо него отправляется встроенный" not in client.get("/staff/").text


@pytest.mark.parametrize("address", ["account_confirmation/ru", "ticket_replied/fr", "nothing/ru", "../x/ru"])
def test_other_mails_and_languages_are_not_there(client: FlaskClient, editor: StaffUser, address: str) -> None:
    assert client.get(f"/staff/mail-words/{address}").status_code == 404
    assert client.post(f"/staff/mail-words/{address}", data={**WORDS, "act": "save"}).status_code == 404
    assert client.post(f"/staff/mail-words/{address}/restoration").status_code == 404
