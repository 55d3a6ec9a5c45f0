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

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from supportapp.extensions import settings
from supportapp.i18n import N_, gettext, known_language
from supportapp.notifications import markup, moments

LOADER: BaseLoader = FileSystemLoader(Path(__file__).parents[1] / "templates" / "mail")
SUBJECT = "Subject:"
SUBJECT_LENGTH = 250
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
ANSWER_ABOVE = N_("— Please write your answer above this line —")  # whoever reads answers looks for it
LINK = re.compile(r"\[([^\]]+)\]\((\{\{[^}]*\}\})\)")


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
        """The letter in ``language``; a missing template, value or first line raises, before anything is stored."""
        language = known_language(language)
        subject, body = self._source(language)
        values = {
            **self.context,
            "language": language,
            "support_name": settings.support_name(language),
            "portal_url": settings.PUBLIC_BASE_URL,
            "by_mail": self.by_mail,
        }
        subject = markup.one_line(_words(markup.one_line).from_string(subject).render(values))[:SUBJECT_LENGTH]
        frame = {
            "language": language,
            "subject": subject,
            "support_name": values["support_name"],
            "portal_url": values["portal_url"],
            "buttons": [(gettext(label, language), _checked(url)) for label, url in self.buttons],
            "turn": self.below.turn,
            "links": [(markup.one_line(words), _checked(url)) for words, url in self.below.links],
            "answer_above": gettext(ANSWER_ABOVE, language) if self.by_mail else "",
            "by_mail": self.by_mail,
            "reads_mail": settings.reads_mail,
            "off_url": _checked(self.off_url) if self.off_url else "",
            "_": lambda message, **params: gettext(message, language, **params),
        }
        return Rendered(subject, self._text(body, values, frame), self._html(body, values, frame))

    def _source(self, language: str) -> tuple[str, str]:
        environment = _words(markup.one_line)
        assert environment.loader is not None
        source, _, _ = environment.loader.get_source(environment, f"{self.name}.{language}.md")
        first, _, body = source.partition("\n")
        if not first.startswith(SUBJECT):
            raise ValueError(f"{self.name}.{language}.md must begin with {SUBJECT!r}")
        return first.removeprefix(SUBJECT), body

    def _text(self, body: str, values: dict[str, Any], frame: dict[str, Any]) -> str:
        plain = LINK.sub(r"\1 <\2>", body.replace("**", ""))  # marks of the template; a person's are in the values
        words = _words(markup.one_line).from_string(plain).render(values).strip()
        quote = markup.quote_text(self.quote) if self.quote else ""
        earlier = [(_head(said), markup.quote_text(said.words)) for said in self.below.earlier]
        page = _frames().get_template("layout.txt").render(frame, body=words, quote=quote, earlier=earlier)
        return _BLANK_LINES.sub("\n\n", page).strip() + "\n"

    def _html(self, body: str, values: dict[str, Any], frame: dict[str, Any]) -> str:
        words = markup.html_of(_words(markup.escape_markdown).from_string(body).render(values))
        quote = markup.quote_html(self.quote) if self.quote else ""
        earlier = [(_head(said), markup.quote_html(said.words)) for said in self.below.earlier]
        return _frames().get_template("layout.html").render(frame, body=words, quote=quote, earlier=earlier)


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
    environment.filters.update(moment=_moment, day=_day)
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


@pass_context
def _moment(context: Context, at: Any) -> str:
    return moments.moment(at, context["language"], settings.timezone)


@pass_context
def _day(context: Context, when: Any) -> str:
    return moments.day(when, context["language"], settings.timezone)


def _head(said: Said) -> str:
    return markup.one_line(f"{said.who}, {said.when}")


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"a button needs an http(s) URL, not {url!r}")
    return markup.one_line(url)
