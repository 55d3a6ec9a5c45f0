"""A time target is near, or missed: the ones who can do something are told, each stage of each promise once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, literal, select
from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import staff_in_role
from supportapp.extensions import db
from supportapp.tickets import messages, targets
from supportapp.tickets.assigning.absences import hearers
from supportapp.tickets.escalating.models import Escalation
from supportapp.tickets.escalating.queries import told_of
from supportapp.tickets.escalating.rules import Promise, Stage, stage_of
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.record import lock, note_event
from supportapp.tickets.queries import IS_OPEN
from supportapp.tickets.rules import EventKind

EVENTS = {Stage.NEAR: EventKind.TARGET_NEAR, Stage.MISSED: EventKind.TARGET_MISSED}
MANAGER = "Manager"


def escalate(ticket: Ticket, *, at: datetime) -> bool:
    """Tell of the ticket's promises that are near or missed, as far as nobody was told, each stage in one mail. Says
    whether it told any.

    Everything is asked with the row locked: a second run does nothing, and an answer of the same second wins.
    """
    lock(ticket)
    if ticket.level is None or ticket.paused_at is not None or not ticket.is_open:
        return False
    near, told = targets.near_limits(at)[ticket.level.id], told_of(ticket)
    news: dict[Stage, dict[Promise, datetime]] = {}
    for promise, due in _promises(ticket).items():
        stage = stage_of(due, at=at, near=near)
        if due is None or stage is None or {(promise, stage), (promise, Stage.MISSED)} & told:
            continue
        if _claim(ticket, promise, stage, due, at=at):
            news.setdefault(stage, {})[promise] = due
    for stage, dues in news.items():
        _tell(ticket, stage, dues, at=at)
    return bool(news)


def note_what_is_past(*, at: datetime) -> None:
    """Count every promise that has been missed by now as told: nobody wants thousands of mails about the past. For
    tickets that come from somewhere else."""
    unanswered = Ticket.first_responded_at.is_(None)
    for promise, due, more in (
        (Promise.FIRST, Ticket.first_response_due, [unanswered]),
        (Promise.RESOLUTION, Ticket.resolution_due, []),
    ):
        columns: list[Any] = [Ticket.id, literal(promise.value), literal(Stage.MISSED.value), due, _moment(at)]
        told = select(Escalation.ticket_id).where(Escalation.promise == promise, Escalation.stage == Stage.MISSED)
        past = select(*columns).where(IS_OPEN, due <= func.coalesce(Ticket.paused_at, _moment(at)), *more)
        names = ["ticket_id", "promise", "stage", "due_at", "noted_at"]
        db.session.execute(insert(Escalation).from_select(names, past.where(Ticket.id.not_in(told))))


def _promises(ticket: Ticket) -> dict[Promise, datetime | None]:
    """The moments that are still to be kept."""
    first = ticket.first_response_due if ticket.first_responded_at is None else None
    return {Promise.FIRST: first, Promise.RESOLUTION: ticket.resolution_due}


def _claim(ticket: Ticket, promise: Promise, stage: Stage, due: datetime, *, at: datetime) -> bool:
    notice = Escalation(ticket_id=ticket.id, promise=promise, stage=stage, due_at=due, noted_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(notice)
    except IntegrityError:  # somebody has told it without the lock
        return False
    return True


def _tell(ticket: Ticket, stage: Stage, dues: dict[Promise, datetime], *, at: datetime) -> None:
    for promise, due in dues.items():
        note_event(ticket, EVENTS[stage], by=None, at=at, promise=promise.value, due=due.isoformat())
    moments = {"answer_due": dues.get(Promise.FIRST), "solution_due": dues.get(Promise.RESOLUTION)}
    for person, absent in _whom(ticket, stage, at=at):
        context: dict[str, Any] = {"absent": absent, "assignee": ticket.assignee, **moments}
        messages.tell_staff(ticket, f"staff_target_{stage.value}", person, at=at, **context)
    db.session.flush()


def _whom(ticket: Ticket, stage: Stage, *, at: datetime) -> list[tuple[StaffUser, StaffUser | None]]:
    """Who works on it, with his deputy while he is absent; the managers when it was missed or nobody works on it."""
    people = hearers(ticket.assignee, at=at)
    if stage is Stage.NEAR and people:
        return people
    known = {person.id for person, _absent in people}
    return people + [(one, None) for one in staff_in_role(MANAGER) if one.id not in known and one.email]


def _moment(at: datetime) -> Any:
    return literal(at, Ticket.created_at.type)
