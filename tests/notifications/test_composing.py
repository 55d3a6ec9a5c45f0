"""The mail as it travels: headers, parts, addresses."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy
from email.generator import BytesGenerator
from email.header import decode_header, make_header
from email.message import EmailMessage
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from supportapp.notifications import markup
from supportapp.notifications.compose import compose
from supportapp.notifications.models import Notification

pytestmark = pytest.mark.usefixtures("session")


def make_row(at: datetime, **changes: str) -> Notification:
    values = {
        "kind": "hello",
        "about": "ticket:12",
        "recipient": "anna@example.com",
        "language": "ru",
        "subject": "Обращение TP-000012",
        "text_body": "Здравствуйте!\n",
        "html_body": "<p>Здравствуйте!</p>",
        "message_id": "<0123@localhost>",
    }
    return Notification(created_at=at, **{**values, **changes})


def read(message: EmailMessage) -> EmailMessage:
    """The mail after its journey."""
    arrived = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert isinstance(arrived, EmailMessage)
    return arrived


def decoded(message: EmailMessage, name: str) -> str:
    """A header as mail programs read it (the standard library's newer parser puts blanks between encoded words)."""
    raw = message_from_bytes(message.as_bytes())[name]
    return str(make_header(decode_header(raw)))


def test_a_mail_says_who_sends_it_to_whom_and_that_nobody_should_answer_automatically(at: datetime) -> None:
    mail = read(compose(make_row(at), at=at))
    assert mail["From"].addresses[0].addr_spec == "support@localhost"
    assert decoded(mail, "From") == "Портал технической поддержки <support@localhost>"
    assert mail["To"] == "anna@example.com"
    assert mail["Subject"] == "Обращение TP-000012"
    assert mail["Message-ID"] == "<0123@localhost>"
    assert mail["Date"].datetime == at
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"] == "<notifications.localhost>"


def test_text_comes_first_and_the_page_second_both_in_unicode(at: datetime) -> None:
    mail = read(compose(make_row(at), at=at))
    assert mail.get_content_type() == "multipart/alternative"
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().strip() == "Здравствуйте!"  # type: ignore[attr-defined]
    assert "Здравствуйте" in page.get_content()  # type: ignore[attr-defined]


def test_it_travels_as_the_standard_library_would_write_it_down(at: datetime) -> None:
    text = "Здравствуйте!\r\n\n" + "Слова, много слов. " * 50 + "\n-- \nконец"
    mail, written = compose(make_row(at, text_body=text), at=at), BytesIO()
    BytesGenerator(written, policy=mail.policy).flatten(mail)
    assert mail.as_bytes() == written.getvalue()
    assert mail.get_body(("plain",)).get_content().split() == text.split()  # type: ignore[union-attr, attr-defined]


@pytest.mark.parametrize("more", ["\r\nBcc: eve@example.com", "\n", "\r"])
@pytest.mark.parametrize("name", ["subject", "message_id", "in_reply_to"])
def test_a_header_of_two_lines_is_refused(name: str, more: str, at: datetime) -> None:
    with pytest.raises(ValueError, match="several lines"):
        compose(make_row(at, **{name: f"<a@b>{more}"}), at=at)


@pytest.mark.parametrize("subject", ["=?utf-8?q?not_encoded?=", "A long subject in plain English " * 7, "😀" * 60])
def test_an_odd_subject_is_read_as_it_was_written(subject: str, at: datetime) -> None:
    mail = compose(make_row(at, subject=subject.strip()), at=at)
    assert " ".join(decoded(read(mail), "Subject").split()) == subject.strip()
    assert max(len(line) for line in mail.as_bytes().splitlines()) <= 78


def test_the_same_row_is_the_same_message_whenever_it_is_sent(at: datetime) -> None:
    row = make_row(at)
    assert compose(row, at=at)["Message-ID"] == compose(row, at=at)["Message-ID"] == row.message_id


def test_an_international_domain_is_written_as_mail_servers_know_it(at: datetime) -> None:
    mail = compose(make_row(at, recipient="anna@Пример.рф"), at=at)
    assert mail["To"].addresses[0].addr_spec == "anna@xn--e1afmkfd.xn--p1ai"


@pytest.mark.parametrize(
    "recipient",
    ["", "anna", "@example.com", "anna@", "a b@example.com", "a@ex\nample.com", "a@-б-.рф", "a@b@c d", "a@[b", "a@[]"],
)
def test_what_is_no_address_is_refused(recipient: str, at: datetime) -> None:
    with pytest.raises(ValueError, match="not a"):
        compose(make_row(at, recipient=recipient), at=at)


def test_a_comma_does_not_make_two_recipients(at: datetime) -> None:
    mail = read(compose(make_row(at, recipient="all,anna@example.com"), at=at))
    assert [address.addr_spec for address in mail["To"].addresses] == ['"all,anna"@example.com']


@given(st.text(max_size=250).map(markup.one_line))
@property_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_subject_is_one_header_and_adds_none(at: datetime, subject: str) -> None:
    plain = read(compose(make_row(at, subject="x"), at=at))
    mail = read(compose(make_row(at, subject=subject), at=at))
    assert mail.keys() == plain.keys()
    assert decoded(mail, "Subject") == subject


def test_a_long_russian_subject_loses_no_blank(at: datetime) -> None:
    subject = "Обращение TP-000012: Ошибка подписи, сертификат не найден в хранилище (0x8009000B) после обновления"
    mail = compose(make_row(at, subject=subject), at=at)
    assert decoded(read(mail), "Subject") == subject
    assert max(len(line) for line in mail.as_bytes().splitlines()) <= 78
