"""Mending what was typed: the wrong keyboard layout, Latin letters for Russian words, run-together words and typos.

Nothing is mended that the knowledge base or the dictionary of Russian knows, and what it is mended to the former has.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from supportapp.kb.search.lexicon import SHORTEST, Lexicon, in_cyrillic
from supportapp.kb.search.stems import stem
from supportapp.kb.search.words import words

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>"
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбюЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"
_TO_RUSSIAN = str.maketrans(_LATIN, _RUSSIAN)
_TO_LATIN = str.maketrans(_RUSSIAN, _LATIN)
_CHUNK = re.compile(r"\S{2,64}")
_ENDS_LIKE_A_SENTENCE = re.compile(r"[,.;:]$")
_BEST = 3
_SHORT_WORD = 7  # a shorter key may have one wrong letter, a longer one two


def in_right_layout(text: str, lexicon: Lexicon) -> str:
    """``ghbdtn`` as ``привет``: chunk by chunk, where the other layout gives words that we know and this one none."""
    return _CHUNK.sub(lambda found: _other_layout(found[0], lexicon), text)


def _other_layout(chunk: str, lexicon: Lexicon) -> str:
    latin, russian = bool(re.search("[A-Za-z]", chunk)), bool(re.search("[А-Яа-яЁё]", chunk))
    if latin == russian or any(word.key in lexicon for word in words(chunk)):
        return chunk
    table = _TO_RUSSIAN if latin else _TO_LATIN
    spellings = [chunk.translate(table)]
    if latin and _ENDS_LIKE_A_SENTENCE.search(chunk):  # a comma, or the letter on its key
        spellings.append(chunk[:-1].translate(table) + chunk[-1])
    return next((spelling for spelling in spellings if _makes_sense(spelling, lexicon)), chunk)


def _makes_sense(spelling: str, lexicon: Lexicon) -> bool:
    found = list(words(spelling))
    known = [word for word in found if word.key in lexicon or word.telling == 0]
    return bool(found) and len(known) == len(found) and any(word.end - word.start >= 3 for word in found)


def mended(word: str, key: str, lexicon: Lexicon) -> list[tuple[str, ...]]:
    """What an unknown lower-case word may have been meant to be, best first: keys, or two keys run together."""
    if not word.isalpha():
        return []
    if word.isascii():
        heard = _transliterated(word, lexicon)
        return [(other,) for other in heard or _without_typo(key, lexicon)]
    if in_dictionary(word):
        return []
    parts = _split(word, lexicon)
    return [parts] if parts else [(other,) for other in _without_typo(key, lexicon)]


def _transliterated(word: str, lexicon: Lexicon) -> list[str]:
    """Keys of a Russian word that was written with Latin letters."""
    by_ear = in_cyrillic(word)
    for spelling in (by_ear, "тс".join(in_cyrillic(part) for part in word.split("ts")), by_ear + "ь"):
        key = stem(spelling)
        if len(key) >= SHORTEST and key in lexicon:
            return [key]
    return [other for other in lexicon.heard_as(stem(by_ear)) if not other.isascii()][:_BEST]


def _split(word: str, lexicon: Lexicon) -> tuple[str, str] | None:
    """``пинкод`` as ``пин`` and ``код``."""
    for at in range(3, len(word) - 2):
        first, second = word[:at], word[at:]
        keys = stem(first), stem(second)
        if all(lexicon.frequency(key) > 1 for key in keys) and in_dictionary(first) and in_dictionary(second):
            return keys
    return None


def _without_typo(key: str, lexicon: Lexicon) -> list[str]:
    """Reckoned once a word: while a person types, all words but the last stay what they were."""
    if len(key) < 4:
        return []
    known = lexicon.meant.get(key)
    if known is None:
        known = lexicon.meant[key] = _nearest(key, lexicon)
    return known


def _nearest(key: str, lexicon: Lexicon) -> list[str]:
    allowed = 1 if len(key) < _SHORT_WORD else 2
    near = [(distance(key, other, allowed), -lexicon.frequency(other), other) for other in lexicon.spelt_like(key)]
    near = sorted(entry for entry in near if entry[0] <= allowed)
    return [other for steps, _, other in near if steps == near[0][0]][:_BEST]


def distance(one: str, other: str, limit: int) -> int:
    """Damerau-Levenshtein with neighbours swapped once (optimal string alignment); ``limit`` + 1 when it is more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    one, other = _where_they_differ(one, other)
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        current = [i]
        for j, b in enumerate(other, 1):
            steps = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                steps = min(steps, before[j - 2] + 1)
            current.append(steps)
        if min(current) > limit:
            return limit + 1
        before, row = row, current
    return min(row[-1], limit + 1)


def _where_they_differ(one: str, other: str) -> tuple[str, str]:
    """Both without the letters that they begin and end with in common."""
    shorter = min(len(one), len(other))
    start = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if one[-1 - at] != other[-1 - at]), rest)
    return one[start : len(one) - end], other[start : len(other) - end]


@lru_cache(maxsize=50_000)
def in_dictionary(word: str) -> bool:
    """Whether Russian has this form of a word (ё may be written е)."""
    return bool(_dictionary().word_is_known(word))


@cache
def _dictionary() -> Any:
    import pymorphy3  # 70 ms and 30 MB that only a person with a typo costs

    return pymorphy3.MorphAnalyzer()
