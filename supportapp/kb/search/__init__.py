"""Finding articles. Never raises, never blocks a form: when the index is missing or broken, nothing is found.

Every hit is checked against the database, so that an article which was withdrawn is gone at once.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from supportapp.kb.search import meaning, reading
from supportapp.kb.search.desk import Ranked, desk_for
from supportapp.kb.search.engine import Reader
from supportapp.kb.search.hits import Hit, hits
from supportapp.kb.search.synonyms import thesaurus
from supportapp.kb.search.tuning import TUNING, Tuning

__all__ = ["Hit", "Suggestion", "search", "suggest", "warm"]

log = logging.getLogger(__name__)

CANDIDATES = 50
MAX_RESULTS = 50

Suggestion = Hit


def search(text: str, *, language: str, limit: int = 20, products: Collection[int] = ()) -> list[Hit]:
    """What the reader of the knowledge base looks for, best first; articles of ``products`` (ids) come up a little."""
    return _find(Asked(text, "", language, products, TUNING, at_any_rate=True), limit)


def suggest(
    subject: str,
    text: str,
    *,
    product_id: int | None,
    covered: Collection[int] = (),
    language: str,
    limit: int = 5,
    tuning: Tuning = TUNING,
) -> list[Suggestion]:
    """What may answer a ticket that is being written. Nothing for a greeting or one word; a code is enough.

    Without a product the ones that the chosen certificate covers (ids) help their articles up. ``tuning`` is for
    measuring what each trick is worth.
    """
    products = covered if product_id is None else (product_id,)
    asked = Asked(subject, text, language, products, tuning, at_any_rate=False)
    return _find(asked, limit)


def warm() -> None:
    """Make ready in the background, once a process, what the first question needs."""
    reading.warm()
    meaning.load_soon()


@dataclass(frozen=True)
class Asked:
    """What was asked, by whom; ``at_any_rate`` an answer is wanted even to a single word."""

    subject: str
    text: str
    language: str
    products: Collection[int]
    tuning: Tuning
    at_any_rate: bool


def _ask(reader: Reader, asked: Asked) -> Ranked:
    desk = desk_for(reader, asked.tuning)
    question = desk.understand(asked.subject, asked.text, thesaurus())
    if not (asked.at_any_rate or question.says_enough):
        return Ranked([], frozenset())
    return desk.rank(
        question,
        language=asked.language,
        products=asked.products,
        limit=CANDIDATES,
        at_any_rate=asked.at_any_rate,
    )


def _find(asked: Asked, limit: int) -> list[Hit]:
    try:
        found = reading.read(lambda reader: _ask(reader, asked))
        if found is None or not found.best:
            return []
        return hits(
            found.best,
            marks=found.marks,
            language=asked.language,
            usefulness=asked.tuning.usefulness,
            limit=min(limit, MAX_RESULTS),
        )
    except Exception:
        log.exception("the search failed; the page goes on without it")
        return []
