"""Which signs make a mail a machine's, and which do not. Whole mails of each kind are in the corpus."""

from __future__ import annotations

import pytest

from supportapp.mailbox.reading import Nature, read_mail

ANSWER = "In-Reply-To: <ticket.482.9f@portal.example>"
VACATION = "Я в отпуске до 6 декабря."


def nature(
    *headers: str, sender: str = "ivan@zavod.example", subject: str = "Ошибка", text: str = "Не помогло."
) -> Nature:
    lines = [f"From: {sender}", f"Subject: {subject}", *headers, "Content-Type: text/plain; charset=utf-8", "", text]
    return read_mail("\n".join(lines).encode()).nature


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner-email=x",
        "Auto-Submitted: auto-notified",
        "Auto-Submitted: (a comment) something-new",
        "Precedence: auto_reply",
        "Precedence: junk",
        "X-Autoreply: yes",
        "X-Autorespond: 1",
        "X-Mailer: vacation 1.2",
        "Return-Path: <>",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
    ],
)
def test_one_header_of_machines_is_enough(header: str) -> None:
    assert nature(header) is Nature.AUTO_REPLY


@pytest.mark.parametrize(
    "headers",
    [
        ["List-Id: <dev.lists.example>"],
        ["Precedence: list"],
        ["Precedence: bulk"],
        ["List-Unsubscribe: <https://x.example>", "Feedback-ID: 1:x"],
        ["List-Unsubscribe: <https://x.example>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"],
    ],
)
def test_lists_and_newsletters(headers: list[str]) -> None:
    assert nature(*headers) is Nature.LIST


@pytest.mark.parametrize(
    "headers",
    [
        ["Auto-Submitted: no"],
        ["X-Auto-Response-Suppress: OOF, AutoReply"],
        ["List-Unsubscribe: <https://gateway.zavod.example>"],
        ["List-Unsubscribe: <https://gateway.zavod.example>", "Feedback-ID: 1:x", ANSWER],
        ["Precedence: first-class"],
        ["X-Autoreply: no"],
        ["Return-Path: <ivan@zavod.example>"],
        ["Disposition-Notification-To: ivan@zavod.example"],
    ],
)
def test_headers_that_mails_of_people_have_too(headers: list[str]) -> None:
    assert nature(*headers) is Nature.PERSON


def test_words_of_an_absence_need_a_second_sign() -> None:
    assert nature(ANSWER, text=VACATION) is Nature.PERSON
    assert nature(subject="Отпуск лицензий", text=VACATION) is Nature.PERSON
    assert nature(subject="Автоматический ответ: Ошибка") is Nature.PERSON
    assert nature(subject="Автоматический ответ: Ошибка", text=VACATION) is Nature.AUTO_REPLY
    assert nature("X-Auto-Response-Suppress: All", subject="Automatic reply: x") is Nature.AUTO_REPLY
    assert nature(sender="noreply@zavod.example", text="Ваше обращение принято.") is Nature.AUTO_REPLY


def test_words_of_a_bounce_need_the_sender_of_one() -> None:
    assert nature(subject="Письмо не доставлено") is Nature.PERSON
    assert nature(subject="Письмо не доставлено", sender="postmaster@zavod.example") is Nature.BOUNCE
    assert nature(subject="Вопрос", sender="postmaster@zavod.example") is Nature.PERSON
    assert nature("Return-Path: <>", subject="Undelivered Mail Returned to Sender") is Nature.BOUNCE


def test_an_automatic_reply_that_names_an_address_is_no_bounce() -> None:
    text = "Пишите коллеге:\n\nbelova@zavod.example"
    assert nature("Return-Path: <>", text=text) is Nature.AUTO_REPLY
    assert nature("Auto-Submitted: auto-replied", text=text) is Nature.AUTO_REPLY


def test_what_the_server_says_of_the_sender_counts_before_the_header() -> None:
    raw = b"From: ivan@zavod.example\nReturn-Path: <ivan@zavod.example>\n\nHello"
    assert read_mail(raw, envelope_sender="").nature is Nature.AUTO_REPLY
    assert read_mail(
        raw.replace(b"<ivan@zavod.example>\n\n", b"<>\n\n"), envelope_sender="ivan@zavod.example"
    ).nature is (Nature.PERSON)
