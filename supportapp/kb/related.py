"""What else a reader of an article may want to read: alike by its words, else its neighbours by topic and product."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from supportapp.kb.leads import lead
from supportapp.kb.models import Article
from supportapp.kb.public import Listed, listed_by_id, neighbours
from supportapp.kb.search import suggest

MOST = 4
REMEMBERED = 1024
MINUTES = 15
_CANDIDATES = 12


def related(article: Article, *, at: datetime) -> list[Listed]:
    """Up to MOST public articles. Likeness is asked for once in MINUTES and process; what is public, every time."""
    product_id = article.products[0].id if article.products else None
    part_of_day = int(at.timestamp()) // (MINUTES * 60)
    asked = (article.title, lead(article.text, 400), product_id, article.language)
    alike = [number for number in _alike(*asked, part_of_day) if number != article.id]
    same = {article.id, article.translation_of_id}
    found = [each for each in listed_by_id(alike) if each.id not in same and each.language == article.language][:MOST]
    if len(found) < MOST:
        known = {each.id for each in found}
        found += [each for each in neighbours(article, limit=MOST * 2) if each.id not in known]
    return found[:MOST]


def forget() -> None:
    """Ask anew at the next page."""
    _alike.cache_clear()


@lru_cache(maxsize=REMEMBERED)
def _alike(title: str, beginning: str, product_id: int | None, language: str, part_of_day: int) -> tuple[int, ...]:
    hits = suggest(title, beginning, product_id=product_id, language=language, limit=_CANDIDATES)
    return tuple(hit.article_id for hit in hits)
