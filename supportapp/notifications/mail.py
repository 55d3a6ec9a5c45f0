"""Letters: a pair of Markdown templates becomes a subject, a text part and an HTML part.

A template is ``templates/mail/<name>.<language>.md``. Its first line is ``Subject: ...``, a blank line follows, then
the body. Values put into the body are shown letter by letter, never as Markdown, and on one line; longer words of
people go into ``quote``. Available besides the context: ``language``, ``support_name``, ``portal_url``, ``by_mail``
(whether the mail may be answered), the filters ``moment`` and ``day``. Do not put a value between back-ticks or into
``<...>``; a link is ``[words]({{ url }})`` or, better, a button.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from supportapp.extensions import settings
from supportapp.i18n import N_, gettext, known_language
from supportapp.notifications import filters, markup, sandbox, saved_words
from supportapp.notifications.saved_words import Words

LOADER: BaseLoader = FileSystemLoader(Path(__file__).parents[1] / "templates" / "mail")
SUBJECT = "Subject:"
SUBJECT_LENGTH = 250
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
ANSWER_ABOVE = N_("— Please write your answer above this line —")  # whoever reads answers looks for it
LINK = re.compile(r"\[([^\]]+)\]\((\{\{[^}]*\}\})\)")


Renderer = Callable[[str, dict[str, Any], Callable[[Any], str]], str]


@dataclass(frozen=True)
class Rendered:
    """A letter in one language, ready to be stored."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Said:
    """Something that was written earlier: by whom, when (in words of the reader's language), and what."""

    who: str
    when: str
    words: str


@dataclass(frozen=True)
class Below:
    """What stands calmly under the words of a mail, in the reader's language; every part may be missing.

    ``turn`` is a heading and a sentence: whose move it is and by when. ``links`` are (words, http(s) URL).
    """

    turn: tuple[str, str] | None = None
    links: Sequence[tuple[str, str]] = ()
    earlier: Sequence[Said] = ()


@dataclass(frozen=True)
class Letter:
    """What a mail says, before its language is known.

    ``quote`` is somebody's own text, shown as a quotation. ``buttons`` are (label, http(s) URL); a label that is a
    msgid marked with N_ is translated. ``answerable`` is a mail whose answer belongs somewhere, where mails are read.
    ``off_url`` is where a mail that nobody must get is switched off.
    """

    name: str
    context: dict[str, Any] = field(default_factory=dict)
    quote: str | None = None
    buttons: Sequence[tuple[str, str]] = ()
    below: Below = Below()
    answerable: bool = False
    off_url: str = ""

    @property
    def by_mail(self) -> bool:
        """Whether the reader may simply answer."""
        return self.answerable and settings.reads_mail

    def render(self, language: str) -> Rendered:
        """The letter in ``language``, in the words of staff where they have changed them.

        When those cannot be used the built-in words are, and the row says so. A missing built-in template, value or
        first line raises, before anything is stored.
        """
        language = known_language(language)
        saved = saved_words.find_saved(self.name, language)
        if saved is not None:
            try:
                return self.render_words(Words(saved.subject, saved.body), language)
            except Exception as error:  # sending is never broken by what staff wrote
                saved_words.note_problem(saved, error)
        return self._render(built_in(self.name, language), language, _plainly)

    def render_words(self, words: Words, language: str) -> Rendered:
        """The letter in words that somebody of staff wrote; raises when they cannot be used."""
        return self._render(words, language, sandbox.render)

    def _render(self, words: Words, language: str, render: Renderer) -> Rendered:
        values = {
            **self.context,
            "language": language,
            "support_name": settings.support_name(language),
            "portal_url": settings.PUBLIC_BASE_URL,
            "by_mail": self.by_mail,
        }
        subject = markup.one_line(render(words.subject, values, markup.one_line))[:SUBJECT_LENGTH]
        plain = LINK.sub(
            r"\1 <\2>", words.body.replace("**", "")
        )  # marks of the template; a person's are in the values
        text = render(plain, values, markup.one_line).strip()
        html = markup.html_of(render(words.body, values, markup.escape_markdown))
        frame = self._frame(language, subject)
        return Rendered(subject, self._text(text, frame), self._html(html, frame))

    def _frame(self, language: str, subject: str) -> dict[str, Any]:
        """What stands around the words."""
        return {
            "language": language,
            "subject": subject,
            "support_name": settings.support_name(language),
            "portal_url": settings.PUBLIC_BASE_URL,
            "buttons": [(gettext(label, language), _checked(url)) for label, url in self.buttons],
            "turn": self.below.turn,
            "links": [(markup.one_line(words), _checked(url)) for words, url in self.below.links],
            "answer_above": gettext(ANSWER_ABOVE, language) if self.by_mail else "",
            "by_mail": self.by_mail,
            "reads_mail": settings.reads_mail,
            "off_url": _checked(self.off_url) if self.off_url else "",
            "_": lambda message, **params: gettext(message, language, **params),
        }

    def _text(self, words: str, frame: dict[str, Any]) -> str:
        quote = markup.quote_text(self.quote) if self.quote else ""
        earlier = [(_head(said), markup.quote_text(said.words)) for said in self.below.earlier]
        page = _frames().get_template("layout.txt").render(frame, body=words, quote=quote, earlier=earlier)
        return _BLANK_LINES.sub("\n\n", page).strip() + "\n"

    def _html(self, words: Markup, frame: dict[str, Any]) -> str:
        quote = markup.quote_html(self.quote) if self.quote else ""
        earlier = [(_head(said), markup.quote_html(said.words)) for said in self.below.earlier]
        return _frames().get_template("layout.html").render(frame, body=words, quote=quote, earlier=earlier)


def built_in(name: str, language: str) -> Words:
    """The words that come with the product."""
    environment = _words(markup.one_line)
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, f"{name}.{language}.md")
    first, _, body = source.partition("\n")
    if not first.startswith(SUBJECT):
        raise ValueError(f"{name}.{language}.md must begin with {SUBJECT!r}")
    return Words(first.removeprefix(SUBJECT).strip(), body.lstrip("\n"))


def _plainly(source: str, values: dict[str, Any], finalize: Callable[[Any], str]) -> str:
    return _words(finalize).from_string(source).render(values)


@cache
def _words(finalize: Callable[[Any], str]) -> Environment:
    """Templates of text: no HTML escaping; every value passes ``finalize``."""
    environment = Environment(
        loader=LOADER,
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=False,  # noqa: S701 - not HTML: markup.escape_markdown guards the values
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters.install(environment)
    return environment


@cache
def _frames() -> Environment:
    """The common frame around every letter: HTML is escaped, text is not."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates" / "mail"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=["html"], default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _head(said: Said) -> str:
    return markup.one_line(f"{said.who}, {said.when}")


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"a button needs an http(s) URL, not {url!r}")
    return markup.one_line(url)
