"""Who is to work on a ticket: pure rules on keys and numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

# Roles whose holders work on tickets.
DESK_ROLES = ("Engineer", "Manager", "Admin")
StandIn = Callable[[int], int | None]


@dataclass(frozen=True, order=True)
class Rule:
    """An active rule; ``product_id`` and ``level_id`` None fit any, tickets without one included. Rules are sorted by
    their places, of two with the same place the older one is first; one that is not saved yet has the key 0."""

    place: int
    product_id: int | None
    level_id: int | None
    engineers: frozenset[int]
    id: int = 0

    def fits(self, product_id: int | None, level_id: int | None) -> bool:
        """Whether tickets of this product and level are meant."""
        return self.product_id in (None, product_id) and self.level_id in (None, level_id)


def fitting(rules: Iterable[Rule], product_id: int | None, level_id: int | None) -> Rule | None:
    """The first rule by place that fits, and no other after it; None when none does."""
    found = (rule for rule in rules if rule.fits(product_id, level_id))
    return min(found, key=lambda rule: (rule.place, rule.id), default=None)


def candidates(rule: Rule, stand_in: StandIn) -> set[int]:
    """Who may get the ticket now. ``stand_in`` says who works for an engineer: he himself, his deputy while he is
    absent, or nobody."""
    return {person for key in rule.engineers if (person := stand_in(key)) is not None}


def choose(people: Iterable[int], open_tickets: Mapping[int, int]) -> int | None:
    """Who has the fewest open tickets; of several the one with the smallest key. None when nobody is there."""
    return min(people, key=lambda key: (open_tickets.get(key, 0), key), default=None)


def stand_in(key: int, *, here: Collection[int], away: Mapping[int, int]) -> int | None:
    """Who works for the colleague ``key``: he himself, or his deputy when he is ``away`` (from whom to whom).
    Nobody for one who is not ``here`` at all, nor when the deputy has gone or is away as well."""
    if key not in here:
        return None
    deputy = away.get(key, key)
    return deputy if deputy in here and (deputy == key or deputy not in away) else None
