"""How soon the first response and the solution came, in working time, and whether promises were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select

from supportapp.certificates.models import SupportLevel
from supportapp.extensions import db
from supportapp.reports.behind import FINISHED, first_response, resolution, within
from supportapp.reports.rules import Days, percentile
from supportapp.tickets.models import Ticket

OUTCOMES = ("kept", "missed", "running")


@dataclass(frozen=True)
class Times:
    """Minutes of support hours: how many tickets, the middle one, and what nine of ten did not exceed."""

    number: int
    median: int | None
    ninth: int | None


@dataclass(frozen=True)
class LevelTimes:
    """One support level; None for tickets without any."""

    level: SupportLevel | None
    response: Times
    solution: Times


def level_times(days: Days) -> list[LevelTimes]:
    """First responses of the tickets that came in these days, solutions of those that were closed in them."""
    responses = _minutes(Ticket.first_response_minutes, within(Ticket.created_at, days))
    closed = within(Ticket.closed_at, days) & Ticket.close_reason.in_(FINISHED)
    solutions = _minutes(Ticket.resolution_minutes, closed)
    return [
        LevelTimes(level, _times(responses.get(key, [])), _times(solutions.get(key, [])))
        for key, level in _levels()
        if level is not None or key in responses or key in solutions
    ]


@dataclass(frozen=True)
class Promises:
    """Of the tickets of one level that came in a period: by the outcome of each promise, in the order of OUTCOMES."""

    level: SupportLevel
    response: tuple[int, ...]
    resolution: tuple[int, ...]


def promises(days: Days) -> list[Promises]:
    """Levels that promise something, by priority."""
    wanted = [_sum(first_response(how)) for how in OUTCOMES] + [_sum(resolution(how)) for how in OUTCOMES]
    counted = select(Ticket.level_id, *wanted).where(within(Ticket.created_at, days), Ticket.level_id.is_not(None))
    rows = {row[0]: tuple(int(n) for n in row[1:]) for row in db.session.execute(counted.group_by(Ticket.level_id))}
    return [
        Promises(level, rows.get(key, (0,) * 6)[:3], rows.get(key, (0,) * 6)[3:])
        for key, level in _levels()
        if level is not None
    ]


def _levels() -> list[tuple[int | None, SupportLevel | None]]:
    levels = db.session.scalars(select(SupportLevel).order_by(SupportLevel.priority, SupportLevel.id))
    return [*((level.id, level) for level in levels), (None, None)]


def _minutes(column: Any, condition: Any) -> dict[int | None, list[tuple[int, int]]]:
    """By level: each number of minutes and how often it occurs, ascending."""
    counted = select(Ticket.level_id, column, func.count()).where(condition, column.is_not(None))
    found: dict[int | None, list[tuple[int, int]]] = {}
    for level, minutes, number in db.session.execute(counted.group_by(Ticket.level_id, column)):
        found.setdefault(level, []).append((minutes, number))
    for pairs in found.values():
        pairs.sort()
    return found


def _times(pairs: Sequence[tuple[int, int]]) -> Times:
    number = sum(count for _, count in pairs)
    return Times(number, percentile(list(pairs), 0.5), percentile(list(pairs), 0.9))


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
