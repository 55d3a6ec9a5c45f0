"""From ranked ids to what a reader is shown: public articles alone, liked ones higher, each in one language."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup
from sqlalchemy import func, select

from supportapp.extensions import db
from supportapp.kb.models import Article
from supportapp.kb.queries import IS_PUBLIC
from supportapp.kb.search.extracts import SCANNED, extract, marked


@dataclass(frozen=True)
class Hit:
    """A public article; ``heading`` (the title) and ``extract`` are safe HTML with the found words in ``<mark>``."""

    article_id: int
    slug: str
    title: str
    heading: Markup
    extract: Markup
    language: str


class _Candidate(NamedTuple):
    id: int
    original: int
    language: str
    usefulness: float


def hits(
    best: Sequence[tuple[int, float]], *, marks: Collection[str], language: str, usefulness: float, limit: int
) -> list[Hit]:
    """The first ``limit`` of ``best`` (ids with scores). Readers' votes move a score by the share ``usefulness``.

    Of an article and its translations only the one in the reader's ``language`` is shown, in the best place of them.
    """
    public = _candidates([number for number, _ in best])
    liked = [
        (score * (1 + usefulness * public[number].usefulness), public[number])
        for number, score in best
        if number in public
    ]
    liked.sort(key=lambda entry: -entry[0])
    return _shown(_in_one_language([candidate for _, candidate in liked], language)[:limit], marks)


def _in_one_language(candidates: Sequence[_Candidate], language: str) -> list[int]:
    chosen: dict[int, _Candidate] = {}
    for candidate in candidates:
        first = chosen.setdefault(candidate.original, candidate)
        if first.language != language == candidate.language:
            chosen[candidate.original] = candidate
    return [candidate.id for candidate in chosen.values()]


def _candidates(ids: Collection[int]) -> dict[int, _Candidate]:
    original = func.coalesce(Article.translation_of_id, Article.id)
    chosen = select(Article.id, original, Article.language, Article.usefulness).where(IS_PUBLIC, Article.id.in_(ids))
    return {row[0]: _Candidate(*row) for row in db.session.execute(chosen)} if ids else {}


def _shown(ids: Sequence[int], marks: Collection[str]) -> list[Hit]:
    if not ids:
        return []
    columns = Article.id, Article.slug, Article.title, Article.language, func.substr(Article.text, 1, SCANNED)
    rows = {row[0]: row for row in db.session.execute(select(*columns).where(IS_PUBLIC, Article.id.in_(ids)))}
    return [
        Hit(number, slug, title, marked(title, marks), extract(text, marks), language)
        for number, slug, title, language, text in (rows[number] for number in ids if number in rows)
    ]
