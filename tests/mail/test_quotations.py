"""In doubt nothing is cut: what only looks like a quotation stays with the words of its writer."""

from __future__ import annotations

import pytest

from supportapp.mailbox.reading import IncomingMail, read_mail

HEADERS = "From: ivan@zavod.example\nSubject: Re: x\nIn-Reply-To: <ticket.482.9f@portal.example>\n"


def read(body: str, kind: str = "plain") -> IncomingMail:
    return read_mail(f"{HEADERS}Content-Type: text/{kind}; charset=utf-8\n\n{body}".encode())


@pytest.mark.parametrize(
    "body",
    [
        "Добрый день!\n\nСегодня 23.11.2026 в 10:12 программа пишет:\n> ERROR 5\n> ERROR 6",
        "Добрый день!\n\nВ 10:12 он пишет:\n> ERROR 5",
        "Добрый день!\n\nOn 23.11.2026 the server wrote:\n> ERROR 5",
        "Ок\n\n23.11.2026 10:12, П пишет:\n> очень длинная строка\nсломалась\n> дальше",
        "Ок\n\n23.11.2026 10:12, П пишет:\n> a\n\nА ещё не работает печать.",
        "Красная кнопка: ответы ниже\n\n23.11.2026 10:12, П пишет:\n> a",
        "Да\n\n> cryptcp -sign doc.txt",
        "Да\n\nFrom: me\nhello",
    ],
)
def test_nothing_is_cut(body: str) -> None:
    assert not read(body).has_quotation


@pytest.mark.parametrize(
    "body",
    [
        "Да\n\n23.11.2026 10:12, П пишет:\n> a\n>\n> 22.11.2026 9:00, И пишет:\n>> b",
        "Да\n\n*From:* Support <s@p.example>\n*Sent:* Monday\n*To:* x\n*Subject:* y\n\nzzz",
        "Да\n\n> Понедельник, 23 ноября 2026, 10:12 +03:00 от П <s@p.example>:\n> x",
        "Да\n\n----- Original Message -----\nFrom: a\nTo: b\n\nx",
    ],
)
def test_what_surely_is_a_quotation_is_cut(body: str) -> None:
    mail = read(body)
    assert mail.text == "Да"
    assert mail.whole_text == body


def test_a_mail_that_answers_nothing_is_kept_whole() -> None:
    raw = "From: ivan@zavod.example\nSubject: x\n\nДа\n\n23.11.2026 10:12, П пишет:\n> a"
    assert not read_mail(raw.encode()).has_quotation


def test_a_quotation_of_a_page_is_known_by_its_words_and_not_by_its_form_alone() -> None:
    assert not read("<div>Да</div><blockquote>a</blockquote>", "html").has_quotation
    assert read("<div>Да</div><blockquote><div>On 1.1.2026, A wrote:</div>a</blockquote>", "html").text == "Да"
