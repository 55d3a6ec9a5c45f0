"""Pages that know where they begin instead of their number: the last costs what the first does."""

from __future__ import annotations

import base64
import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Enum, Integer, literal, tuple_
from sqlalchemy.orm import Query

from supportapp.database import GREATEST_ID, UtcDateTime
from supportapp.staff.tickets.orders import Chosen, Groups
from supportapp.tickets.models import Ticket

LAST = "last"
LONGEST = 2_000
Keys = tuple[Any, ...]


@dataclass(frozen=True)
class Place:
    """Where a page lies: after a row, before a row, or (without ``keys``) at one of the two ends."""

    backwards: bool = False
    keys: Keys | None = None


@dataclass(frozen=True)
class Page:
    """The tickets of one page by their keys, and the ways on; None where the list ends."""

    ids: list[int]
    previous: str | None
    next: str | None


def place_of(args: Mapping[str, str], chosen: Chosen) -> Place:
    """The place that an address names; the beginning when it names none that can be read in this order."""
    if args.get("before") == LAST:
        return Place(backwards=True)
    for name, backwards in (("before", True), ("after", False)):
        keys = _read(args.get(name, ""), chosen)
        if keys is not None:
            return Place(backwards, keys)
    return Place()


def read_page(tickets: Query[Ticket], chosen: Chosen, place: Place, size: int) -> Page:
    """At most ``size`` tickets from that place on, in the list's order."""
    find = _in_groups if isinstance(chosen.order, Groups) else _in_line
    rows = find(tickets, chosen, place, size + 1)
    more, rows = len(rows) > size, rows[:size]
    if place.backwards:
        rows.reverse()
    before = more if place.backwards else place.keys is not None
    after = place.keys is not None if place.backwards else more
    return Page(
        ids=[row[-1] for row in rows],
        previous=_written(rows[0], chosen) if rows and before else None,
        next=_written(rows[-1], chosen) if rows and after else None,
    )


def _in_line(tickets: Query[Ticket], chosen: Chosen, place: Place, limit: int) -> list[Keys]:
    order, down = chosen.order, chosen.descending != place.backwards
    query = order.joined(tickets).with_entities(*order.keys)
    return _rows(query, order.keys, place.keys, limit, down=down)


def _in_groups(tickets: Query[Ticket], chosen: Chosen, place: Place, limit: int) -> list[Keys]:
    order, down = chosen.order, chosen.descending != place.backwards
    assert isinstance(order, Groups)
    groups, found = order.groups(), list[Keys]()
    if down:
        groups.reverse()
    group, *here = place.keys or (groups[0],)
    for key in groups[groups.index(group) if group in groups else 0 :]:
        query = tickets.with_entities(*order.keys[1:])
        query = query.filter(order.column.is_(None) if key is None else order.column == key)
        rows = _rows(query, order.keys[1:], here if key == group else (), limit - len(found), down=down)
        found += [(key, *row) for row in rows]
        if len(found) >= limit:
            break
    return found


def _rows(query: Query[Any], keys: Keys, here: Sequence[Any] | None, limit: int, *, down: bool) -> list[Keys]:
    """The first rows in the order of ``keys``, beyond ``here`` when that says something."""
    if here:
        values = [literal(value, key.type) for key, value in zip(keys, here, strict=True)]
        query = query.filter(tuple_(*keys) < tuple_(*values) if down else tuple_(*keys) > tuple_(*values))
        # the same said of the first key alone: an index of another table than the ticket's is found by it
        query = query.filter(keys[0] <= values[0] if down else keys[0] >= values[0])
    rows = query.order_by(*(key.desc() if down else key for key in keys)).limit(limit)
    return [tuple(row) for row in rows]


def _written(keys: Sequence[Any], chosen: Chosen) -> str:
    values = [chosen.name, chosen.descending, *(_plain(value) for value in keys)]
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.value if isinstance(value, enum.Enum) else value


def _read(text: str, chosen: Chosen) -> Keys | None:
    """The keys in a cursor of this very order; None for any other text."""
    if not text or len(text) > LONGEST:
        return None
    try:
        name, descending, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if (name, descending) != (chosen.name, chosen.descending):
            return None
        return tuple(_value(key, value) for key, value in zip(chosen.order.keys, values, strict=True))
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None


def _value(key: Any, value: Any) -> Any:
    """What the key's column holds; ValueError for what it never can."""
    if value is None and key.property.columns[0].nullable:
        return None
    if isinstance(key.type, Integer):
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > GREATEST_ID:
            raise ValueError
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    value.encode()  # a lone surrogate has no bytes
    if isinstance(key.type, UtcDateTime):
        return _moment(value)
    kind = key.type.enum_class if isinstance(key.type, Enum) else None
    return kind(value) if kind is not None else value


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.utcoffset() is None or found.utcoffset():
        raise ValueError
    return found
