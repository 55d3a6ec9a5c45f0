"""A colleague leaves the desk, and somebody gets the tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.i18n import DEFAULT_LANGUAGE, N_
from supportapp.notifications.mail import Letter
from supportapp.notifications.operations import notify
from supportapp.tickets.assigning.absences import require_present
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.record import lock, record
from supportapp.tickets.queries import IS_OPEN
from supportapp.tickets.rules import EventKind

OPEN = N_("Open my tickets")
LISTED = 50


def count_held(person: StaffUser) -> int:
    """How many open tickets are in the hands of ``person``."""
    held = select(func.count()).select_from(Ticket).where(Ticket.assignee_id == person.id, IS_OPEN)
    return db.session.scalar(held) or 0


def hand_over(person: StaffUser, to: StaffUser | None, *, by: StaffUser, at: datetime) -> int:
    """Give all open tickets of ``person`` to a colleague, or back to the queue with None; how many they were. The
    colleague gets one mail. Refused("assignee_inactive") and "assignee_absent" as ``assign``.

    Statuses stay: who was promised an answer is promised it still.
    """
    if to is not None:
        if not to.active or to.id == person.id:
            raise Refused("assignee_inactive", N_("%(name)s no longer works here."), name=to.display_name)
        require_present(to, at=at)
    given = []
    keys = db.session.scalars(select(Ticket.id).where(Ticket.assignee_id == person.id, IS_OPEN).order_by(Ticket.id))
    for key in keys.all():
        ticket = db.session.get_one(Ticket, key)
        lock(ticket)
        if ticket.assignee_id != person.id or not ticket.is_open:
            continue
        ticket.assignee = to
        details = {"to": to.display_name} if to is not None else {"released": person.display_name}
        record(ticket, EventKind.ASSIGNED, by=by, at=at, **details)
        given.append(ticket)
    if to is not None and given and to.id != by.id and to.email:
        _tell(to, person, given, at=at)
    db.session.flush()
    return len(given)


def _tell(to: StaffUser, person: StaffUser, tickets: list[Ticket], *, at: datetime) -> None:
    letter = Letter(
        "staff_tickets_handed_over",
        {"staff": to, "colleague": person, "tickets": tickets[:LISTED], "number": len(tickets)},
        buttons=[(OPEN, f"{settings.PUBLIC_BASE_URL}/staff/tickets/?scope=mine")],
    )
    notify(kind=letter.name, recipient=to.email, language=DEFAULT_LANGUAGE, letter=letter, at=at)
