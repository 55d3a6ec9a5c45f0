"""Who works on a ticket, and which tickets are one."""

from __future__ import annotations

from datetime import datetime

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.tickets import messages
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.closing import shut
from supportapp.tickets.operations.record import lock, lock_for_staff, record, require_open
from supportapp.tickets.rules import CloseReason, EventKind, Status


def take(ticket: Ticket, *, by: StaffUser, at: datetime) -> None:
    """Work on it oneself. Refused("already_taken") names the colleague who was quicker."""
    lock_for_staff(ticket, by)
    if ticket.assignee is not None and ticket.assignee.id != by.id:
        raise Refused(
            "already_taken",
            N_("%(name)s has already taken the ticket %(reference)s."),
            name=ticket.assignee.display_name,
            reference=ticket.reference,
        )
    if ticket.assignee is not None and ticket.status is not Status.NEW:
        return
    ticket.assignee = by
    record(ticket, EventKind.TAKEN, by=by, at=at)
    _start_work(ticket, at=at)


def assign(
    ticket: Ticket, assignee: StaffUser, *, by: StaffUser, at: datetime, seen_version: int | None = None
) -> None:
    """Give it to a colleague, who is told by mail. Refused("assignee_inactive") when that account is off."""
    lock_for_staff(ticket, by, seen_version)
    if not assignee.active:
        raise Refused("assignee_inactive", N_("%(name)s no longer works here."), name=assignee.display_name)
    if ticket.assignee is not None and ticket.assignee.id == assignee.id:
        return
    ticket.assignee = assignee
    record(ticket, EventKind.ASSIGNED, by=by, at=at, to=assignee.display_name)
    if assignee.id != by.id:
        messages.tell_assignee(ticket, "staff_ticket_assigned", None, at=at)
    _start_work(ticket, at=at)


def merge(source: Ticket, target: Ticket, *, by: StaffUser, at: datetime, seen_version: int | None = None) -> None:
    """Close ``source``, which was seen at ``seen_version``, in favour of ``target``; later replies land there.

    Refused: "same_ticket", "other_customer", "changed_meanwhile", or "ticket_closed" when either is closed.
    """
    if source.id == target.id:
        raise Refused("same_ticket", N_("A ticket cannot be merged into itself."), field="target")
    if source.customer_id != target.customer_id:
        raise Refused("other_customer", N_("Only tickets of the same customer can be merged."), field="target")
    for ticket in sorted((source, target), key=lambda t: t.id):  # one order for everybody, so nobody waits in a ring
        lock(ticket)
    lock_for_staff(source, by, seen_version)
    require_open(target)
    source.merged_into = target
    shut(source, CloseReason.MERGED, EventKind.MERGED, by=by, at=at, into=target.reference)
    record(target, EventKind.MERGED, by=by, at=at, source=source.reference)
    messages.merged(source, target, at=at)
    db.session.flush()


def _start_work(ticket: Ticket, *, at: datetime) -> None:
    if ticket.status is Status.NEW:
        ticket.status = Status.IN_PROGRESS
        messages.in_progress(ticket, at=at)
    db.session.flush()
