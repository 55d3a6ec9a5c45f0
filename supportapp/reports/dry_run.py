"""What other terms of the automatic closing would have done to the waiting of the last 90 days.

Rounds of waiting are read from the timelines: when a request was received, whether more time was asked for, and what
ended it. The rules of ``tickets.waiting`` count the days; every warning is taken to have gone out in time.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import load_only

from supportapp.extensions import db, settings
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.rules import EventKind
from supportapp.tickets.waiting import Terms, closing_moment
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.queries import current_calendar
from supportapp.worktime.rules import local_date

LOOK_BACK = timedelta(days=90)
BEGINS = frozenset({EventKind.INFO_REQUESTED, EventKind.SOLUTION_PROPOSED})
ENDS = frozenset(
    {
        *(EventKind.CLOSED_AUTOMATICALLY, EventKind.SOLUTION_ACCEPTED, EventKind.WITHDRAWN),
        *(EventKind.CLOSED_BY_STAFF, EventKind.MERGED),
    }
)
READ = BEGINS | ENDS | {EventKind.RECEIVED, EventKind.EXTENDED, EventKind.REPLIED, EventKind.REOPENED}


@dataclass
class Round:
    """One waiting for the customer. ``ended_at`` is None while it lasts; ``back_at`` is when one whose ticket had
    been closed came back."""

    ticket_id: int
    received_at: datetime
    extended_at: datetime | None = None
    ended_at: datetime | None = None
    closed: bool = False
    back_at: datetime | None = None


class Change(enum.StrEnum):
    """What the other terms would have changed about a round."""

    SAME = "same"
    EARLIER = "earlier"
    LATER = "later"
    NOT = "not"  # it was closed; the customer would have come back, or would still have time
    INSTEAD = "instead"  # it was not closed; it would have been, before the customer acted


@dataclass(frozen=True)
class Outcome:
    round: Round
    change: Change
    would_close_at: datetime


def simulate(terms: Terms, *, at: datetime) -> list[Outcome]:
    """Every round that was received in the last 90 days, judged by ``terms``."""
    calendar, tz = current_calendar(), settings.timezone
    counted: dict[tuple[date, date | None], datetime] = {}  # days are counted from days: a few answers serve thousands
    found = []
    for one in rounds(since=at - LOOK_BACK):
        key = local_date(one.received_at, tz), one.extended_at and local_date(one.extended_at, tz)
        if key not in counted:
            counted[key] = judge(one, terms, at=at, calendar=calendar, tz=tz).would_close_at
        found.append(Outcome(one, _change(one, counted[key], at), counted[key]))
    return found


def judge(one: Round, terms: Terms, *, at: datetime, calendar: WorkCalendar, tz: ZoneInfo) -> Outcome:
    """Compare what happened with what would have."""
    would = closing_moment(
        one.received_at, extended_at=one.extended_at, warned_at=None, calendar=calendar, tz=tz, terms=terms
    )
    return Outcome(one, _change(one, would, at), would)


def _change(one: Round, would: datetime, at: datetime) -> Change:
    if not one.closed:
        acted = one.ended_at or at
        return Change.INSTEAD if would <= acted else Change.SAME
    assert one.ended_at is not None
    if would > at or (one.back_at is not None and one.back_at < would):
        return Change.NOT
    if would.date() == one.ended_at.date():  # the job closes some seconds after the moment
        return Change.SAME
    return Change.EARLIER if would < one.ended_at else Change.LATER


def rounds(*, since: datetime) -> Iterator[Round]:
    """The rounds whose request was received since then."""
    read = select(TimelineEntry.ticket_id, TimelineEntry.kind, TimelineEntry.at, TimelineEntry.customer_id)
    read = read.where(TimelineEntry.kind.in_(READ), TimelineEntry.at >= since)
    rows = db.session.execute(read.order_by(TimelineEntry.ticket_id, TimelineEntry.id))
    yield from read_rounds((number, kind, moment, customer is not None) for number, kind, moment, customer in rows)


def read_rounds(entries: Iterable[tuple[int, EventKind, datetime, bool]]) -> Iterator[Round]:
    """Rounds out of (ticket, kind, moment, whether the customer did it), by ticket and in order."""
    current: Round | None = None
    last: Round | None = None  # the round that closed the ticket, until somebody comes back
    for ticket_id, kind, moment, by_customer in entries:
        if current is not None and current.ticket_id != ticket_id:
            yield current
            current = None
        if last is not None and last.ticket_id != ticket_id:
            yield last
            last = None
        if kind is EventKind.RECEIVED:
            current = current or Round(ticket_id, moment)
        elif kind is EventKind.REOPENED and last is not None:
            last.back_at = moment
            yield last
            last = None
        elif current is None:
            continue
        elif kind is EventKind.EXTENDED:
            current.extended_at = moment
        elif kind in ENDS or kind in BEGINS or (kind is EventKind.REPLIED and by_customer):
            current.ended_at, current.closed = moment, kind is EventKind.CLOSED_AUTOMATICALLY
            if current.closed:
                last = current
            else:
                yield current
            current = None
    yield from (one for one in (current, last) if one is not None)


def references(outcomes: Iterable[Outcome]) -> dict[int, Ticket]:
    """The tickets of these outcomes."""
    keys = {outcome.round.ticket_id for outcome in outcomes}
    wanted = select(Ticket).where(Ticket.id.in_(keys)).options(load_only(Ticket.reference, Ticket.subject))
    return {ticket.id: ticket for ticket in db.session.scalars(wanted)}
