"""One article as a file: its facts as fields, its Markdown below them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

from supportapp.i18n import LANGUAGES
from supportapp.kb.exchange import front_matter
from supportapp.kb.exchange.folder import plain
from supportapp.kb.exchange.problems import Findings, Unusable
from supportapp.kb.intricacy import is_intricate
from supportapp.kb.models import ArticleState
from supportapp.kb.operations.writing import (
    MAX_ATTRIBUTION,
    MAX_BODY,
    MAX_LICENCE,
    MAX_PHRASES,
    MAX_SOURCE,
    MAX_TITLE,
)
from supportapp.kb.rules import MAX_SLUG, is_slug

T = TypeVar("T")


@dataclass(frozen=True)
class ArticleFile:
    """What a file says. ``topic`` is a path of keys, ``translation_of`` a slug.

    The two moments are for information, and count for new articles alone.
    """

    slug: str
    title: str
    body: str
    language: str = "ru"
    state: ArticleState = ArticleState.DRAFT
    topic: str = ""
    products: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    translation_of: str = ""
    review_on: date | None = None
    source: str = ""
    licence: str = ""
    attribution: str = ""
    published_at: datetime | None = field(default=None, compare=False)
    updated_at: datetime | None = field(default=None, compare=False)


FIELDS = tuple(name.replace("_", "-") for name in ArticleFile.__dataclass_fields__ if name != "body")


def write(article: ArticleFile) -> str:
    """The file's text; what is empty is left out."""
    values = {name.replace("_", "-"): getattr(article, name) for name in ("title", "slug", "language")}
    values["state"] = article.state.value
    for name in FIELDS:
        value = getattr(article, name.replace("-", "_"))
        if name not in values and value:
            values[name] = list(value) if isinstance(value, tuple) else value
    return front_matter.join(values, article.body)


def read(text: str, path: str, slug: str, findings: Findings) -> ArticleFile | None:
    """What the file at ``path`` says; ``slug`` counts where it names none. None when ``findings`` has new problems."""
    before = len(findings.problems)
    try:
        values, body, head = front_matter.split(text)
    except Unusable as unusable:
        findings.problem(path, unusable.sentence, unusable.place)
        return None
    reader = _Reader(values, head, path, findings)
    article = ArticleFile(
        slug=reader.slug(slug),
        title=reader.text("title", MAX_TITLE, required=True),
        body=reader.body(body),
        language=reader.choice("language", LANGUAGES, "ru"),
        state=ArticleState(reader.choice("state", tuple(ArticleState), ArticleState.DRAFT)),
        topic=reader.text("topic", 1000),
        products=tuple(sorted(set(reader.texts("products")))),
        phrases=reader.phrases(),
        translation_of=reader.text("translation-of", MAX_SLUG),
        review_on=reader.moment("review-on", date.fromisoformat, "2027-01-31"),
        source=reader.text("source", MAX_SOURCE),
        licence=reader.text("licence", MAX_LICENCE),
        attribution=reader.text("attribution", MAX_ATTRIBUTION),
        published_at=reader.moment("published-at", _moment, "2027-01-31 12:00:00+03:00"),
        updated_at=reader.moment("updated-at", _moment, "2027-01-31 12:00:00+03:00"),
    )
    reader.complain_of_unknown()
    return article if len(findings.problems) == before else None


class _Reader:
    """Takes the fields apart and writes down what is wrong with each."""

    def __init__(self, values: dict[str, object], head: str, path: str, findings: Findings) -> None:
        self._values, self._head, self._path, self._findings = values, head, path, findings

    def text(self, name: str, limit: int, *, required: bool = False) -> str:
        value = self._values.get(name, "")
        if not isinstance(value, str):
            self._complain(name, "is a list or a group; write one text.")
            return ""
        value = plain(value)
        if required and not value:
            self._complain(name, "is missing.")
        if len(value) > limit:
            self._complain(name, f"has {len(value)} characters; at most {limit} fit.")
        if "\0" in value:
            self._complain(name, "holds a NUL character.")
        return value

    def texts(self, name: str) -> list[str]:
        value = self._values.get(name) or []
        values: list[object] = value if isinstance(value, list) else [value]
        texts = [plain(one) for one in values if isinstance(one, str) and "\0" not in one]
        if len(texts) < len(values):
            self._complain(name, "must be a list of texts.")
        return [text for text in texts if text]

    def phrases(self) -> tuple[str, ...]:
        """One a line in the database, a list or lines here."""
        phrases = lines("\n".join(self.texts("phrases")))
        length = len("\n".join(phrases))
        if length > MAX_PHRASES:
            self._complain("phrases", f"have {length} characters together; at most {MAX_PHRASES} fit.")
        return phrases

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, 1000) or default
        if value not in allowed:
            self._complain(name, f"is {value!r}; it can be {', '.join(allowed)}.")
            return default
        return value

    def slug(self, default: str) -> str:
        value = self.text("slug", 1000) or default
        if not is_slug(value):
            sentence = f"is {value!r}; a slug has small Latin letters, digits and hyphens, at most {MAX_SLUG} of them."
            self._complain("slug", sentence)
        return value

    def moment(self, name: str, parse: Callable[[str], T], example: str) -> T | None:
        value = self.text(name, 100)
        try:
            return parse(value) if value else None
        except ValueError:
            self._complain(name, f"is {value!r}; write it like {example}.")
            return None

    def body(self, body: str) -> str:
        if not body:
            self._findings.problem(self._path, "has no text below its front matter.")
        if len(body) > MAX_BODY:
            sentence = f"has a text of {len(body)} characters; at most {MAX_BODY} fit."
            self._findings.problem(self._path, sentence)
        elif is_intricate(body):
            self._findings.problem(self._path, "has too many links, table cells or other marks; divide it.")
        return body

    def complain_of_unknown(self) -> None:
        for name in self._values.keys() - set(FIELDS):
            self._complain(name, f"is no field of an article; those are {', '.join(FIELDS)}.")

    def _complain(self, name: str, sentence: str) -> None:
        line = front_matter.line_of(name, self._head)
        shown = name if name.isprintable() else repr(name)
        self._findings.problem(self._path, f"{shown} {sentence}", f"line {line}" if line else "")


def lines(text: str) -> tuple[str, ...]:
    """The lines that are not empty, without blanks around them."""
    return tuple(stripped for line in plain(text).split("\n") if (stripped := line.strip()))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC)
