"""Finding articles. Never raises, never blocks a form: when the index is missing or broken, nothing is found.

Every hit is checked against the database, so that an article which was withdrawn is gone at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from markupsafe import Markup

from supportapp.kb.queries import published_among, published_by_id
from supportapp.kb.search import reading, terms
from supportapp.kb.search.engine import Match, Reader
from supportapp.kb.search.extracts import extract
from supportapp.kb.search.terms import Question

__all__ = ["Hit", "Suggestion", "search", "suggest"]

log = logging.getLogger(__name__)

PRODUCT_BOOST = 1.8  # helps its product's articles up, and hides no other's
LANGUAGE_BOOST = 1.25
CANDIDATES = 50
MAX_RESULTS = 50


@dataclass(frozen=True)
class Hit:
    """A public article; ``extract`` is safe HTML with the found words in ``<mark>``."""

    article_id: int
    slug: str
    title: str
    extract: Markup
    language: str


Suggestion = Hit


def search(text: str, *, language: str, limit: int = 20, products: Collection[int] = ()) -> list[Hit]:
    """What the reader of the knowledge base looks for, best first; articles of ``products`` (ids) come up a little."""
    return _find(text, "", language, limit, products, lambda question: bool(question.weights))


def suggest(subject: str, text: str, *, product_id: int | None, language: str, limit: int = 5) -> list[Suggestion]:
    """What may answer a ticket that is being written. Nothing for a greeting or one word; a code is enough."""
    products = () if product_id is None else (product_id,)
    return _find(subject, text, language, limit, products, lambda question: question.says_enough)


def _find(
    subject: str, text: str, language: str, limit: int, products: Collection[int], enough: Callable[[Question], bool]
) -> list[Hit]:
    try:
        question = terms.understand(subject, text)
        if not enough(question):
            return []
        found = reading.read(lambda reader: _ask(question, reader))
        if found is None:
            return []
        chosen, matches = found
        return _shown(_ranked(matches, language, products), chosen, min(limit, MAX_RESULTS))
    except Exception:
        log.exception("the search failed; the page goes on without it")
        return []


def _ask(question: Question, reader: Reader) -> tuple[dict[str, float], list[Match]]:
    chosen = terms.choose(question, reader)
    return chosen, reader.best(chosen, CANDIDATES)


def _ranked(matches: list[Match], language: str, products: Collection[int]) -> list[int]:
    def rank(match: Match) -> tuple[float, int]:
        boost = PRODUCT_BOOST if set(match.products) & set(products) else 1.0
        return -match.score * boost * (LANGUAGE_BOOST if match.language == language else 1.0), match.id

    return [match.id for match in sorted(matches, key=rank)]


def _shown(ranked: list[int], chosen: dict[str, float], limit: int) -> list[Hit]:
    public = published_among(ranked)
    best = [number for number in ranked if number in public][:limit]
    found = published_by_id(best)
    articles = [found[number] for number in best if number in found]
    return [
        Hit(article.id, article.slug, article.title, extract(article.text, chosen), article.language)
        for article in articles
    ]
