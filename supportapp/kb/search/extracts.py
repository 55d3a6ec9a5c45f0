"""The place of an article that answers, with the found words marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from markupsafe import Markup, escape

from supportapp.kb.search.words import Word, words

WIDTH = 220
SCANNED = 5_000


def extract(text: str, keys: Collection[str]) -> Markup:
    """Safe HTML: about WIDTH characters where the most different ``keys`` stand, each in ``<mark>``; else the lead."""
    scanned = text[:SCANNED]
    found = [word for word in words(scanned) if word.key in keys]
    start, end = _window(scanned, found)
    inside = [word for word in found if start <= word.start and word.end <= end]
    before, after = "… " if start else "", " …" if end < len(text.rstrip()) else ""
    return Markup("{}{}{}").format(before, _marked(scanned, start, end, inside), after)


def _window(text: str, found: Sequence[Word]) -> tuple[int, int]:
    best, telling = 0, 0
    for number, first in enumerate(found):
        near = {word.key for word in found[number : number + 30] if word.end <= first.start + WIDTH}
        if len(near) > telling:
            best, telling = first.start, len(near)
    start = max(0, best - 40)
    if start:
        start = text.find(" ", start, best) + 1 or best
    end = min(len(text), start + WIDTH + 40)
    if end < len(text):
        end = max(text.rfind(" ", start + 1, end), start + 1)
    return start, end


def _marked(text: str, start: int, end: int, found: Sequence[Word]) -> Markup:
    parts, at = [], start
    for word in found:
        if word.start < at:  # a part of a name that is marked whole
            continue
        parts += [escape(text[at : word.start]), Markup("<mark>{}</mark>").format(text[word.start : word.end])]
        at = word.end
    return Markup("").join([*parts, escape(text[at:end])])
