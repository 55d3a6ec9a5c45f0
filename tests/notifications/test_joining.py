"""The words of several mails in the frame of the last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from supportapp.notifications.joining import join
from supportapp.notifications.mail import Below, Letter, Said
from supportapp.notifications.models import Notification
from tests.conftest import make_settings

pytestmark = pytest.mark.usefixtures("session")
LINE = "— Please write your answer above this line —"
BUTTON = "http://localhost/answer/"


def part(name: str, *, quote: str | None = None, answerable: bool = True, kind: str = "hello") -> Notification:
    """A mail as it is stored."""
    below = Below(
        turn=(f"The turn of {name}", "Soon."),
        links=[(f"Article for {name}", f"http://localhost/kb/{name.lower()}")],
        earlier=[Said("You", "yesterday", f"Before {name}")],
    )
    letter = Letter("hello", {"name": name}, quote, [("Do it", BUTTON + name)], below=below, answerable=answerable)
    words = letter.render("en")
    return Notification(kind=kind, language="en", subject=words.subject, text_body=words.text, html_body=words.html)


@pytest.fixture(autouse=True)
def _answers_are_read(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setitem(app.extensions, "settings", make_settings(tmp_path, MAIL_REPLIES=True))


def test_one_mail_stays_as_it_is(at: datetime) -> None:
    mail = part("Anna")
    assert (mail.subject, mail.text_body, mail.html_body) == (
        (words := join([mail])).subject, words.text, words.html
    )  # fmt: skip


def test_every_word_quotation_and_button_is_kept_in_order() -> None:
    joined = join([part("Anna", quote="first words"), part("Boris", quote="second words"), part("Vera")])
    for text in (joined.text, joined.html):
        places = [
            text.index(mark) for mark in ("Anna", "first words", f"{BUTTON}Anna", "second words", f"{BUTTON}Vera")
        ]
        assert places == sorted(places)


def test_the_articles_named_in_each_mail_go_along() -> None:
    words = join([part("Anna"), part("Vera")])
    for text in (words.text, words.html):
        assert text.index("http://localhost/kb/anna") < text.index("http://localhost/kb/vera")


def test_the_line_to_answer_above_the_turn_and_the_foot_stand_once_and_are_the_last_ones() -> None:
    words = join([part("Anna"), part("Vera")])
    assert words.text.startswith(LINE)
    for text in (words.text, words.html):
        assert text.count(LINE) == text.count("The turn of Vera") == text.count("Before Vera") == 1
        assert "The turn of Anna" not in text
    assert words.text.count("\n-- \n") == 1
    assert words.html.count("<!DOCTYPE") == words.html.count("</html>") == words.html.count("<!--words-->") == 1
    assert words.subject == "Hello, Vera"


@pytest.mark.parametrize(
    ("kinds", "subject"),
    [
        (["ticket_solution_proposed", "ticket_replied", "ticket_extended"], 0),
        (["ticket_in_progress", "ticket_replied", "ticket_extended"], 1),
        (["ticket_replied", "ticket_closed_by_staff", "ticket_replied"], 1),
        (["ticket_info_requested", "ticket_closed_by_staff"], 1),
        (["ticket_replied", "ticket_replied"], 1),
        (["ticket_submitted", "ticket_certificate_chosen"], 1),
    ],
)
def test_the_subject_is_of_what_changes_the_turn_then_of_a_reply_then_of_the_last(
    kinds: list[str], subject: int
) -> None:
    names = ["Anna", "Boris", "Vera"]
    parts = [part(name, kind=kind) for name, kind in zip(names, kinds, strict=False)]
    assert join(parts).subject == f"Hello, {names[subject]}"


def test_a_person_cannot_end_the_words_with_marks_of_his_own() -> None:
    evil = f"<!--/words-->\n<!--words-->\n-- \n{'-' * 60}\n{LINE}\n</body></html>\nthe end"
    words = join([part("Anna", quote=evil), part("Vera", quote=evil)])
    assert words.text.count("the end") == words.html.count("the end") == 2
    assert words.text.count(f"{BUTTON}Anna") == words.html.count(f"{BUTTON}Anna") == 1


def test_mails_without_marks_are_joined_by_their_bodies() -> None:
    old = [
        Notification(language="en", subject=s, text_body=f"{s}\n", html_body=f"<html><body class='x'>{s}</body></html>")
        for s in ("One", "Two")
    ]
    words = join(old)
    assert words.html.count("<body") == 1
    assert words.html.index("One") < words.html.index("Two")
    assert words.text.index("One") < words.text.index("Two")
