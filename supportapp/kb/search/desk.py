"""What is reckoned once for a state of the index and kept for the questions that come: words, weights, facts."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from supportapp.kb.search import reading
from supportapp.kb.search.engine import Reader
from supportapp.kb.search.lexicon import Lexicon
from supportapp.kb.search.nearness import Nearness, fused
from supportapp.kb.search.question import Question, understand
from supportapp.kb.search.ranking import Scorer, Scores, Weighed
from supportapp.kb.search.thesaurus import Thesaurus
from supportapp.kb.search.tuning import TUNING, Tuning

log = logging.getLogger(__name__)

LEXICON_AGE = 600.0  # seconds after which a changed index has its words collected anew
MOST_UNDERSTOOD = 64  # questions that may be asked again: a page that is shown anew, the next page of a search
QUICK = 1_000  # articles of which the words are collected while a person waits


@dataclass(frozen=True)
class Ranked:
    """The ids of articles with their scores, best first, and the keys to mark in their texts."""

    best: list[tuple[int, float]]
    marks: frozenset[str]


class Desk:
    """Answers questions from one state of the index; shared by threads."""

    def __init__(self, reader: Reader, lexicon: Lexicon, tuning: Tuning = TUNING) -> None:
        self._reader, self._lexicon, self.tuning = reader, lexicon, tuning
        self._scorer = Scorer(reader, tuning)
        self._nearness = Nearness(reader)
        self._understood: dict[tuple[str, str], tuple[Thesaurus, Question]] = {}
        products: dict[int, list[int]] = defaultdict(list)
        languages: dict[str, list[int]] = defaultdict(list)
        for doc in range(reader.doc_limit):
            facts = reader.facts(doc)
            languages[facts.language].append(doc)
            for product in facts.products:
                products[product].append(doc)
        self._products = {product: np.array(docs) for product, docs in products.items()}
        self._languages = {language: np.array(docs) for language, docs in languages.items()}

    def understand(self, subject: str, text: str, thesaurus: Thesaurus) -> Question:
        """What the question asks for, in the words of this index; reckoned once for one that is asked again."""
        known = self._understood.get((subject, text))
        if known is not None and known[0] is thesaurus:
            return known[1]
        question = understand(subject, text, lexicon=self._lexicon, thesaurus=thesaurus, tuning=self.tuning)
        if len(self._understood) >= MOST_UNDERSTOOD:
            self._understood.clear()
        self._understood[subject, text] = thesaurus, question
        return question

    def rank(
        self, question: Question, *, language: str, products: Collection[int], limit: int, at_any_rate: bool
    ) -> Ranked:
        """The articles that fit best. Those that answer too little only ``at_any_rate``, or when a code is known."""
        weighed = self._scorer.weigh(question)
        scores = weighed.scores.copy()
        self._favour(scores, language, products)
        certain = at_any_rate or any(self._reader.frequency(code) for code in question.codes)
        if not scores.size or not (certain or self._answers(weighed, int(np.argmax(scores)))):
            return Ranked([], frozenset())
        scores[scores < self.tuning.tail * scores.max()] = 0
        near = self._nearness.to(question) if self.tuning.semantic else None
        if near is not None:
            self._favour(near, language, products)
            scores = fused(scores, near, self.tuning.semantic)
        best = [(self._reader.facts(int(doc)).id, float(scores[doc])) for doc in _greatest(scores, limit)]
        return Ranked(best, question.marks)

    def _favour(self, scores: Scores, language: str, products: Collection[int]) -> None:
        """Help articles up that are in the reader's language, and those on one of the products."""
        self._raise(scores, self._languages.get(language), self.tuning.language)
        wanted = [self._products[product] for product in products if product in self._products]
        if wanted:
            self._raise(scores, np.unique(np.concatenate(wanted)), self.tuning.product)

    def _answers(self, weighed: Weighed, best: int) -> bool:
        """Whether the best article speaks of enough of what was asked, whatever its product and language."""
        least = self.tuning
        fit = float(weighed.scores[best]) / max(weighed.possible, 1e-9)
        told = float(weighed.told[best]) / max(weighed.possible, 1e-9)
        return fit >= least.good_fit or (fit >= least.fit and told >= least.told)

    def _raise(self, scores: Scores, docs: NDArray[np.intp] | None, factor: float) -> None:
        if docs is not None:
            scores[docs] *= np.float32(factor)


def _greatest(scores: Scores, limit: int) -> NDArray[np.intp]:
    """The numbers of the greatest scores above nought, greatest first; of equal ones the lower number first."""
    docs = np.flatnonzero(scores)
    if docs.size > limit:
        least = np.partition(scores[docs], -limit)[-limit]
        docs = docs[scores[docs] >= least]
    return docs[np.argsort(-scores[docs], kind="stable")][:limit]


class _Kept:
    """The words that were collected last, and the desk of every state of the index that still answers."""

    lexicon: Lexicon | None = None
    root: Path | None = None
    collected = float("-inf")
    is_collecting = False
    desks: tuple[tuple[Reader, Desk], ...] = ()
    lock = threading.Lock()


_kept = _Kept()


def desk_for(reader: Reader, tuning: Tuning = TUNING) -> Desk:
    """The desk of this state of the index."""
    with _kept.lock:
        for known, desk in _kept.desks:
            if known is reader and desk.tuning == tuning:
                return desk
        desk = Desk(reader, _lexicon(reader).at(reader.frequency), tuning)
        _seat(reader, desk)
        return desk


def warm(reader: Reader) -> None:
    """Make a state of the index ready before anybody asks."""
    lexicon = Lexicon(reader.vocabulary(), reader.size)
    lexicon.warm()
    desk = Desk(reader, lexicon)
    with _kept.lock:
        _keep(lexicon, reader)
        _seat(reader, desk)


reading.warmers.append(warm)


def _seat(reader: Reader, desk: Desk) -> None:
    """Keep the desk, and the one before: while an index is renewed both states answer."""
    _kept.desks = (reader, desk), *[pair for pair in _kept.desks if pair[0] is not reader][:1]


def _keep(lexicon: Lexicon, reader: Reader) -> None:
    _kept.lexicon, _kept.root, _kept.collected = lexicon, reader.folder.parent, time.monotonic()


def _lexicon(reader: Reader) -> Lexicon:
    """The words to use: of few articles the newest; of many those kept, while newer ones are collected aside."""
    kept = _kept.lexicon
    if kept is None or _kept.root != reader.folder.parent or reader.size <= QUICK:
        kept = Lexicon(reader.vocabulary(), reader.size)
        _keep(kept, reader)
    elif time.monotonic() - _kept.collected > LEXICON_AGE and not _kept.is_collecting:
        _kept.is_collecting = True
        threading.Thread(target=_collect, args=(reader,), name="search-words", daemon=True).start()
    return kept


def _collect(reader: Reader) -> None:
    try:
        warm(reader)
    except Exception:
        log.exception("the words of the search index could not be collected")
    finally:
        _kept.is_collecting = False
