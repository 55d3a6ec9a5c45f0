"""The quarantine: looked at safely, decided once, by whoever works at the desk."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from supportapp import clock
from supportapp.audit.models import AuditEntry
from supportapp.extensions import db
from supportapp.files import storage
from supportapp.mailbox.jobs import forget_originals, read_received
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading import files_within, read_mail
from supportapp.mailbox.rules import MailState
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import MessageKind
from tests.factories import mails, make_customer, make_ticket
from tests.guard.samples import PKCS12, saved_mail
from tests.mailbox.conftest import _reading, configure  # noqa: F401 - fixtures
from tests.mailbox.letters import answer, receive, write
from tests.staff.conftest import SignIn

pytestmark = pytest.mark.usefixtures("at", "configure")


@pytest.fixture
def stray(client: FlaskClient, sign_in: SignIn) -> ReceivedMail:
    """A mail of somebody unknown, with a file; an engineer is signed in."""
    sign_in("Engineer")
    mail = write("ivan@example.org", "<script>alert(1)</script> Помогите!", subject="<b>Вопрос</b>")
    mail.add_attachment("строка журнала", filename="log.txt")
    return receive(mail)


def page(client: FlaskClient, row: ReceivedMail) -> str:
    return client.get(f"/staff/mails/show/{row.id}").text


def test_what_waits_stands_in_the_quarantine_and_the_rest_in_the_list_alone(
    client: FlaskClient, stray: ReceivedMail
) -> None:
    make_customer(email="anna@example.com")
    receive(write("anna@example.com", subject="Новый вопрос"))
    waiting, everything = client.get("/staff/quarantine/").text, client.get("/staff/mails/").text
    assert "ivan@example.org" in waiting
    assert "anna@example.com" not in waiting
    assert "ivan@example.org" in everything
    assert "anna@example.com" in everything
    assert "неизвестный отправитель" in waiting
    opened = re.search(r'<a href="/staff/tickets/(TP-\d+)">\1</a>', everything)
    assert opened
    assert "Новый вопрос" in client.get(f"/staff/tickets/{opened[1]}").text


def test_the_list_is_narrowed_by_reason_and_sender(client: FlaskClient, stray: ReceivedMail) -> None:
    for column, right, wrong in (("reason", "unknown_sender", "forged"), ("sender", "ivan", "petr")):
        chosen = f"_flt_0_{column}"
        assert "ivan@example.org" in client.get("/staff/mails/", query_string={chosen: right}).text
        assert "ivan@example.org" not in client.get("/staff/mails/", query_string={chosen: wrong}).text


def test_a_date_at_the_end_of_time_hides_no_mail(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Engineer")
    row = receive(write("ivan@example.org", "Помогите!", date="Fri, 31 Dec 9999 23:59:59 +0000"))
    assert "Помогите!" in page(client, row)


def test_its_page_shows_text_and_nothing_else(client: FlaskClient, stray: ReceivedMail) -> None:
    shown = page(client, stray)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown
    assert "&lt;b&gt;Вопрос" in shown
    assert "log.txt" in shown


def test_it_is_downloaded_and_never_shown_by_a_browser(client: FlaskClient, stray: ReceivedMail) -> None:
    answer = client.get(f"/staff/mails/{stray.id}/original")
    assert b"ivan@example.org" in answer.data
    assert answer.headers["Content-Disposition"] == f'attachment; filename="mail-{stray.id}.eml"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_note_brings_text_and_files_where_the_customer_does_not_see_them(
    client: FlaskClient, stray: ReceivedMail
) -> None:
    ticket = make_ticket()
    client.post(f"/staff/mails/{stray.id}/note", data={"ticket": ticket.reference.lower()})
    note = ticket.messages[-1]
    assert (note.kind, [file.name for file in note.files]) == (MessageKind.NOTE, ["log.txt"])
    assert note.body.startswith("ivan@example.org: <b>Вопрос</b>")
    assert (stray.state, stray.ticket, stray.decided_by is not None) == (MailState.RELEASED, ticket, True)
    assert [entry.act for entry in db.session.query(AuditEntry).filter_by(object_kind="ReceivedMail")] == [
        "noted_on_ticket"
    ]


@pytest.mark.parametrize("act", ["note", "ticket"])
@pytest.mark.parametrize(("name", "data"), [("key.pfx", PKCS12), ("письмо.eml", saved_mail("key.pfx", PKCS12))])
def test_a_secret_that_staff_did_not_take_over_stays_in_no_original(
    client: FlaskClient, sign_in: SignIn, act: str, name: str, data: bytes
) -> None:
    sign_in("Engineer")
    mail = write("ivan@example.org", "Прилагаю.", subject="Ключ")
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    row = receive(mail)
    first_key, ticket = row.storage_key, make_ticket()
    client.post(f"/staff/mails/{row.id}/{act}", data={"ticket": ticket.reference, "customer": ticket.customer.email})
    assert row.entry is not None
    assert row.entry.files == []
    assert name in row.entry.body
    kept = read_mail(client.get(f"/staff/mails/{row.id}/original").data)
    files = [file for one in kept.attachments for file in (one, *files_within(one))]
    assert "Прилагаю." in kept.text
    assert PKCS12 not in [file.data for file in files]
    assert first_key not in set(storage.keys())


def test_a_mail_without_secrets_keeps_its_original_as_it_came(client: FlaskClient, stray: ReceivedMail) -> None:
    before = client.get(f"/staff/mails/{stray.id}/original").data
    client.post(f"/staff/mails/{stray.id}/note", data={"ticket": make_ticket().reference})
    assert client.get(f"/staff/mails/{stray.id}/original").data == before


def test_a_secret_in_a_mail_that_is_read_again_stays_in_no_original(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("Engineer")
    mail = write("anna@example.com")
    mail.add_attachment(PKCS12, maintype="application", subtype="octet-stream", filename="key.pfx")
    row = receive(mail)
    make_customer(email="anna@example.com")
    client.post(f"/staff/mails/{row.id}/reading")
    read_received(row.id)
    db.session.expire_all()
    assert row.state is MailState.ENTERED
    kept = read_mail(client.get(f"/staff/mails/{row.id}/original").data)
    assert PKCS12 not in [file.data for file in kept.attachments]


def test_a_storage_that_takes_no_cleaned_original_leaves_the_mail_undecided(
    client: FlaskClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in("Engineer")
    mail = write("ivan@example.org")
    mail.add_attachment(PKCS12, maintype="application", subtype="octet-stream", filename="key.pfx")
    row, ticket = receive(mail), make_ticket()

    def away(*_args: object) -> None:
        raise storage.StorageError("away")

    monkeypatch.setattr(storage, "write", away)
    answer = client.post(f"/staff/mails/{row.id}/note", data={"ticket": ticket.reference}, follow_redirects=True)
    assert "Хранилище сейчас не отвечает" in answer.text
    assert (row.state, len(ticket.messages)) == (MailState.QUARANTINED, 1)


def test_a_ticket_that_does_not_exist_is_said_and_nothing_is_decided(client: FlaskClient, stray: ReceivedMail) -> None:
    answer = client.post(f"/staff/mails/{stray.id}/note", data={"ticket": "TP-999999"}, follow_redirects=True)
    assert "Обращения с таким номером нет." in answer.text
    assert stray.state is MailState.QUARANTINED


def test_a_ticket_is_opened_for_a_customer_who_is_told(client: FlaskClient, stray: ReceivedMail) -> None:
    customer = make_customer(email="ivanov@example.com")
    client.post(f"/staff/mails/{stray.id}/ticket", data={"customer": "Ivanov@example.com"})
    ticket = db.session.query(Ticket).one()
    assert (ticket.customer, ticket.subject) == (customer, "<b>Вопрос</b>")
    assert [file.name for file in ticket.messages[0].files] == ["log.txt"]
    assert [mail.recipient for mail in mails("ticket_submitted")] == ["ivanov@example.com"]
    assert (stray.state, stray.ticket) == (MailState.RELEASED, ticket)


def test_nobody_is_made_a_customer(client: FlaskClient, stray: ReceivedMail) -> None:
    answer = client.post(f"/staff/mails/{stray.id}/ticket", data={"customer": "x@y.z"}, follow_redirects=True)
    assert "alert-danger" in answer.text
    assert db.session.query(Ticket).count() == 0


def test_a_mail_that_seemed_forged_is_read_again_and_enters_its_senders_ticket(
    client: FlaskClient,
    sign_in: SignIn,
    configure,  # type: ignore[no-untyped-def] # noqa: F811
) -> None:
    sign_in("Engineer")
    configure(MAIL_TRUSTED_AUTHSERV="mx.example.com")
    ticket = make_ticket(make_customer(email="anna@example.com"))
    forged = "mx.example.com; dmarc=fail"
    row = receive(answer(mails("ticket_submitted")[0], authentication_results=forged))
    foreign = receive(answer(mails("ticket_submitted")[0], sender="m@example.org", authentication_results=forged))
    for one in (row, foreign):
        assert one.reason == "forged"
        client.post(f"/staff/mails/{one.id}/reading")
        read_received(one.id)
    db.session.expire_all()
    assert (row.state, row.reason) == (MailState.ENTERED, "replied")
    assert (foreign.state, foreign.reason) == (MailState.QUARANTINED, "stranger")
    assert len(ticket.messages) == 2


def test_a_mail_without_proof_is_named_so_and_enters_when_staff_know_its_sender(
    client: FlaskClient,
    sign_in: SignIn,
    configure,  # type: ignore[no-untyped-def] # noqa: F811
) -> None:
    sign_in("Engineer")
    configure(MAIL_TRUSTED_AUTHSERV="mx.example.com")
    ticket = make_ticket(make_customer(email="anna@example.com"))
    unproven = "mx.example.com; spf=pass smtp.mailfrom=evil.example; dkim=none"
    row = receive(write("anna@example.com", subject=ticket.reference, authentication_results=unproven))
    assert "ничто не подтверждает, что письмо написал его отправитель" in client.get("/staff/quarantine/").text
    client.post(f"/staff/mails/{row.id}/reading")
    read_received(row.id)
    db.session.expire_all()
    assert (row.state, row.reason, row.ticket) == (MailState.ENTERED, "replied", ticket)


def test_a_discarded_mail_leaves_the_quarantine_and_stays_in_the_list(client: FlaskClient, stray: ReceivedMail) -> None:
    client.post(f"/staff/mails/{stray.id}/removal")
    assert stray.state is MailState.DISCARDED
    assert "ivan@example.org" not in client.get("/staff/quarantine/").text
    assert "ivan@example.org" in client.get("/staff/mails/").text


@pytest.mark.parametrize("act", ["note", "ticket", "reading", "removal"])
def test_what_a_colleague_has_decided_is_decided(client: FlaskClient, stray: ReceivedMail, act: str) -> None:
    stray.state = MailState.DISCARDED
    ticket = make_ticket()
    data = {"ticket": ticket.reference, "customer": ticket.customer.email}
    answer = client.post(f"/staff/mails/{stray.id}/{act}", data=data, follow_redirects=True)
    assert "Об этом письме уже кто-то решил" in answer.text
    assert stray.state is MailState.DISCARDED


def test_lost_bytes_and_a_storage_that_is_away_are_said(
    client: FlaskClient, stray: ReceivedMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(key: str) -> None:
        raise storage.StorageError(key)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "open_key", away)
        assert "Хранилище сейчас не отвечает" in page(client, stray)
        answer = client.post(f"/staff/mails/{stray.id}/note", data={"ticket": "TP-000001"}, follow_redirects=True)
        assert "alert-danger" in answer.text
    storage.remove([stray.storage_key or ""])
    assert "утрачен" in page(client, stray)
    assert client.get(f"/staff/mails/{stray.id}/original").status_code == 404


def test_an_original_that_was_given_up_is_said_and_nothing_is_offered(
    client: FlaskClient, sign_in: SignIn, at: datetime
) -> None:
    sign_in("Engineer")
    row = receive(write("ivan@example.org", auto_submitted="auto-replied"))
    assert "Скачать письмо" in page(client, row)
    assert "Прочитать заново" in page(client, row)
    with clock.frozen(at + timedelta(days=90)):
        forget_originals()
    db.session.expire_all()
    shown = page(client, row)
    assert "Оригинал этого письма удалён" in shown
    assert "ivan@example.org" in shown
    assert "Скачать письмо" not in shown
    assert "Прочитать заново" not in shown
    answer = client.post(f"/staff/mails/{row.id}/reading", follow_redirects=True)
    assert "Оригинал этого письма удалён: с ним уже ничего нельзя сделать." in answer.text
    assert row.state is MailState.IGNORED


def test_the_ticket_shows_the_whole_mail_to_staff_and_what_it_continues(
    client: FlaskClient, sign_in: SignIn, at: datetime
) -> None:
    sign_in("Engineer")
    old = make_ticket(make_customer(email="anna@example.com"))
    row = receive(answer(mails("ticket_submitted")[0]))
    assert f"/staff/mails/show/{row.id}" in client.get(f"/staff/tickets/{old.reference}").text
    new = make_ticket(old.customer, continues=old)
    assert f"/staff/tickets/{old.reference}" in client.get(f"/staff/tickets/{new.reference}").text
