"""Our own mails, quoted back by any program, are told from the answer above them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from supportapp.mailbox.reading import read_mail
from supportapp.notifications import mail as mails
from supportapp.notifications.mail import Letter, Rendered

ANSWER = "Не помогло: ошибка та же.\nЧто ещё проверить?"
HEADERS = b"From: ivan@zavod.example\nSubject: Re: [ST-2026-000482]\nIn-Reply-To: <ticket.482.9f@portal.example>\n"
NAMES = "From: Support <support@portal.example>\nSent: Monday, November 23, 2026 10:12 AM\nTo: Ivan\nSubject: Re: x\n\n"


@pytest.fixture(params=["ru", "en"])
def letter(request: pytest.FixtureRequest, app: Flask) -> Rendered:
    """A mail as customers get it, with somebody's words in it."""
    name, context = "account_password_changed", {"changed_at": datetime(2026, 11, 23, 7, 12, tzinfo=UTC)}
    with app.app_context():
        return Letter(name, context, quote="Какая версия?\nКакая система?", answerable=True).render(request.param)


def text_of(body: str) -> str:
    return read_mail(HEADERS + b"Content-Type: text/plain; charset=utf-8\n\n" + body.encode()).text


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


@pytest.mark.parametrize("attribution", ["On Mon, Nov 23, 2026 at 10:12 AM Support <s@portal.example> wrote:",
                                         '23.11.2026, 10:12, "Поддержка" <s@portal.example>:'])  # fmt: skip
def test_quoted_below_an_attribution(letter: Rendered, attribution: str) -> None:
    assert text_of(f"{ANSWER}\n\n{attribution}\n\n{quoted(letter.text)}") == ANSWER


def test_as_it_was_below_an_attribution(letter: Rendered) -> None:
    attribution = "On Mon, Nov 23, 2026 at 10:12 AM Support <s@portal.example> wrote:"
    assert text_of(f"{ANSWER}\n\n{attribution}\n\n{letter.text}") == ANSWER


def test_as_it_was_below_its_names(letter: Rendered) -> None:
    assert text_of(f"{ANSWER}\n\n{NAMES}{letter.text}") == ANSWER


def test_as_a_page_below_its_names(letter: Rendered) -> None:
    page = f'<div>{ANSWER.replace(chr(10), "<br>")}</div><div id="divRplyFwdMsg">{NAMES}</div>{letter.html}'
    assert read_mail(HEADERS + b"Content-Type: text/html; charset=utf-8\n\n" + page.encode()).text == ANSWER


def test_above_an_answer_that_stands_below(letter: Rendered) -> None:
    assert text_of(f"23.11.2026 10:12, Поддержка пишет:\n{quoted(letter.text)}\n\n{ANSWER}") == ANSWER


def test_with_answers_between_its_lines_everything_is_kept(letter: Rendered) -> None:
    lines = quoted(letter.text).splitlines()
    body = "\n".join(
        ["Отвечаю.", "", "23.11.2026 10:12, Поддержка пишет:", *lines[:4], "Версия 5.0", *lines[4:], ANSWER]
    )
    mail = read_mail(HEADERS + b"Content-Type: text/plain; charset=utf-8\n\n" + body.encode())
    assert not mail.has_quotation


@pytest.mark.parametrize("line", ["— Пишите ответ выше этой строки —", "— Please write your answer above this line —"])
def test_below_the_line_that_asks_to_write_above_it(line: str) -> None:
    assert text_of(f"{ANSWER}\n\nSupport 23.11.2026 10:12\n\n{line}\n\nHello").startswith(ANSWER)
    assert "Hello" not in text_of(f"{ANSWER}\n\n{line}\n\nHello")


def test_that_line_is_the_one_our_mails_have() -> None:
    assert mails.ANSWER_ABOVE == "— Please write your answer above this line —"
