"""From what a person typed or pasted to the few keys worth asking for."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from supportapp.kb.search.engine import Reader
from supportapp.kb.search.words import Word, words

HEAD, TAIL = 20_000, 4_000
MAX_TERMS = 20
MAX_COMPLETIONS = 6
MIN_BEGINNING = 3
SUBJECT_WEIGHT = 2.0


@dataclass(frozen=True)
class Question:
    """What was asked, as weighted keys; ``beginning`` is the last word while it is still being typed."""

    weights: dict[str, float]
    content: int
    has_code: bool
    beginning: str | None

    @property
    def says_enough(self) -> bool:
        """More than a greeting: two telling words, or an error code alone."""
        return self.has_code or self.content >= 2


def understand(subject: str, text: str = "") -> Question:
    """Read both, the subject with more weight. The work is bounded: of a long text the head and the tail are read."""
    told, asked = list(words(_cut(subject))), list(words(_cut(text)))
    weights: dict[str, float] = {key: 1 + math.log(number) for key, number in _counted(asked).items()}
    for key, number in _counted(told).items():
        weights[key] = weights.get(key, 0.0) + SUBJECT_WEIGHT * (1 + math.log(number))
    everything = told + asked
    return Question(
        weights=weights,
        content=len({word.key for word in everything if word.telling}),
        has_code=any(word.telling == 2 for word in everything),
        beginning=_unfinished(asked, text) if text.strip() else _unfinished(told, subject),
    )


def choose(question: Question, reader: Reader) -> dict[str, float]:
    """The known keys that tell most, rarest first, at most MAX_TERMS; an unknown unfinished word is completed."""
    known: dict[str, tuple[float, float]] = {}
    for key, weight in question.weights.items():
        frequency = reader.frequency(key)
        if frequency:
            rarity = math.log(1 + reader.size / frequency)
            known[key] = (weight * rarity, weight)
    best = sorted(known, key=lambda key: (-known[key][0], key))[:MAX_TERMS]
    chosen = {key: known[key][1] for key in best}
    if question.beginning and question.beginning not in known:
        completions = reader.completions(question.beginning, MAX_COMPLETIONS)
        chosen.update({key: 0.8 for key in completions if key not in chosen})
    return chosen


def _counted(found: list[Word]) -> Counter[str]:
    return Counter(word.key for word in found if word.telling)


def _cut(text: str) -> str:
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


def _unfinished(found: list[Word], text: str) -> str | None:
    if not found or not text[-1:].isalnum() or found[-1].end != len(_cut(text)):
        return None
    key = found[-1].key
    return key if len(key) >= MIN_BEGINNING and found[-1].telling == 1 else None
