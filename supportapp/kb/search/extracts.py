"""The place of an article that answers, with the found words marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from supportapp.kb.search.words import words

WIDTH = 220
BEFORE = 40
SCANNED = 4_000

_Place = tuple[str, int, int]
_HEADING = re.compile(r"(?<![.!?:;,…])\n+")
_BREAK = re.compile(r"\n+")


def extract(text: str, keys: Collection[str]) -> Markup:
    """Safe HTML: about WIDTH characters where the most different ``keys`` stand, each in ``<mark>``; else the lead."""
    scanned = text[:SCANNED].rstrip()
    found = [place for place in _places(scanned) if place[0] in keys]
    start, end = _window(scanned, found)
    before, after = "… " if start else "", " …" if end < len(text.rstrip()) else ""
    return Markup("{}{}{}").format(before, _marked(scanned, start, end, found), after)


def marked(text: str, keys: Collection[str]) -> Markup:
    """The whole of a short text as safe HTML with the words of ``keys`` in ``<mark>``."""
    return _marked(text, 0, len(text), [place for place in _places(text) if place[0] in keys])


@lru_cache(maxsize=256)
def _places(text: str) -> tuple[_Place, ...]:
    """Where the words stand; kept, because the same articles come up with every letter that is typed."""
    return tuple((word.key, word.start, word.end) for word in words(text))


def _window(text: str, found: Sequence[_Place]) -> tuple[int, int]:
    best, telling = 0, 0
    for number, (_, first, _) in enumerate(found):
        near = {key for key, _, end in found[number : number + 30] if end <= first + WIDTH}
        if len(near) > telling:
            best, telling = first, len(near)
    start = max(0, best - BEFORE)
    if start:
        line = text.rfind("\n", start, best) + 1
        start = line or text.find(" ", start, best) + 1 or best
    end = min(len(text), start + WIDTH + BEFORE)
    if end < len(text):
        end = max(text.rfind(" ", start + 1, end), start + 1)
    return start, end


def _marked(text: str, start: int, end: int, found: Sequence[_Place]) -> Markup:
    parts, at = [], start
    for _, first, last in found:
        if first < at or last > end:  # a part of a name that is marked whole, or outside
            continue
        parts += [_plain(text[at:first]), Markup("<mark>{}</mark>").format(text[first:last])]
        at = last
    return Markup("").join([*parts, _plain(text[at:end])])


def _plain(text: str) -> Markup:
    """A heading is told from what follows it; the end of a sentence needs no mark."""
    return escape(_BREAK.sub(" ", _HEADING.sub(" · ", text)))
