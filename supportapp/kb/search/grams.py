"""Four-letter pieces of words: a second opinion that needs no grammar, and forgives typos and endings."""

from __future__ import annotations

import re

SIZE = 4
MOST = 600
LEAD = 300  # characters of an article's text that count beside its title

_WORD = re.compile(r"[0-9a-zа-я]+")


def grams(text: str, most: int = MOST) -> list[str]:
    """The pieces of ``text`` in order, a word's beginning and end marked by "_"; at most ``most``."""
    found: list[str] = []
    for word in _WORD.findall(text.lower().replace("ё", "е")):
        framed = f"_{word}_"
        found += [framed[i : i + SIZE] for i in range(max(1, len(framed) - SIZE + 1))]
        if len(found) >= most:
            break
    return found[:most]
