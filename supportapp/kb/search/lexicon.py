"""The words of the knowledge base: how many articles have each, how they sound, and which are spelt alike."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import cached_property
from itertools import islice, takewhile

from supportapp.kb.search.stems import stem

SHORTEST, LONGEST = 3, 30
ALIKE = 60  # candidates of which the spelling is compared letter by letter
LOOKED_AT = 500
MOST_MEANT = 5_000  # words whose mending is remembered

_DIGRAPHS = {
    **{"shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "ck": "к", "ph": "ф", "th": "т"},
    **{"yo": "е", "jo": "е", "yu": "ю", "ju": "ю", "ya": "я", "ja": "я", "ye": "е", "oo": "у", "ee": "и", "qu": "кв"},
    **dict(zip("abvgdezijklmnoprstufhcwqx", "абвгдезийклмнопрстуфхквкк", strict=True)),
    "x": "кс",
    "'": "ь",
}
_LATIN = re.compile("|".join(sorted(_DIGRAPHS, key=len, reverse=True)) + "|(?<=[aeiouy])y|y")
_SAME_SOUND = str.maketrans("ёйыэщцюя", "еииешсуа", "ъь")
_DOUBLED = re.compile(r"(.)\1+")


def in_cyrillic(word: str) -> str:
    """A lower-case Latin word as a Russian would write it by ear."""
    return _LATIN.sub(lambda found: _DIGRAPHS.get(found[0]) or ("й" if found.start() else "ы"), word)


def sound(word: str) -> str:
    """What the spellings of a word in both scripts have in common: ``rutoken`` and ``рутокен`` sound the same."""
    word = in_cyrillic(word) if word.isascii() else word
    return _DOUBLED.sub(r"\1", word.translate(_SAME_SOUND).replace("тс", "с"))


class _Meant(dict[str, list[str]]):
    """The keys that unknown ones were mended to; begun anew when they are many."""

    def __setitem__(self, key: str, meant: list[str]) -> None:
        if len(self) >= MOST_MEANT:
            self.clear()
        super().__setitem__(key, meant)


def _none(_key: str) -> int:
    return 0


class Lexicon:
    """Made from one state of the index. A later state says of words that came since how often they stand there."""

    def __init__(self, frequencies: Mapping[str, int], size: int) -> None:
        self._frequencies = frequencies
        self._later: Callable[[str], int] = _none
        self.size = size  # how many articles there were
        self.meant = _Meant()  # rests on these words alone, so that a later state may use it, too
        self._words = [key for key in frequencies if key.isalpha() and SHORTEST <= len(key) <= LONGEST]

    def frequency(self, key: str) -> int:
        """In how many articles the key stands."""
        return self._frequencies.get(key) or self._later(key)

    def __contains__(self, key: str) -> bool:
        return self.frequency(key) > 0

    def at(self, later: Callable[[str], int]) -> Lexicon:
        """The same words with another state's frequencies for those that are not among them. What is reckoned stays."""
        other = copy(self)
        other._later = later
        return other

    def heard_as(self, word: str) -> list[str]:
        """Keys of either script that sound like the word."""
        heard = self._by_sound.get(sound(word), [])
        return heard + self._by_sound.get(sound(stem(in_cyrillic(word))), []) if word.isascii() else heard

    def beginning_with(self, letters: str, limit: int) -> list[str]:
        """Keys that begin so, the most frequent first; of very many the first in the alphabet are looked at."""
        first = bisect_left(self._in_order, letters)
        begun = takewhile(lambda key: key.startswith(letters), islice(self._in_order, first, first + LOOKED_AT))
        return sorted(begun, key=lambda key: (-self._frequencies[key], key))[:limit]

    def spelt_like(self, key: str) -> list[str]:
        """Keys that share most three-letter pieces with this one."""
        shared = Counter[int]()
        for piece in set(_pieces(key)):
            shared.update(self._by_piece.get(piece, ()))
        return [self._words[number] for number, _ in shared.most_common(ALIKE)]

    def warm(self) -> None:
        """Reckon now what would otherwise be reckoned when first asked for."""
        _ = self._by_sound, self._by_piece, self._in_order

    @cached_property
    def _by_sound(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for key in self._words:
            found[sound(key)].append(key)
            if key.isascii() and (stemmed := sound(stem(in_cyrillic(key)))) != sound(key):
                found[stemmed].append(key)
        return dict(found)

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self._words)

    @cached_property
    def _by_piece(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, key in enumerate(self._words):
            for piece in set(_pieces(key)):
                found[piece].append(number)
        return dict(found)


def _pieces(key: str) -> Iterator[str]:
    framed = f"^{key}$"
    return (framed[i : i + 3] for i in range(len(framed) - 2))
