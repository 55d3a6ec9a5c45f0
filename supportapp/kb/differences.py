"""What changed between two texts, word by word, for people to read. Standard library only.

The work is bounded whatever the texts are: words that stand once in both are anchors, found in one go; between anchors
``difflib`` compares, as long as a budget lasts, and what it cannot afford is shown as taken out and put in whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

BUDGET = 400_000  # comparisons of one token with another
GAP = 60_000  # of them between two anchors
CONTEXT = 2  # unchanged lines shown around a change
SMALLEST_FOLD = 3

_WORDS = re.compile(r"\w+|[^\w\s]|\s+")
Span = tuple[int, int, int, int]  # from and to in the old text, from and to in the new one


@dataclass(frozen=True)
class Piece:
    """A stretch of text: ``mark`` is "ins", "del", or empty when both texts have it."""

    mark: str
    text: str


@dataclass(frozen=True)
class Passage:
    """Lines in a row. A folded one changed nowhere and is long; ``lines`` says how many it has."""

    pieces: tuple[Piece, ...]
    folded: bool = False
    lines: int = 0

    @property
    def changed(self) -> bool:
        return any(piece.mark for piece in self.pieces)


def compare(old: str, new: str) -> list[Passage]:
    """The new text with what was put in and taken out; empty when nothing changed."""
    if old == new:
        return []
    budget = _Budget(BUDGET)
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    passages: list[Passage] = []
    for same, (i1, i2, j1, j2) in _spans(before, after, budget):
        if same:
            passages += _unchanged(before[i1:i2], first=i1 == 0, last=i2 == len(before) and j2 == len(after))
        else:
            passages.append(Passage(tuple(compare_words("".join(before[i1:i2]), "".join(after[j1:j2]), budget))))
    return passages


def compare_words(old: str, new: str, budget: _Budget | None = None) -> list[Piece]:
    """The same for a line or two, without folding."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    for same, (i1, i2, j1, j2) in _spans(before, after, budget or _Budget(BUDGET)):
        if same:
            pieces.append(Piece("", "".join(before[i1:i2])))
        else:
            changed = Piece("del", "".join(before[i1:i2])), Piece("ins", "".join(after[j1:j2]))
            pieces += [piece for piece in changed if piece.text]
    return _without_crumbs(pieces)


class _Budget:
    def __init__(self, left: int) -> None:
        self._left = left

    def affords(self, cost: int) -> bool:
        if cost > min(self._left, GAP):
            return False
        self._left -= cost
        return True


def _spans(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[tuple[bool, Span]]:
    """The texts from end to end in stretches that are the same and stretches that differ, in turn."""
    i = j = 0
    for start_old, start_new, size in _joined(_matches(old, new, budget)):
        if (start_old, start_new) != (i, j):
            yield False, (i, start_old, j, start_new)
        i, j = start_old + size, start_new + size
        yield True, (start_old, i, start_new, j)
    if i < len(old) or j < len(new):
        yield False, (i, len(old), j, len(new))


def _matches(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[tuple[int, int, int]]:
    """(place in the old, place in the new, length) of what is the same, in order."""
    head = _shared(zip(old, new, strict=False))
    tail = _shared(zip(reversed(old[head:]), reversed(new[head:]), strict=False))
    end_old, end_new = len(old) - tail, len(new) - tail
    yield 0, 0, head
    i, j = head, head
    for anchor_old, anchor_new in [*_anchors(old[head:end_old], new[head:end_new]), (end_old - head, end_new - head)]:
        to_old, to_new = anchor_old + head, anchor_new + head
        if budget.affords((to_old - i) * (to_new - j)):
            matcher = SequenceMatcher(None, old[i:to_old], new[j:to_new], autojunk=False)
            yield from ((i + a, j + b, size) for a, b, size in matcher.get_matching_blocks())
        if to_old < end_old:
            yield to_old, to_new, 1
        i, j = to_old + 1, to_new + 1
    yield end_old, end_new, tail


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The places of what stands once in each text, as many as keep their order: the longest rising row of them."""
    once_old, once_new = Counter(old), Counter(new)
    places = {token: place for place, token in enumerate(new) if once_new[token] == 1}
    pairs = [(i, places[token]) for i, token in enumerate(old) if once_old[token] == 1 and token in places]
    ends: list[int] = []
    chain: list[int] = []  # the pair that ends the best row of each length
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(chain[length - 1] if length else -1)
        ends[length : length + 1], chain[length : length + 1] = [place], [number]
    row, step = [], chain[-1] if chain else -1
    while step >= 0:
        row.append(pairs[step])
        step = before[step]
    return row[::-1]


def _joined(matches: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Matches without empty ones; neighbours are one."""
    last: tuple[int, int, int] | None = None
    for i, j, size in matches:
        if last and (last[0] + last[2], last[1] + last[2]) == (i, j):
            last = last[0], last[1], last[2] + size
        elif size:
            if last:
                yield last
            last = i, j, size
    if last and last[2]:
        yield last


def _shared(pairs: Iterable[tuple[str, str]]) -> int:
    number = 0
    for one, other in pairs:
        if one != other:
            break
        number += 1
    return number


def _unchanged(lines: list[str], *, first: bool, last: bool) -> list[Passage]:
    """A few lines around the changes are shown, the rest is folded."""
    above, below = 0 if first else CONTEXT, 0 if last else CONTEXT
    if len(lines) - above - below < SMALLEST_FOLD:
        return [Passage((Piece("", "".join(lines)),))]
    end = len(lines) - below
    folded = Passage((Piece("", "".join(lines[above:end])),), folded=True, lines=end - above)
    shown = [Passage((Piece("", "".join(part)),)) if part else None for part in (lines[:above], lines[end:])]
    return [passage for passage in (shown[0], folded, shown[1]) if passage]


def _without_crumbs(pieces: list[Piece]) -> list[Piece]:
    """A lone blank between two changes belongs to them: "red fox -> blue dog" is one change, not two."""
    found: list[Piece] = []
    for number, piece in enumerate(pieces):
        between = 0 < number < len(pieces) - 1 and pieces[number - 1].mark and pieces[number + 1].mark
        if between and not piece.mark and not piece.text.strip() and "\n" not in piece.text:
            found += [Piece("del", piece.text), Piece("ins", piece.text)]
        else:
            found.append(piece)
    return list(_merged(found))


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """In a run of changes what was taken out stands before what was put in."""
    out = put = ""
    for piece in [*pieces, Piece("", "")]:
        if piece.mark:
            out, put = (out + piece.text, put) if piece.mark == "del" else (out, put + piece.text)
            continue
        yield from (Piece(mark, text) for mark, text in (("del", out), ("ins", put)) if text)
        out = put = ""
        if piece.text:
            yield piece
