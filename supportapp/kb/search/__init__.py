"""Finding articles. Never raises, never blocks a form: when the index is missing or broken, nothing is found.

Every hit is checked against the database, so that an article which was withdrawn is gone at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from supportapp.kb.search import reading
from supportapp.kb.search.desk import Ranked, desk_for
from supportapp.kb.search.engine import Reader
from supportapp.kb.search.hits import Hit, hits
from supportapp.kb.search.synonyms import thesaurus
from supportapp.kb.search.tuning import TUNING

__all__ = ["Hit", "Suggestion", "search", "suggest"]

log = logging.getLogger(__name__)

CANDIDATES = 50
MAX_RESULTS = 50

Suggestion = Hit


def search(text: str, *, language: str, limit: int = 20, products: Collection[int] = ()) -> list[Hit]:
    """What the reader of the knowledge base looks for, best first; articles of ``products`` (ids) come up a little."""
    return _find(lambda reader: _ask(reader, text, "", language, products, at_any_rate=True), language, limit)


def suggest(subject: str, text: str, *, product_id: int | None, language: str, limit: int = 5) -> list[Suggestion]:
    """What may answer a ticket that is being written. Nothing for a greeting or one word; a code is enough."""
    products = () if product_id is None else (product_id,)
    return _find(lambda reader: _ask(reader, subject, text, language, products, at_any_rate=False), language, limit)


def _ask(
    reader: Reader, subject: str, text: str, language: str, products: Collection[int], *, at_any_rate: bool
) -> Ranked:
    desk = desk_for(reader)
    question = desk.understand(subject, text, thesaurus())
    if not (at_any_rate or question.says_enough):
        return Ranked([], frozenset())
    return desk.rank(question, language=language, products=products, limit=CANDIDATES, at_any_rate=at_any_rate)


def _find(ask: Callable[[Reader], Ranked], language: str, limit: int) -> list[Hit]:
    try:
        found = reading.read(ask)
        if found is None or not found.best:
            return []
        shown = min(limit, MAX_RESULTS)
        return hits(found.best, marks=found.marks, language=language, usefulness=TUNING.usefulness, limit=shown)
    except Exception:
        log.exception("the search failed; the page goes on without it")
        return []
