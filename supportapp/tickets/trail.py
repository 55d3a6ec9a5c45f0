"""What staff did on tickets, of all tickets together: the newest first, page by page from a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from supportapp.extensions import db
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.tickets.rules import EventKind

PAGE = 50


@dataclass(frozen=True)
class WantedActs:
    """What is looked for; None asks for anything. ``before`` is the key that the page goes on from."""

    staff_id: int | None = None
    kind: EventKind | None = None
    reference: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def staff_acts(wanted: WantedActs) -> tuple[list[TimelineEntry], int | None]:
    """One page of the entries that fit, and the key from which the older ones go on, None at the end."""
    chosen = select(TimelineEntry).where(*_conditions(wanted)).order_by(TimelineEntry.id.desc()).limit(PAGE + 1)
    loaded = (
        joinedload(TimelineEntry.staff),
        joinedload(TimelineEntry.ticket).load_only(Ticket.reference, Ticket.subject),
    )
    rows = list(db.session.scalars(chosen.options(*loaded)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def _conditions(wanted: WantedActs) -> list[ColumnElement[bool]]:
    of = TimelineEntry.staff_id
    chosen = [of == wanted.staff_id if wanted.staff_id else of.is_not(None)]
    if wanted.kind is not None:
        chosen.append(TimelineEntry.kind == wanted.kind)
    if wanted.reference:
        named = select(Ticket.id).where(Ticket.reference == wanted.reference.strip().upper())
        chosen.append(TimelineEntry.ticket_id.in_(named))
    if wanted.since:
        chosen.append(TimelineEntry.at >= wanted.since)
    if wanted.until:
        chosen.append(TimelineEntry.at < wanted.until)
    if wanted.before:
        chosen.append(TimelineEntry.id < wanted.before)
    return chosen
