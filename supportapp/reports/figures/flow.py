"""What came in, what was closed, what was open; and what customers said to solutions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from supportapp.extensions import db, settings
from supportapp.reports.behind import came_back, entries, open_at, opinions, within
from supportapp.reports.rules import Days
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.opinions import Opinion
from supportapp.tickets.rules import EventKind, Satisfied

AGES = ((0, 1), (1, 3), (3, 7), (7, 30), (30, None))  # days


@dataclass(frozen=True)
class Flow:
    """One part of a period; ``open`` is how many were open at its end."""

    days: Days
    created: int
    closed: int
    open: int


def flow(parts: Sequence[Days]) -> list[Flow]:
    """Inflow, outflow and backlog. A reopened ticket counts as if it had never been closed."""
    tz = settings.timezone
    before = parts[0].begins(tz)
    numbers = _numbers(
        [_tickets(Ticket.created_at < before), _tickets(Ticket.closed_at < before)]
        + [_tickets(within(column, days)) for days in parts for column in (Ticket.created_at, Ticket.closed_at)]
    )
    left, found = numbers[0] - numbers[1], []
    for days, created, closed in zip(parts, numbers[2::2], numbers[3::2], strict=True):
        left += created - closed
        found.append(Flow(days, created, closed, left))
    return found


def ages(moment: datetime) -> list[int]:
    """How many of the tickets open at ``moment`` were how old, by AGES."""
    counted = []
    for youngest, oldest in AGES:
        old_enough = Ticket.created_at < moment - timedelta(days=youngest)
        limits = [old_enough] if oldest is None else [old_enough, Ticket.created_at >= moment - timedelta(days=oldest)]
        counted.append(_tickets(open_at(moment), *limits))
    return _numbers(counted)


@dataclass(frozen=True)
class Closings:
    """Automatic closings of one part: tickets, and how many of these were reopened at any time after."""

    days: Days
    closed: int
    returned: int


def closings(parts: Sequence[Days]) -> list[Closings]:
    """A ticket that was closed twice in one part counts once."""
    asked = []
    for days in parts:
        closing = entries(EventKind.CLOSED_AUTOMATICALLY, days)
        asked += [_of_timeline(*closing), _of_timeline(*closing, came_back())]
    numbers = _numbers(asked)
    return [Closings(*row) for row in zip(parts, numbers[::2], numbers[1::2], strict=True)]


@dataclass(frozen=True)
class Verdicts:
    """What customers did of one part: accepted a solution, or brought a closed ticket back."""

    days: Days
    accepted: int
    reopened: int

    @property
    def share(self) -> float | None:
        """Of both, the part that was content."""
        both = self.accepted + self.reopened
        return self.accepted / both if both else None


def verdicts(parts: Sequence[Days]) -> list[Verdicts]:
    """Tickets, each once a part and kind."""
    kinds = (EventKind.SOLUTION_ACCEPTED, EventKind.REOPENED)
    numbers = _numbers([_of_timeline(*entries(kind, days)) for days in parts for kind in kinds])
    return [Verdicts(*row) for row in zip(parts, numbers[::2], numbers[1::2], strict=True)]


@dataclass(frozen=True)
class Answers:
    """What customers answered in one part when they were asked whether they are satisfied: tickets, by answer."""

    days: Days
    yes: int
    partly: int
    no: int

    @property
    def share(self) -> float | None:
        """Of all answers, those that were yes."""
        every = self.yes + self.partly + self.no
        return self.yes / every if every else None


def answers(parts: Sequence[Days]) -> list[Answers]:
    """A ticket counts once a part and answer."""
    tickets = func.count(Opinion.ticket_id.distinct())
    numbers = _numbers(
        [select(tickets).where(*opinions(kind, days)).scalar_subquery() for days in parts for kind in Satisfied]
    )
    return [Answers(*row) for row in zip(parts, numbers[::3], numbers[1::3], numbers[2::3], strict=True)]


def _tickets(*conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(Ticket).where(*conditions).scalar_subquery()


def _of_timeline(*conditions: ColumnElement[bool]) -> Any:
    tickets = func.count(TimelineEntry.ticket_id.distinct())
    return select(tickets).where(*conditions).scalar_subquery()


def _numbers(asked: Sequence[Any]) -> list[int]:
    """All of them by one statement, each from its index."""
    return [int(number) for number in db.session.execute(select(*asked)).one()]
