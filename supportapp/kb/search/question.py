"""From what a person typed or pasted to the things it speaks of, each with the ways in which an article may say it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from supportapp.kb.search.lexicon import Lexicon
from supportapp.kb.search.spelling import in_right_layout, mended
from supportapp.kb.search.thesaurus import Thesaurus, Way
from supportapp.kb.search.tuning import Tuning
from supportapp.kb.search.words import MAX_WORD, Word, words

HEAD, TAIL = 4_000, 1_500
TYPED = 1_000  # mistakes are mended in what people type; what follows was pasted
MOST_MENDED = 8
MOST_COMPLETIONS = 6
SHORTEST_BEGINNING = 3
CODE = 2
MOST_KNOWN, MOST_UNKNOWN = 32, 12  # things of a long text that are looked at more closely
_LAST = re.compile(r"\w+\Z")


@dataclass
class Concept:
    """One thing the question speaks of. ``ways`` are keys that an article has to have together, and how sure we are."""

    weight: float
    ways: dict[Way, float]

    def also(self, way: Way, factor: float) -> None:
        """Let an article say it this way too."""
        if factor > self.ways.get(way, 0.0):
            self.ways[way] = factor


@dataclass(frozen=True)
class Question:
    """``text`` is what was read, in the right keyboard layout; the work it makes is bounded.

    ``sentence`` is the same as people say it, without a last word that is not finished yet.
    """

    concepts: list[Concept]
    content: int
    codes: frozenset[str]
    text: str
    sentence: str = ""

    @property
    def marks(self) -> frozenset[str]:
        """The keys to mark in what is found."""
        ways = (way for concept in self.concepts for way in concept.ways)
        return frozenset(key for way in ways for key in way)

    @property
    def says_enough(self) -> bool:
        """More than a greeting: two telling words, or an error code alone."""
        return bool(self.codes) or self.content >= 2

    @property
    def is_a_sentence(self) -> bool:
        """Whether it means more than its words: two at least, and no error code, which is looked up to the letter."""
        return self.content >= 2 and all(code.isalpha() for code in self.codes)


def understand(subject: str, text: str, *, lexicon: Lexicon, thesaurus: Thesaurus, tuning: Tuning) -> Question:
    """Read both. Of a long text the head and the tail are read."""
    parts = [_Part(part, weight) for part, weight in ((subject, tuning.subject), (_cut(text), 1.0)) if part.strip()]
    if tuning.layout:
        for part in parts:
            part.text = in_right_layout(part.text[:TYPED], lexicon) + part.text[TYPED:]
    concepts = _most_telling(_concepts(parts, tuning), lexicon)
    if tuning.synonyms:
        _add_phrases(concepts, parts, thesaurus, tuning)
    _add_ways(concepts, parts, lexicon, thesaurus, tuning)
    told = [word for part in parts for word in part.words]
    return Question(
        concepts=list(concepts.values()),
        content=len({word.key for word in told if word.telling}),
        codes=frozenset(word.key for word in told if word.telling == CODE or _is_name(word.key, lexicon, tuning)),
        text=" ".join(part.text[:TYPED] for part in parts),
        sentence=" ".join(part.finished(lexicon)[:TYPED] for part in parts),
    )


class _Part:
    """The subject or the text, and how much its words weigh."""

    def __init__(self, text: str, weight: float) -> None:
        self.text, self.weight = text, weight

    @property
    def words(self) -> list[Word]:
        if self._read != self.text:
            self._read, self._words = self.text, list(words(self.text))
        return self._words

    _read: str | None = None
    _words: list[Word]

    @property
    def unfinished(self) -> Word | None:
        """The last word while it may still be being typed."""
        last = self.words[-1] if self.words and self.text[-1].isalnum() else None
        if last is None or last.end != len(self.text) or last.telling == CODE:
            return None
        return last if last.end - last.start >= SHORTEST_BEGINNING else None

    def finished(self, lexicon: Lexicon) -> str:
        """The text without the letters at its end that make no word of the index."""
        letters = _LAST.search(self.text[-MAX_WORD:])
        if letters is None or any(word.key in lexicon for word in words(letters[0])):
            return self.text
        return self.text[: -len(letters[0])]


def _concepts(parts: list[_Part], tuning: Tuning) -> dict[Way, Concept]:
    found: dict[Way, Concept] = {}
    for part in parts:
        for (key, telling), times in Counter((word.key, word.telling) for word in part.words if word.telling).items():
            concept = found.setdefault((key,), Concept(0.0, {(key,): 1.0}))
            kind = tuning.code if telling == CODE else tuning.number if key.isdecimal() else 1.0
            concept.weight += kind * part.weight * (1 + math.log(times))
    return found


def _most_telling(concepts: dict[Way, Concept], lexicon: Lexicon) -> dict[Way, Concept]:
    """Of a long text the rarest of the words that we know, and the first that we do not."""
    if len(concepts) <= MOST_KNOWN:
        return concepts
    known = [way for way in concepts if way[0] in lexicon]
    known.sort(key=lambda way: -concepts[way].weight * math.log(1 + lexicon.size / lexicon.frequency(way[0])))
    kept = {*known[:MOST_KNOWN], *[way for way in concepts if way[0] not in lexicon][:MOST_UNKNOWN]}
    return {way: concept for way, concept in concepts.items() if way in kept}


def _add_phrases(concepts: dict[Way, Concept], parts: list[_Part], thesaurus: Thesaurus, tuning: Tuning) -> None:
    """A phrase that has other ways to be said is a thing of its own, beside its words."""
    for part in parts:
        for phrase in thesaurus.phrases([word.key for word in part.words]):
            weight = max((concepts[(key,)].weight for key in phrase if (key,) in concepts), default=part.weight)
            concepts.setdefault(phrase, Concept(weight, dict.fromkeys(thesaurus.instead_of(phrase), tuning.synonyms)))


def _add_ways(
    concepts: dict[Way, Concept], parts: list[_Part], lexicon: Lexicon, thesaurus: Thesaurus, tuning: Tuning
) -> None:
    mendable = MOST_MENDED
    last = parts[-1].unfinished if parts else None
    for spelt, key in _spellings(parts):
        concept = concepts.get((key,))
        if concept is None:
            continue
        if tuning.synonyms:
            for way in thesaurus.instead_of((key,)):
                concept.also(way, tuning.synonyms)
        if tuning.sound:
            for other in lexicon.heard_as(key) if key.isalpha() else ():
                if other.isascii() != key.isascii():
                    concept.also((other,), tuning.sound)
        if key not in lexicon and len(concept.ways) == 1 and tuning.typos and mendable:
            mendable -= 1
            for way in mended(spelt, key, lexicon):
                concept.also(way, tuning.typos)
        if tuning.beginning and last is not None and last.key == key and key not in lexicon:
            for other in lexicon.beginning_with(spelt, MOST_COMPLETIONS):
                concept.also((other,), tuning.beginning)


def _spellings(parts: list[_Part]) -> Iterator[tuple[str, str]]:
    """Each key once, with the lower-case word that it came from."""
    seen: set[str] = set()
    for part in parts:
        for word in part.words:
            if word.key not in seen:
                seen.add(word.key)
                yield part.text[word.start : word.end].lower().replace("ё", "е"), word.key


def _is_name(key: str, lexicon: Lexicon, tuning: Tuning) -> bool:
    """Whether it is the name of something particular: ``cspclean`` says more than two common words."""
    return key.isascii() and key.isalpha() and 0 < lexicon.frequency(key) <= max(1.0, tuning.name * lexicon.size)


def _cut(text: str) -> str:
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"
