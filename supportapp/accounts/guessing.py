"""Passwords that a guesser tries first: common words, walks over the keyboard, and both with a year behind.

The deny-list is ``common_passwords.txt``: words in Latin and Cyrillic, one a line. A password is guessable when nothing
is left of it but a few of those words, runs of neighbouring keys, and a handful of digits or signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("common_passwords.txt")
ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "`1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "ёйцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю.",
)
SHORTEST_RUN = 3
MOST_PIECES = 3
MOST_LOOSE_CHARACTERS = 6
LONGEST_REPEATED_UNIT = 5
FEWEST_DIFFERENT_CHARACTERS = 4
_LEET = str.maketrans("013457@$!", "oieastasi")


def is_guessable(password: str, names: Iterable[str] = ()) -> bool:
    """Whether ``password`` is of the sort tried first; ``names`` are further words a guesser would think of."""
    text = password.casefold()
    if len(set(text)) < FEWEST_DIFFERENT_CHARACTERS or _is_repetition(text):
        return True
    words = (*(name.casefold() for name in names), *common_words())
    return any(_is_made_of(variant, words) for variant in (text, text.translate(_LEET)))


@cache
def common_words() -> tuple[str, ...]:
    """The deny-list, longest first."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return tuple(sorted({line.strip() for line in lines if line and not line.startswith("#")}, key=len, reverse=True))


def _is_repetition(text: str) -> bool:
    """Whether a short unit makes the whole: ``ab12ab12ab12``."""
    return 0 < (text + text).find(text, 1) <= min(LONGEST_REPEATED_UNIT, len(text) - 1)


def _is_made_of(text: str, words: Iterable[str]) -> bool:
    pieces = 0
    for word in words:
        pieces += word in text
        text = text.replace(word, "\0")
    text, runs = _without_runs(text)
    loose = [c for c in text if c != "\0"]
    return (
        0 < pieces + runs <= MOST_PIECES and len(loose) <= MOST_LOOSE_CHARACTERS and not any(c.isalpha() for c in loose)
    )


def _without_runs(text: str) -> tuple[str, int]:
    """``text`` without its runs of neighbouring keys, and how many they were."""
    rest, runs, start = [], 0, 0
    while start < len(text):
        length = _run_length(text, start)
        if length >= SHORTEST_RUN:
            runs += 1
            start += length
        else:
            rest.append(text[start])
            start += 1
    return "".join(rest), runs


def _run_length(text: str, start: int) -> int:
    """How many characters from ``start`` on are neighbours in one row, to the right or to the left."""
    return max(_along(row, text, start) for line in ROWS for row in (line, line[::-1]))


def _along(row: str, text: str, start: int) -> int:
    length = 0
    for place in (match.start() for match in re.finditer(re.escape(text[start]), row)):
        here = 0
        while place + here < len(row) and start + here < len(text) and row[place + here] == text[start + here]:
            here += 1
        length = max(length, here)
    return length
