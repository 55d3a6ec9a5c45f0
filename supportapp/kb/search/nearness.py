"""How near the titles of one state of the index are to what a question means, and what that moves in the ranking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supportapp.kb.search import meaning, titles
from supportapp.kb.search.engine import Reader
from supportapp.kb.search.question import Question
from supportapp.kb.search.ranking import Scores
from supportapp.kb.search.titles import Titles


class Nearness:
    """Compares questions with titles; shared by threads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._aligned: tuple[Titles, NDArray[np.intp]] = titles.NONE, np.zeros(0, np.intp)

    def to(self, question: Question) -> Scores | None:
        """From 0 to 1 for each document, UNKNOWN where the title was not read yet; None when meaning plays no part."""
        if not (question.is_a_sentence and meaning.is_wanted()):
            return None
        vector, known = meaning.vector(question.sentence), titles.titles()
        if vector is None:
            meaning.load_soon()
            return None
        return known.near(vector, self._rows(known)) if known.rows else None

    def _rows(self, known: Titles) -> NDArray[np.intp]:
        """Where the title of each document is among the known ones; found anew when other vectors have come."""
        aligned, rows = self._aligned
        if aligned is not known:
            stamps = (self._reader.facts(doc).stamp for doc in range(self._reader.doc_limit))
            rows = np.array([known.rows.get(stamp, -1) for stamp in stamps], np.intp)
            self._aligned = known, rows
        return rows


def fused(scores: Scores, near: Scores, weight: float) -> Scores:
    """Both on one scale, ``near`` with ``weight``. What has no score stays without: meaning alone finds nothing."""
    found = scores > 0
    most, nearest = float(scores.max(initial=0.0)), float(near.max(initial=0.0))
    if not (most and nearest):
        return scores
    known = near[found & (near >= 0)]
    near = np.where(near < 0, known.mean() if known.size else 0, near)  # a new title is as near as the others are
    return np.where(found, scores + np.float32(weight * most / nearest) * near, scores)
