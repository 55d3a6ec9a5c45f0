"""The tickets behind a number: conditions with names, the same in a report's SQL and in the ticket list's filter.

A name travels in an address as ``name:argument``, so a list opened from a report holds exactly what was counted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.database import GREATEST_ID
from supportapp.extensions import settings
from supportapp.reports.rules import Days
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.opinions import Opinion
from supportapp.tickets.rules import CloseReason, EventKind, Satisfied, Status

Condition = ColumnElement[bool]
ORGANISATION = "organisation:"
FINISHED = (CloseReason.SOLVED, CloseReason.NO_REACTION, CloseReason.BY_STAFF)  # worked on to the end


def conditions(text: str) -> list[Condition]:
    """The figures of an address, joined by ";"; an organisation comes last, since its name may have one, too."""
    return [condition(figure) for figure in figures_of(text)]


def figures_of(text: str) -> list[str]:
    """The single figures of an address."""
    head, found, organisation = text.partition(ORGANISATION)
    return [figure for figure in head.split(";") if figure] + ([found + organisation] if found else [])


def condition(text: str) -> Condition:
    """What ``name:argument`` stands for; ValueError when that is nothing."""
    name, _, argument = text.partition(":")
    if name not in FIGURES:
        raise ValueError(f"there is no figure {name!r}")
    return FIGURES[name](argument)


def read_days(text: str) -> Days:
    """The period ``2026-11-01..2026-11-30``; ValueError when it is none."""
    first, _, last = text.partition("..")
    days = Days(date.fromisoformat(first), date.fromisoformat(last))
    if not (days.first.year > 1900 and days.last.year < 2200):
        raise ValueError(text)
    return days


def within(column: Any, days: Days) -> Condition:
    """The moments of the column that lie in these local days."""
    return and_(column >= days.begins(settings.timezone), column < days.ends(settings.timezone))


def open_at(moment: datetime) -> Condition:
    """Open just before ``moment``, as far as their last closing tells."""
    return and_(Ticket.created_at < moment, or_(Ticket.closed_at.is_(None), Ticket.closed_at >= moment))


def first_response(how: str) -> Condition:
    """The promise of a first response: ``kept``, ``missed`` or ``running``."""
    given, due = Ticket.first_responded_at, Ticket.first_response_due
    return _outcome(how, due, done=given.is_not(None), at=given)


def resolution(how: str) -> Condition:
    """The promise of a solution. The clock of a ticket stands from ``paused_at`` on, as at its closing."""
    stood = Ticket.paused_at
    return _outcome(
        how, Ticket.resolution_due, done=Ticket.status == Status.CLOSED, at=stood, stands=stood.is_not(None)
    )


def happened(kind: EventKind, days: Days) -> Condition:
    """It has such an entry in its timeline in these days."""
    return Ticket.id.in_(select(TimelineEntry.ticket_id).where(*entries(kind, days)))


def closed_and_reopened(days: Days) -> Condition:
    """Closed automatically in these days, and reopened at any time after."""
    closing = entries(EventKind.CLOSED_AUTOMATICALLY, days)
    return Ticket.id.in_(select(TimelineEntry.ticket_id).where(*closing, came_back()))


def entries(kind: EventKind, days: Days) -> tuple[Condition, ...]:
    """The timeline entries of that kind in these days."""
    return TimelineEntry.kind == kind, within(TimelineEntry.at, days)


def opinions(answer: Satisfied, days: Days) -> tuple[Condition, ...]:
    """The answers of that kind that customers gave in these days."""
    return Opinion.answer == answer, within(Opinion.given_at, days)


def came_back() -> Condition:
    """The entry's ticket was reopened later."""
    later = aliased(TimelineEntry)
    same = later.ticket_id == TimelineEntry.ticket_id
    return exists().where(same, later.kind == EventKind.REOPENED, later.id > TimelineEntry.id)


def _outcome(how: str, due: Any, *, done: Condition, at: Any, stands: Condition | None = None) -> Condition:
    now = clock.now()
    late = and_(~done, due < now) if stands is None else and_(~done, due < now, or_(~stands, at > due))
    match how:
        case "kept":
            return and_(due.is_not(None), done, at <= due)
        case "missed":
            return and_(due.is_not(None), or_(and_(done, at > due), late))
        case "running":
            return and_(due.is_not(None), ~done, ~late)
    raise ValueError(how)


def _day_end(text: str) -> datetime:
    day = date.fromisoformat(text)
    return datetime.combine(day + timedelta(days=1), time(), settings.timezone).astimezone(UTC)


def _status(text: str) -> Condition:
    if text != "open":
        raise ValueError(text)
    return Ticket.status != Status.CLOSED


def _age(text: str) -> Condition:
    """``2026-11-30/7-30``: so many days old at the end of that day, or now while it lasts; says nothing of open."""
    day, _, ages = text.partition("/")
    youngest, _, oldest = ages.partition("-")
    moment = min(_day_end(day), clock.now())
    limits = [Ticket.created_at < moment - timedelta(days=_small(youngest))]
    if oldest:
        limits.append(Ticket.created_at >= moment - timedelta(days=_small(oldest)))
    return and_(*limits)


def _minutes(text: str) -> Condition:
    """``response/0/480``: what it took lies between two numbers of minutes, both included."""
    which, _, limits = text.partition("/")
    least, _, most = limits.partition("/")
    column = {"response": Ticket.first_response_minutes, "solution": Ticket.resolution_minutes}.get(which)
    if column is None or not all(one.isascii() and one.isdecimal() and len(one) < 9 for one in (least, most)):
        raise ValueError(text)
    return column.between(int(least), int(most))


def _opinion(text: str) -> Condition:
    """``yes/2026-11-01..2026-11-30``, or ``any/…``."""
    answer, _, days = text.partition("/")
    kinds = list(Satisfied) if answer == "any" else [Satisfied(answer)]
    said = or_(*(and_(*opinions(kind, read_days(days))) for kind in kinds))
    return Ticket.id.in_(select(Opinion.ticket_id).where(said))


def _decided(text: str) -> Condition:
    """``response`` or ``resolution``: the promise was kept or missed, and runs no more."""
    outcome = {"response": first_response, "resolution": resolution}.get(text)
    if outcome is None:
        raise ValueError(text)
    return or_(outcome("kept"), outcome("missed"))


def _small(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise ValueError(text)
    return int(text)


def _is(column: Any) -> Callable[[str], Condition]:
    """A key, or "none"."""

    def made(text: str) -> Condition:
        if text == "none":
            return column.is_(None)  # type: ignore[no-any-return]
        if not (text.isascii() and text.isdecimal()) or int(text) > GREATEST_ID:
            raise ValueError(text)
        return column == int(text)  # type: ignore[no-any-return]

    return made


def _organisation(text: str) -> Condition:
    return Ticket.customer_id.in_(select(Customer.id).where(Customer.organisation == text))


FIGURES: dict[str, Callable[[str], Condition]] = {
    "created": lambda text: within(Ticket.created_at, read_days(text)),
    "closed": lambda text: within(Ticket.closed_at, read_days(text)),
    "open": lambda text: open_at(_day_end(text)),
    "now": lambda text: _status(text),
    "age": lambda text: _age(text),
    "reason": lambda text: Ticket.close_reason == CloseReason(text),
    "answered": lambda _text: Ticket.first_response_minutes.is_not(None),
    "finished": lambda _text: and_(Ticket.close_reason.in_(FINISHED), Ticket.resolution_minutes.is_not(None)),
    "response": first_response,
    "resolution": resolution,
    "automatic": lambda text: happened(EventKind.CLOSED_AUTOMATICALLY, read_days(text)),
    "returned": lambda text: closed_and_reopened(read_days(text)),
    "accepted": lambda text: happened(EventKind.SOLUTION_ACCEPTED, read_days(text)),
    "reopened": lambda text: happened(EventKind.REOPENED, read_days(text)),
    "judged": lambda text: or_(
        happened(EventKind.SOLUTION_ACCEPTED, read_days(text)), happened(EventKind.REOPENED, read_days(text))
    ),
    "opinion": _opinion,
    "minutes": _minutes,
    "decided": _decided,
    "level": _is(Ticket.level_id),
    "assignee": _is(Ticket.assignee_id),
    "product": _is(Ticket.product_id),
    "certificate": _is(Ticket.certificate_id),
    "organisation": _organisation,
}
