"""Texts that ask the same, found by the rare words they share. Pure, and bounded in its work."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from supportapp.kb.search.words import words

READ = 200  # of a text: its subject, and how it begins
MOST_KEYS = 12
CLUES = 5  # of a text: its rarest shared words, by which others are looked up
MOST_NEAR = 30  # groups that are looked at for a clue
ALIKE = 0.5
CODE = 2.5  # an error code tells so much more than a word


@dataclass
class Likeness:
    """Texts by their places, and the words that hold them together, the telling ones first."""

    members: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def group(texts: Sequence[str]) -> list[Likeness]:
    """Put each text to the group whose first text is most like it, or begin one; the biggest groups first.

    Two texts are alike by the weight of the words they share beside the weight of all their words, so that a short
    question may join a long one; rare words weigh more, and error codes most. A text without a telling word belongs to
    no group.
    """
    known = [_keys(text[:READ]) for text in texts]
    frequency = Counter(key for keys in known for key in keys)
    weight = {key: math.log(1 + len(texts) / number) for key, number in frequency.items()}
    codes = {key for keys in known for key, telling in keys.items() if telling > 1}
    weight |= dict.fromkeys(codes, CODE * math.log(1 + len(texts)))
    groups: list[tuple[Likeness, dict[str, float], float]] = []
    by_clue: dict[str, list[int]] = defaultdict(list)
    for place, keys in enumerate(known):
        own = {key: weight[key] for key in sorted(keys, key=lambda key: (-weight[key], key))[:MOST_KEYS]}
        if not own:
            continue
        clues = [key for key in own if frequency[key] > 1][:CLUES]
        size = sum(own.values())
        near = {number for clue in clues for number in by_clue[clue][:MOST_NEAR]}
        best, number = max(((_alike(own, size, groups[n][1], groups[n][2]), -n) for n in near), default=(0.0, 0))
        if best >= ALIKE:
            groups[-number][0].members.append(place)
            continue
        for clue in clues:
            by_clue[clue].append(len(groups))
        groups.append((Likeness([place]), own, size))
    found = [like for like, _own, _size in groups]
    for like in found:
        like.words = _shared(like, texts, known, weight)
    return sorted(found, key=lambda like: (-len(like.members), like.members[0]))


def _alike(own: dict[str, float], size: float, other: dict[str, float], other_size: float) -> float:
    shared = sum(weight for key, weight in own.items() if key in other)
    return shared / math.sqrt(size * other_size)


def _shared(
    like: Likeness, texts: Sequence[str], known: Sequence[dict[str, int]], weight: dict[str, float]
) -> list[str]:
    """The words of more than half of the group, as the first text spells them."""
    if len(like.members) < 2:
        return []
    counted = Counter(key for place in like.members for key in known[place])
    common = {key for key, number in counted.items() if number * 2 > len(like.members)}
    first = texts[like.members[0]][:READ]
    spelt = {word.key: first[word.start : word.end] for word in words(first)}
    return [spelt[key] for key in sorted(common & spelt.keys(), key=lambda key: -weight[key])][:6]


@lru_cache(maxsize=6_000)
def _keys(text: str) -> dict[str, int]:
    return {word.key: word.telling for word in words(text) if word.telling}
