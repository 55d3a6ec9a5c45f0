"""How well articles answer a question: BM25F over the things it speaks of, and four-letter pieces beside it.

BM25F: Robertson, Zaragoza: The Probabilistic Relevance Framework (2009), section 3.6. A thing counts once, in the best
of the ways in which an article says it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from supportapp.kb.search.grams import grams
from supportapp.kb.search.question import Concept, Question
from supportapp.kb.search.thesaurus import Way
from supportapp.kb.search.tuning import Tuning

Scores = NDArray[np.float32]
K = TypeVar("K", bound=Hashable)
K1 = 2.0
LENGTH = {"title": 0.5, "phrases": 0.4, "body": 0.75, "grams": 0.5}
MOST_GRAMS = 60
ASKED_GRAMS = 200
MOST_KEPT = 1_500_000  # 12 to 20 bytes each
PLACE = 20  # what an empty entry counts as
UNKNOWN = 0.7  # a word that no article has still counts in how much of the question is answered


class Posted(Protocol):
    """In which documents a key stands, in order, and how often in each."""

    @property
    def docs(self) -> NDArray[np.int32]: ...

    @property
    def counts(self) -> Scores: ...


class Index(Protocol):
    """What the ranking asks of an index; documents are numbered from 0 to ``doc_limit`` - 1."""

    size: int
    doc_limit: int

    def postings(self, field: str, key: str) -> Posted | None: ...

    def lengths(self, field: str) -> Scores: ...


@dataclass(frozen=True)
class Said:
    """The documents that say a thing one way, how clearly, how rare that is, and those that say it in the title."""

    docs: NDArray[np.intp]
    clearly: Scores
    rarity: float
    titled: NDArray[np.intp]


@dataclass(frozen=True)
class Piece:
    """The documents that have a piece of a word, and what it is worth in each."""

    docs: NDArray[np.int32]
    worth: Scores


V = TypeVar("V", Said, Piece)


class _Kept(Generic[K, V]):
    """What was looked up, for words come again; forgotten as a whole when it grows beyond MOST_KEPT documents.

    Threads share it without a lock: at worst two look the same thing up.
    """

    def __init__(self) -> None:
        self._found: dict[K, V | None] = {}
        self._documents = 0

    def get(self, key: K, look_up: Callable[[K], V | None]) -> V | None:
        kept = self._found
        if key in kept:
            return kept[key]
        found = look_up(key)
        if self._documents > MOST_KEPT:
            self._found, self._documents = {}, 0
        self._found[key] = found
        self._documents += PLACE + (len(found.docs) if found is not None else 0)
        return found


@dataclass(frozen=True)
class Weighed:
    """By document its score, and what the things that it speaks of at all are worth; of all things ``possible``."""

    scores: Scores
    told: Scores
    possible: float


class Scorer:
    """Ranks on one state of the index; may be shared by threads."""

    def __init__(self, index: Index, tuning: Tuning) -> None:
        self._index, self._tuning = index, tuning
        self._norms = {field: self._norm(field, share) for field, share in LENGTH.items()}
        self._title_lengths = np.maximum(index.lengths("title"), 1.0)
        self._ways = _Kept[Way, Said]()
        self._grams = _Kept[str, Piece]()

    def weigh(self, question: Question) -> Weighed:
        """The score of every document."""
        heard = [(self._worth(concept), concept) for concept in question.concepts]
        heard.sort(key=lambda pair: -pair[0] * pair[1].weight)
        total, titled, told, possible = self._nothing(), self._nothing(), self._nothing(), 0.0
        for worth, concept in heard[: self._tuning.concepts]:
            possible += concept.weight * (worth or UNKNOWN * self._rarity(0))
            if worth:
                best, named = self._best(concept)
                total += np.float32(concept.weight) * best
                titled += named
                told += np.float32(concept.weight * worth) * (best > 0)
        total = self._with_pieces(total, question.text)
        total *= 1 + np.float32(self._tuning.covered) * np.minimum(titled / self._title_lengths, 1)
        return Weighed(total, told, possible)

    def _nothing(self) -> Scores:
        return np.zeros(self._index.doc_limit, np.float32)

    def _best(self, concept: Concept) -> tuple[Scores, Scores]:
        """What the best way to say it is worth in each document, and how many words of the title say it."""
        best, named = self._nothing(), self._nothing()
        for way, factor in concept.ways.items():
            said = self._said(way)
            if said is not None:
                best[said.docs] = np.maximum(best[said.docs], np.float32(factor * said.rarity) * said.clearly)
                named[said.titled] = np.maximum(named[said.titled], np.float32(factor * len(way)))
        return best, named

    def _worth(self, concept: Concept) -> float:
        found = ((factor, self._said(way)) for way, factor in concept.ways.items())
        return max((factor * said.rarity for factor, said in found if said is not None), default=0.0)

    def _said(self, way: Way) -> Said | None:
        return self._ways.get(way, self._look_up)

    def _look_up(self, way: Way) -> Said | None:
        both = [self._frequencies(key) for key in way]
        together = both[0][0] if len(both) == 1 else np.minimum.reduce([times for times, _ in both])
        titled = both[0][1] if len(both) == 1 else np.minimum.reduce([times for _, times in both])
        docs = np.flatnonzero(together)
        if not docs.size:
            return None
        times = together[docs]
        return Said(docs, (K1 + 1) * times / (K1 + times), self._rarity(docs.size), np.flatnonzero(titled))

    def _frequencies(self, key: str) -> tuple[Scores, Scores]:
        """How often the key stands in each document, a weighted sum of its fields; and in the title alone."""
        weights = {"body": 1.0, "phrases": self._tuning.phrases, "title": self._tuning.title}
        times, titled = self._nothing(), self._nothing()
        for field, weight in weights.items():
            posted = self._index.postings(field, key)
            if posted is not None:
                times[posted.docs] += np.float32(weight) * posted.counts / self._norms[field][posted.docs]
                if field == "title":
                    titled[posted.docs] = posted.counts
        return times, titled

    def _with_pieces(self, total: Scores, text: str) -> Scores:
        if not self._tuning.grams:
            return total
        pieces = self._pieces(text)
        most = float(pieces.max(initial=0.0))
        if not most:
            return total
        return total + np.float32(self._tuning.grams * (float(total.max(initial=0.0)) or 1.0) / most) * pieces

    def _pieces(self, text: str) -> Scores:
        asked = (self._grams.get(gram, self._look_up_gram) for gram in dict.fromkeys(grams(text, ASKED_GRAMS)))
        found = sorted((piece for piece in asked if piece is not None), key=lambda piece: len(piece.docs))
        total = self._nothing()
        for piece in found[:MOST_GRAMS]:
            total[piece.docs] += piece.worth
        return total

    def _look_up_gram(self, gram: str) -> Piece | None:
        posted = self._index.postings("grams", gram)
        if posted is None:
            return None
        times = posted.counts / self._norms["grams"][posted.docs]
        return Piece(posted.docs, np.float32(self._rarity(len(posted.docs))) * times / (1 + times))

    def _rarity(self, frequency: int) -> float:
        return math.log(1 + (self._index.size - frequency + 0.5) / (frequency + 0.5))

    def _norm(self, field: str, share: float) -> Scores:
        lengths = self._index.lengths(field)
        average = float(lengths.sum()) / max(self._index.size, 1)
        return (1 - share + share * lengths / max(average, 1.0)).astype(np.float32)
