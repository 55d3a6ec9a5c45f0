"""The post office of the demo, by real SMTP and by its page."""

from __future__ import annotations

import shutil
import smtplib
import tempfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import UnixSocketController
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope
from flask.testing import FlaskClient

from demo.mail_page import create_page
from demo.mail_store import MailStore
from demo.mailcatcher import start_smtp


@pytest.fixture
def store(tmp_path: Path) -> MailStore:
    return MailStore(tmp_path / "mail")


@pytest.fixture
def smtp(store: MailStore) -> Iterator[smtplib.SMTP]:
    controller = start_smtp(store, 0)
    with smtplib.SMTP(controller.hostname, controller.port, timeout=10) as connection:
        yield connection
    controller.stop()


@pytest.fixture
def page(store: MailStore) -> FlaskClient:
    return create_page(store).test_client()


def letter(to: str = "anna@example.com", subject: str = "Обращение TP-1 принято", html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "support@example.com", to, subject
    message["Date"] = "Fri, 20 Nov 2026 14:00:00 +0300"
    message.set_content(
        "Добрый день!\n\nОткройте (http://localhost:8000/tickets/TP-1?a=1&b=2).\n<script>alert(1)</script>"
    )
    if html:
        message.add_alternative(html, subtype="html")
    return message


def test_a_mail_sent_is_listed_with_recipient_subject_and_the_time_it_names(
    smtp: smtplib.SMTP, page: FlaskClient
) -> None:
    smtp.send_message(letter())
    text = page.get("/").text
    assert "anna@example.com" in text
    assert "Обращение TP-1 принято" in text
    assert "20.11.2026 14:00:00" in text


def test_the_newest_mail_comes_first(smtp: smtplib.SMTP, page: FlaskClient) -> None:
    for subject in ("first", "second", "third"):
        smtp.send_message(letter(subject=subject))
    found = page.get("/api/messages").json["messages"]
    assert [mail["subject"] for mail in found] == ["third", "second", "first"]
    assert [mail["subject"] for mail in page.get("/api/messages?limit=1").json["messages"]] == ["third"]


def test_a_long_name_of_the_sender_is_read_as_it_was_written(smtp: smtplib.SMTP, page: FlaskClient) -> None:
    message = letter()
    del message["From"]
    message["From"] = "Портал технической поддержки Удостоверяющего центра <support@example.com>"
    smtp.send_message(message)
    found = page.get("/api/messages").json["messages"][0]["from"]
    assert found == "Портал технической поддержки Удостоверяющего центра <support@example.com>"


def test_the_list_is_narrowed_to_one_recipient_by_the_envelope(smtp: smtplib.SMTP, page: FlaskClient) -> None:
    smtp.send_message(letter(to="everybody@example.com"), to_addrs=["Anna@example.com"])
    smtp.send_message(letter(to="john@example.com"))
    found = page.get("/api/messages?to=anna@example.com").json["messages"]
    assert [mail["to"] for mail in found] == [["Anna@example.com"]]
    assert "john@example.com" not in page.get("/?to=anna@example.com").text


def test_links_in_the_text_can_be_clicked_and_nothing_else_becomes_html(smtp: smtplib.SMTP, page: FlaskClient) -> None:
    smtp.send_message(letter())
    mail_id = page.get("/api/messages").json["messages"][0]["id"]
    mail = page.get(f"/api/messages/{mail_id}").json
    assert mail["links"] == ["http://localhost:8000/tickets/TP-1?a=1&b=2"]
    text = page.get(f"/messages/{mail_id}").text
    assert 'href="http://localhost:8000/tickets/TP-1?a=1&amp;b=2"' in text
    assert "&lt;script&gt;" in text
    assert "<script" not in text


def test_the_html_of_a_mail_is_shown_where_it_can_do_nothing(smtp: smtplib.SMTP, page: FlaskClient) -> None:
    smtp.send_message(letter(html="<p>Добрый <b>день</b><script>alert(1)</script><img src=http://elsewhere.example/x>"))
    mail_id = page.get("/api/messages").json["messages"][0]["id"]
    assert "sandbox=" in page.get(f"/messages/{mail_id}").text
    answer = page.get(f"/messages/{mail_id}/html")
    assert "Добрый <b>день</b>" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy


def test_a_mail_is_on_the_disk_when_it_is_accepted_and_outlives_the_catcher(
    smtp: smtplib.SMTP, store: MailStore, tmp_path: Path
) -> None:
    smtp.send_message(letter())
    assert [mail.subject for mail in MailStore(tmp_path / "mail").mails()] == ["Обращение TP-1 принято"]


def test_an_address_at_refused_example_is_refused_and_nothing_is_stored(smtp: smtplib.SMTP, store: MailStore) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        smtp.send_message(letter(to="nobody@refused.example"))
    assert refused.value.recipients["nobody@refused.example"][0] == 550
    assert store.mails() == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00 no header at all",
        b"Content-Type: text/plain; charset=klingon\n\nqapla",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Subject: =?utf-8?b?broken\nDate: yesterday\nFrom: <<>>,\nTo: ;;\n\n\xd0",
        b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n!!!",
    ],
)
def test_a_broken_mail_is_still_listed_and_opened(store: MailStore, page: FlaskClient, content: bytes) -> None:
    mail_id = store.add(content, sender="a@example.com", recipients=["b@example.com"])
    assert page.get("/").status_code == 200
    assert page.get("/api/messages?to=b@example.com").json["messages"][0]["id"] == mail_id
    for path in (f"/messages/{mail_id}", f"/messages/{mail_id}/html", f"/messages/{mail_id}/source"):
        assert page.get(path).status_code == 200
    assert page.get(f"/api/messages/{mail_id}").status_code == 200


@pytest.mark.parametrize("mail_id", ["nothing", "..", "%2e%2e%2ftmp", "x" * 300, "a%00b"])
def test_a_mail_that_does_not_exist_is_not_found(page: FlaskClient, mail_id: str) -> None:
    for path in (f"/messages/{mail_id}", f"/api/messages/{mail_id}", f"/messages/{mail_id}/source"):
        assert page.get(path).status_code == 404


def test_another_site_cannot_read_the_mails_through_a_name_of_its_own(page: FlaskClient) -> None:
    assert page.get("/api/messages", headers={"Host": "attacker.example"}).status_code == 400


def test_an_empty_mailbox_says_what_will_fill_it(page: FlaskClient) -> None:
    assert "Писем пока нет" in page.get("/").text
    assert "Для nobody@example.com писем нет" in page.get("/?to=nobody@example.com").text


class Receiver:
    """Stands for the portal's door: it keeps what it is handed."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], EmailMessage]] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append((envelope.mail_from or "", envelope.rcpt_tos, message))  # type: ignore[arg-type]
        return "250 2.0.0 committed"


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="lmtp-"))
    taking = Receiver()
    controller = UnixSocketController(taking, str(folder / "s"))
    controller.factory = lambda: LMTP(taking)  # type: ignore[method-assign]
    controller.start()
    yield taking, folder / "s"
    controller.stop()
    shutil.rmtree(folder, ignore_errors=True)


def caught(store: MailStore) -> str:
    message = letter()
    message["Message-ID"], message["References"] = "<ticket.1.a.b@localhost>", "<root@localhost>"
    message["Reply-To"] = "support+ticket-1-key@localhost"
    return store.add(message.as_bytes(), sender="support@example.com", recipients=["anna@example.com"])


def test_a_mail_is_answered_as_its_recipient_would(store: MailStore, receiver: tuple[Receiver, Path]) -> None:
    taking, path = receiver
    page, mail_id = create_page(store, receiver=path).test_client(), caught(store)
    assert "Ответить от имени получателя" in page.get(f"/messages/{mail_id}").text
    answer = page.post(f"/messages/{mail_id}/answer", data={"text": "Помогло!"}, follow_redirects=True)
    assert "Отправлено" in answer.text
    ((sender, recipients, message),) = taking.taken
    assert (sender, recipients) == ("anna@example.com", ["support+ticket-1-key@localhost"])
    assert message["Subject"] == "Re: Обращение TP-1 принято"
    assert message["In-Reply-To"] == "<ticket.1.a.b@localhost>"
    assert message["References"] == "<root@localhost> <ticket.1.a.b@localhost>"
    assert message.get_content().startswith("Помогло!\n")
    assert "> Добрый день!" in message.get_content()


def test_a_browser_says_where_the_form_of_an_answer_comes_from(store: MailStore) -> None:
    """Chromium sends "Origin: null" from a page without any referrer, and the answer would be refused."""
    page = create_page(store).test_client()
    assert page.get("/").headers["Referrer-Policy"] == "same-origin"


def test_a_mail_is_written_to_the_portal_from_any_address(store: MailStore, receiver: tuple[Receiver, Path]) -> None:
    taking, path = receiver
    page = create_page(store, receiver=path, portal="help@localhost").test_client()
    form = {"sender": "oleg@nowhere.example", "subject": "Вопрос", "text": "Как купить?"}
    assert "Написать на портал" in page.get("/").text
    assert "Отправлено" in page.post("/write", data=form, follow_redirects=True).text
    ((sender, recipients, message),) = taking.taken
    assert (sender, recipients, message["Subject"]) == ("oleg@nowhere.example", ["help@localhost"], "Вопрос")


@pytest.mark.parametrize("wrong", [{"sender": "oleg"}, {"sender": "Олег <oleg@nowhere.example>"}, {"text": " "}])
def test_a_mail_to_the_portal_that_cannot_be_sent_keeps_what_was_typed(
    store: MailStore, receiver: tuple[Receiver, Path], wrong: dict[str, str]
) -> None:
    page = create_page(store, receiver=receiver[1]).test_client()
    form = {"sender": "oleg@nowhere.example", "subject": "Вопрос", "text": "Как купить?", **wrong}
    answer = page.post("/write", data=form)
    assert answer.status_code == 422
    assert "Вопрос" in answer.text
    assert receiver[0].taken == []


def test_an_answer_that_is_not_taken_is_said_and_kept(store: MailStore, tmp_path: Path) -> None:
    page, mail_id = create_page(store, receiver=tmp_path / "nobody").test_client(), caught(store)
    answer = page.post(f"/messages/{mail_id}/answer", data={"text": "Помогло!"})
    assert answer.status_code == 503
    assert "Помогло!" in answer.text
    assert page.post(f"/messages/{mail_id}/answer", data={"text": " "}).status_code == 422


def test_no_other_site_answers_in_anybodys_name(store: MailStore, receiver: tuple[Receiver, Path]) -> None:
    page, mail_id = create_page(store, receiver=receiver[1]).test_client(), caught(store)
    headers = {"Origin": "http://evil.example"}
    assert page.post(f"/messages/{mail_id}/answer", data={"text": "x"}, headers=headers).status_code == 403
    assert receiver[0].taken == []


def test_without_a_receiver_there_is_nothing_to_answer_with(store: MailStore, page: FlaskClient) -> None:
    mail_id = caught(store)
    assert "Ответить от имени" not in page.get(f"/messages/{mail_id}").text
    assert page.post(f"/messages/{mail_id}/answer", data={"text": "x"}).status_code == 404
