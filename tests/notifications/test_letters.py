"""What a mail looks like, and that people's words stay words."""

from __future__ import annotations

from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError

from supportapp.notifications import mail, markup
from supportapp.notifications.mail import Letter

pytestmark = pytest.mark.usefixtures("session")


class Words(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.text = ""
        self.feed("".join(html))  # a plain text: adding to Markup would escape
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs).get("href"))

    def handle_data(self, data: str) -> None:
        self.text += data


NASTY = [
    "[x](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "![x](http://evil.example/x.png)",
    "# Заголовок",
    "- пункт",
    "1. пункт",
    "    код",
    "`код`",
    "a_b_c *жирно*",
    "<http://evil.example>",
    "&lt;b&gt; &amp; &#60;",
    "строка\n\n---\n\n> цитата",
    "[ref]: http://evil.example",
    "a\\",
    "| a | b |\n|---|---|",
    "{{ 7*7 }} {% raw %}",
]


def test_a_letter_has_a_subject_a_text_and_a_page_in_the_language_of_its_reader() -> None:
    russian = Letter("hello", {"name": "Анна"}).render("ru")
    english = Letter("hello", {"name": "John"}).render("en")
    assert russian.subject == "Здравствуйте, Анна"
    assert "Это письмо для Анна." in russian.text
    assert "<strong>письмо</strong>" in russian.html
    assert 'lang="ru"' in russian.html
    assert english.subject == "Hello, John"
    assert 'lang="en"' in english.html
    assert "You receive this mail because" in english.text


def test_the_frame_says_in_both_languages_why_the_mail_came_and_where_answers_go() -> None:
    letter = Letter("hello", {"name": "Анна"})
    assert "Вы получили это письмо" in letter.render("ru").text
    assert "Вы получили это письмо" in letter.render("ru").html
    assert "answers are read on the portal only" in letter.render("en").html
    assert "http://localhost" in letter.render("ru").text


def test_an_unknown_language_is_answered_in_russian() -> None:
    assert Letter("hello", {"name": "Jean"}).render("fr").subject == "Здравствуйте, Jean"


def test_a_moment_is_told_in_local_time_and_words(at: datetime) -> None:
    assert (
        "До пятница, 20 ноября 2026 г., 14:00 (МСК), то есть 20 ноября 2026 г."
        in Letter("when", {"at": at}).render("ru").text
    )
    assert (
        "Until Friday, 20 November 2026, 14:00 (MSK), that is 20 November 2026."
        in Letter("when", {"at": at}).render("en").text
    )


def test_a_day_is_told_without_a_time(templates: dict[str, str]) -> None:
    templates["day.ru.md"] = "Subject: {{ when|day }}\n\nx\n"
    assert Letter("day", {"when": date(2026, 12, 31)}).render("ru").subject == "31 декабря 2026 г."


def test_a_missing_word_or_template_or_first_line_is_an_error_at_once() -> None:
    with pytest.raises(UndefinedError):
        Letter("forgetful").render("ru")
    with pytest.raises(TemplateNotFound):
        Letter("nowhere").render("ru")
    with pytest.raises(ValueError, match="must begin with 'Subject:'"):
        Letter("headless").render("ru")


def test_a_button_is_a_link_in_the_page_and_a_named_address_in_the_text() -> None:
    letter = Letter("hello", {"name": "Анна"}, buttons=[("Открыть обращение", "http://localhost/tickets/TP-1?a=1&b=2")])
    rendered = letter.render("ru")
    assert "Открыть обращение:\nhttp://localhost/tickets/TP-1?a=1&b=2" in rendered.text
    assert "http://localhost/tickets/TP-1?a=1&b=2" in Words(rendered.html).links


def test_a_button_goes_to_the_web_and_nowhere_else() -> None:
    for url in ("javascript:alert(1)", "/tickets/1", "http:///x", "mailto:a@example.com"):
        with pytest.raises(ValueError, match="a button needs"):
            Letter("hello", {"name": "Анна"}, buttons=[("x", url)]).render("ru")


def test_a_quotation_keeps_its_lines_and_none_of_its_markup() -> None:
    rendered = Letter("hello", {"name": "Анна"}, quote="Первая **строка**\r\n<b>вторая</b>\x00\n\n\tтретья\n").render(
        "ru"
    )
    assert "> Первая **строка**\n> <b>вторая</b>\n>\n>     третья" in rendered.text
    assert "Первая **строка**<br>\n&lt;b&gt;вторая&lt;/b&gt;<br>\n<br>\n    третья" in rendered.html


def test_a_subject_is_one_line_however_it_was_written() -> None:
    subject = Letter("hello", {"name": "Анна\r\nBcc: all@example.com\u2028x" + "я" * 400}).render("ru").subject
    assert subject.startswith("Здравствуйте, Анна Bcc: all@example.com x")
    assert len(subject) == 250


def test_nothing_is_said_as_nothing(templates: dict[str, str]) -> None:
    assert Letter("hello", {"name": None}).render("ru").subject == "Здравствуйте,"


@pytest.mark.parametrize("value", NASTY)
def test_markup_in_a_value_is_shown_letter_by_letter(value: str) -> None:
    _is_shown_as_it_is(value)


@given(st.text() | st.lists(st.sampled_from([*NASTY, "\n", "  ", "*", "_", "`", "<", "]("])).map("".join))
@example("\x1c\u200fa\ufeff")
@property_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_value_is_shown_letter_by_letter(value: str) -> None:
    _is_shown_as_it_is(value)


def _is_shown_as_it_is(value: str) -> None:
    shown = Words(markup.html_of(f"Тема: {markup.escape_markdown(value)}; конец"))
    assert shown.tags == ["p"]
    assert shown.text.strip() == f"Тема: {markup.one_line(value)}; конец"
    at_the_start = Words(markup.html_of(markup.escape_markdown(value)))
    assert at_the_start.tags in ([], ["p"])
    assert at_the_start.text.strip() == markup.one_line(value)


def test_a_value_cannot_be_a_template() -> None:
    assert "{{ 7*7 }}" in Letter("hello", {"name": "{{ 7*7 }}"}).render("ru").text


def test_markdown_of_ours_keeps_safe_links_only() -> None:
    html = markup.html_of("[a](https://example.com/?x=1&y=2) [b](javascript:x) <script>x</script>")
    assert Words(html).links == ["https://example.com/?x=1&y=2"]
    assert "<script" not in html


def test_the_page_is_readable_in_the_dark_in_outlook_and_without_images() -> None:
    html = Letter("hello", {"name": "Анна"}).render("ru").html
    assert "prefers-color-scheme: dark" in html
    assert "<!--[if mso]>" in html
    assert "<img" not in html
    assert "http://www.w3.org" in html.split("<head>")[0]
    assert "src=" not in html
    assert 'role="presentation"' in html


def test_every_mail_of_the_portal_exists_in_both_languages_and_has_a_subject() -> None:
    folder = Path(mail.__file__).parents[1] / "templates" / "mail"
    names = {path.name.split(".")[0] for path in folder.glob("*.md")}
    assert names
    for name in names:
        for language in ("ru", "en"):
            lines = (folder / f"{name}.{language}.md").read_text(encoding="utf-8").split("\n")
            assert lines[0].startswith("Subject: "), name
            assert lines[1] == "", name
