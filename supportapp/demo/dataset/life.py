"""One ticket of the files as one of ours: its status, its targets, its messages and what happened on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from supportapp.demo.dataset.files import Row, moment
from supportapp.demo.dataset.people import Cast
from supportapp.tickets import rules
from supportapp.tickets.models import END_OF_TIME
from supportapp.tickets.rules import CloseReason, EventKind, MessageKind, ReceivedBy, Status
from supportapp.tickets.search import joined, words_of
from supportapp.tickets.targets import support_hours
from supportapp.tickets.waiting import closing_moment
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.rules import SupportHours, add_working_time, working_time_between

USUAL_HOURS = SupportHours(time(9), time(18))  # of tickets without a level
# In twenty closed tickets; the ticket's number picks one, so the same files make the same rows.
ENDS = (
    *([CloseReason.SOLVED] * 12),
    *([CloseReason.NO_REACTION] * 5),
    *([CloseReason.BY_STAFF] * 2),
    CloseReason.WITHDRAWN,
)
END_EVENTS = {
    CloseReason.SOLVED: EventKind.SOLUTION_ACCEPTED,
    CloseReason.NO_REACTION: EventKind.CLOSED_AUTOMATICALLY,
    CloseReason.BY_STAFF: EventKind.CLOSED_BY_STAFF,
    CloseReason.WITHDRAWN: EventKind.WITHDRAWN,
}
EVENTS = {
    MessageKind.QUESTION: EventKind.SUBMITTED,
    MessageKind.REPLY: EventKind.REPLIED,
    MessageKind.INFO_REQUEST: EventKind.INFO_REQUESTED,
    MessageKind.SOLUTION: EventKind.SOLUTION_PROPOSED,
    MessageKind.NOTE: EventKind.NOTE_ADDED,
}


@dataclass
class Rows:
    """What is to be inserted, by table."""

    tickets: list[dict[str, Any]] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """What all tickets have in common. ``shift`` and ``message_shift`` are added to the files' numbers."""

    cast: Cast
    calendar: WorkCalendar
    tz: ZoneInfo
    prefix: str
    shift: int
    message_shift: int


def live(row: Row, said: list[Row], world: World, rows: Rows) -> None:
    """Append the rows of one ticket."""
    key = world.shift + row["id"]
    status, kinds = _status(row), _kinds(row, said)
    ticket = _ticket(row, said, key, status, world)
    first_event = len(rows.events)
    for one, kind in zip(said, kinds, strict=True):
        rows.messages.append(_message(one, kind, key, world))
        rows.events.append(_event(key, EVENTS[kind], _author(one, world), moment(one["created_at"])))
        if one["author"] == "agent" and not ticket["version"]:
            ticket["version"] = 1
            rows.events.append(_event(key, EventKind.TAKEN, _author(one, world), moment(one["created_at"])))
    if ticket["close_reason"]:
        rows.events.append(_end(ticket))
    for version, event in enumerate(rows.events[first_event:], 1):
        event["version"] = ticket["version"] = version
    rows.tickets.append(ticket)
    texts = [one["body"] for one in said]
    rows.words.append({"ticket_id": key, "words": joined(words_of(ticket["reference"], ticket["subject"], texts))})


def _status(row: Row) -> Status:
    if not row["open"]:
        return Status.CLOSED
    if row["status"] == "waiting":
        return Status.SOLUTION_PROPOSED if row["id"] % 2 else Status.AWAITING_INFO
    return Status.IN_PROGRESS if row["agent_id"] else Status.NEW


def _kinds(row: Row, said: list[Row]) -> list[MessageKind]:
    kinds = [MessageKind.NOTE if one["internal"] else MessageKind.REPLY for one in said]
    kinds[0] = MessageKind.QUESTION
    last = max((i for i, one in enumerate(said) if one["author"] == "agent" and not one["internal"]), default=0)
    if last and _status(row) is Status.AWAITING_INFO:
        kinds[last] = MessageKind.INFO_REQUEST
    elif last and _status(row) in (Status.SOLUTION_PROPOSED, Status.CLOSED):
        kinds[last] = MessageKind.SOLUTION
    return kinds


def _ticket(row: Row, said: list[Row], key: int, status: Status, world: World) -> dict[str, Any]:
    created, updated = moment(row["created_at"]), moment(row["updated_at"])
    customer = world.cast.shift + row["customer_id"]
    certificate = world.cast.contract(customer, row["priority"])
    level = world.cast.levels[row["priority"]] if certificate else None
    heard = [moment(one["created_at"]) for one in said if not one["internal"]]
    answered = next((moment(m["created_at"]) for m in said if m["author"] == "agent" and not m["internal"]), None)
    hours = support_hours(level) if level else USUAL_HOURS
    closed = updated if status is Status.CLOSED else None
    ticket: dict[str, Any] = {
        "id": key,
        "reference": f"{world.prefix}-{key:06d}",
        "customer_id": customer,
        "subject": row["subject"][: rules.SUBJECT_LENGTH],
        "product_id": world.cast.products[row["department_id"]],
        "product_version": "2.0" if row["id"] % 3 else "1.0",
        "certificate_id": certificate,
        "level_id": level.id if level else None,
        "priority": level.priority if level else rules.LOWEST_PRIORITY,
        "status": status,
        "close_reason": ENDS[row["id"] % len(ENDS)] if closed else None,
        "assignee_id": world.cast.staff[row["agent_id"]] if row["agent_id"] else None,
        "created_at": created,
        "updated_at": updated,
        "last_message_at": heard[-1],
        "closed_at": closed,
        "customer_seen_at": updated,
        "version": 0,
        "first_responded_at": answered,
        "first_response_due": None,
        "resolution_due": None,
        "paused_at": updated if closed or status in rules.AWAITING_CUSTOMER else None,
        "first_response_minutes": _spent(created, answered, hours, world),
        "resolution_minutes": _spent(created, closed, hours, world),
        **_waiting(status, updated, world),
    }
    if level is not None:
        # what was promised counts from the last word of an open ticket: the clock stood while the customer had his turn
        start = created if closed else max(created, heard[-1])
        ticket["first_response_due"] = _due(created, level.first_response_hours, hours, world)
        ticket["resolution_due"] = _due(start, level.resolution_hours, hours, world)
    ticket["target_at"] = None if ticket["paused_at"] else _nearest(ticket)
    ticket["due_order"] = ticket["target_at"] or END_OF_TIME
    return ticket


def _waiting(status: Status, asked: datetime, world: World) -> dict[str, Any]:
    """The customer has opened what was asked the moment it came."""
    waits = status in rules.AWAITING_CUSTOMER
    return {
        "waiting_round": int(waits),
        "asked_at": asked if waits else None,
        "received_at": asked if waits else None,
        "received_by": ReceivedBy.PORTAL if waits else None,
        "closes_at": closing_moment(asked, extended_at=None, warned_at=None, calendar=world.calendar, tz=world.tz)
        if waits
        else None,
    }


def _nearest(ticket: dict[str, Any]) -> datetime | None:
    first = None if ticket["first_responded_at"] else ticket["first_response_due"]
    return min((due for due in (first, ticket["resolution_due"]) if due), default=None)


def _due(start: datetime, hours: int | None, support: SupportHours, world: World) -> datetime | None:
    if hours is None:
        return None
    return add_working_time(start, timedelta(hours=hours), support, world.calendar, world.tz)


def _spent(start: datetime, end: datetime | None, hours: SupportHours, world: World) -> int | None:
    if end is None:
        return None
    return int(working_time_between(start, end, hours, world.calendar, world.tz).total_seconds() // 60)


@lru_cache(maxsize=4096)
def _author_keys(author: str, key: int) -> dict[str, int | None]:
    return {"customer_id": key if author == "customer" else None, "staff_id": key if author == "agent" else None}


def _author(one: Row, world: World) -> dict[str, int | None]:
    if one["author"] == "agent":
        return _author_keys("agent", world.cast.staff[one["author_id"]])
    return _author_keys("customer", world.cast.shift + one["author_id"])


def _message(one: Row, kind: MessageKind, ticket_id: int, world: World) -> dict[str, Any]:
    return {
        "id": world.message_shift + one["id"],
        "ticket_id": ticket_id,
        "kind": kind,
        "body": one["body"],
        "created_at": moment(one["created_at"]),
        **_author(one, world),
    }


def _event(ticket_id: int, kind: EventKind, who: dict[str, int | None], at: datetime) -> dict[str, Any]:
    return {"ticket_id": ticket_id, "kind": kind, "at": at, "version": 0, "details": {}, **who}


def _end(ticket: dict[str, Any]) -> dict[str, Any]:
    kind = END_EVENTS[ticket["close_reason"]]
    who: dict[str, int | None] = {"customer_id": None, "staff_id": None}
    if kind in (EventKind.SOLUTION_ACCEPTED, EventKind.WITHDRAWN):
        who["customer_id"] = ticket["customer_id"]
    elif kind is EventKind.CLOSED_BY_STAFF:
        who["staff_id"] = ticket["assignee_id"]
    return _event(ticket["id"], kind, who, ticket["closed_at"])
