"""Words and phrases that mean the same. A list ships with the portal (synonyms.txt), editors add lines of their own.

A line is a group, ``ЭП, ЭЦП, электронная подпись``, or a one-way rule, ``винда -> windows``: who asks for the left is
shown the right too, and not the other way round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from supportapp.kb.search.words import keys

Way = tuple[str, ...]
LONGEST = 4
SHIPPED = Path(__file__).with_name("synonyms.txt")
ARROW = "->"


class Thesaurus:
    """What else may be asked for instead of a word or phrase, by its keys."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._instead: dict[Way, dict[Way, None]] = defaultdict(dict)
        for asked, shown in _rules(lines):
            for way in asked:
                self._instead[way].update((other, None) for other in shown if other != way)

    def instead_of(self, way: Way) -> list[Way]:
        """The other ways to say it; none for most words."""
        return list(self._instead.get(way, ()))

    def phrases(self, asked: Sequence[str]) -> Iterator[Way]:
        """The phrases of two words and more that stand in ``asked``."""
        for start in range(len(asked)):
            for end in range(start + 2, min(start + LONGEST, len(asked)) + 1):
                if (way := tuple(asked[start:end])) in self._instead:
                    yield way


def members(side: str) -> list[Way]:
    """The keys of each member of one side of a line; members of stop words alone are left out."""
    return list(dict.fromkeys(way for part in side.split(",") if (way := tuple(keys(part))) and len(way) <= LONGEST))


@cache
def shipped_lines() -> tuple[str, ...]:
    """The lines of the list that ships, without comments."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in map(str.strip, lines) if line and not line.startswith("#"))


def _rules(lines: Iterable[str]) -> Iterator[tuple[list[Way], list[Way]]]:
    for line in lines:
        asked, arrow, shown = line.partition(ARROW)
        yield members(asked), members(shown if arrow else asked)
