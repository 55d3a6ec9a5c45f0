"""How what readers say and do becomes one number for an article.

Every reader has one opinion of an article, from -1 to 1: what he said, or else half or a quarter of what he did. The
number is ``(good - bad) / (good + bad + PRIOR)``: near 0 while little is known, and never one person's doing, since
nothing is concluded from fewer than MIN_READERS. Visitors, whom anybody can play many times, have a vote of half the
weight, and all of them together weigh at most VISITORS_TOGETHER.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PRIOR = 10.0
MIN_READERS = 3
VISITOR_WEIGHT = 0.5
VISITORS_TOGETHER = 3.0

OPENED_THEN_LEFT = 0.25
OPENED_THEN_SENT = -0.5
SENT_BY_STAFF = 0.5


@dataclass
class Reading:
    """What one customer did with one article. ``left`` and ``sent`` count how the forms ended in which it was open."""

    vote: bool | None = None
    solved: bool = False
    left: int = 0
    sent: int = 0

    @property
    def opinion(self) -> float:
        """What he said; else what he did most."""
        if self.vote is not None:
            return 1.0 if self.vote else -1.0
        if self.solved:
            return 1.0
        if self.sent >= max(1, self.left):
            return OPENED_THEN_SENT
        return OPENED_THEN_LEFT if self.left else 0.0


def usefulness(opinions: Iterable[float], *, visitors_yes: int = 0, visitors_no: int = 0) -> float:
    """From -1 to 1; 0 when nothing is known."""
    told = [opinion for opinion in opinions if opinion]
    if len(told) + visitors_yes + visitors_no < MIN_READERS:
        return 0.0
    share = weight_of_visitor(visitors_yes + visitors_no)
    good = sum(opinion for opinion in told if opinion > 0) + share * visitors_yes
    bad = sum(-opinion for opinion in told if opinion < 0) + share * visitors_no
    return round((good - bad) / (good + bad + PRIOR), 4)


def weight_of_visitor(visitors: int) -> float:
    """The weight of one visitor's vote among so many."""
    return min(VISITOR_WEIGHT, VISITORS_TOGETHER / visitors) if visitors else 0.0
