"""A text to the keys it is found by: stems, numbers, whole names, and every spelling of an error code as one key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from supportapp.kb.search.stems import stem
from supportapp.kb.search.stopwords import GREETINGS, STOP_WORDS

MAX_WORD = 48
_PATTERN = re.compile(
    r"(?<!\w)(?P<hex>0[xхXХ][0-9a-fA-FАаВвСсЕе]{1,16})(?!\w)"
    r"|(?<!\w)(?P<bare>[89a-fA-F][0-9a-fA-F]{7})(?!\w)"
    r"|(?<![\w.])(?P<decimal>-?[1-9][0-9]{8,9})(?![\w.])"
    r"|(?P<name>[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+)"
    r"|(?P<number>\d+(?:\.\d+)+)"
    r"|(?P<word>[^\W_]+)"
)
_LOOKALIKES = str.maketrans("АаВвСсЕехХ", "AaBbCcEexX")


class Word(NamedTuple):
    """A key and where in the text it stands. ``telling`` is how much it says: 0 small talk, 1 a word, 2 a code."""

    key: str
    start: int
    end: int
    telling: int


def words(text: str) -> Iterator[Word]:
    """The words of ``text`` that can be searched for, in order. Names like NTE_BAD_KEYSET come whole and in parts."""
    for found in _PATTERN.finditer(text):
        kind, spelt, (start, end) = found.lastgroup, found[0], found.span()
        if kind == "hex":
            yield Word(_code(int(spelt[2:].translate(_LOOKALIKES), 16)), start, end, 2)
        elif kind == "bare" and any(c.isdigit() for c in spelt):
            yield Word(_code(int(spelt, 16)), start, end, 2)
        elif kind == "decimal" and (code := _from_decimal(int(spelt))):
            yield Word(code, start, end, 2)
        elif kind == "name":
            yield Word(spelt.lower()[:MAX_WORD], start, end, 2)
            for part in re.finditer(r"[^_]+", spelt):
                yield from _plain(part[0], start + part.start())
        else:
            yield from _plain(spelt, start)


def keys(text: str) -> list[str]:
    """The keys of ``text`` in order, as the index keeps them."""
    return [word.key for word in words(text)]


def _plain(spelt: str, start: int) -> Iterator[Word]:
    known = _key_of(spelt)
    if known is not None:
        yield Word(known[0], start, start + len(spelt), known[1])


@lru_cache(maxsize=50_000)
def _key_of(spelt: str) -> tuple[str, int] | None:
    """The key of a plain word and how much it says; None when it is not searched for."""
    lower = spelt.lower().replace("ё", "е")
    if len(lower) > MAX_WORD or lower in STOP_WORDS or (len(lower) < 2 and not lower.isdigit()):
        return None
    return stem(lower), 0 if lower in GREETINGS else 1


def _code(value: int) -> str:
    return f"0x{value:08x}"


def _from_decimal(value: int) -> str | None:
    """Windows shows 0x80090016 as -2146893802 or 2148073494 too."""
    if -(2**31) <= value < 0:
        value += 2**32
    return _code(value) if 2**31 <= value < 2**32 else None
