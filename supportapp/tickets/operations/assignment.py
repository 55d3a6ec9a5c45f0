"""Who works on a ticket, and which tickets are one."""

from __future__ import annotations

from datetime import datetime

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.tickets import messages
from supportapp.tickets.assigning.absences import is_here, require_present
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.closing import shut
from supportapp.tickets.operations.record import lock, lock_for_staff, record, require_open
from supportapp.tickets.rules import CloseReason, EventKind, Status


def take(ticket: Ticket, *, by: StaffUser, at: datetime) -> None:
    """Work on it oneself, also instead of a colleague who is absent or has gone. Refused("already_taken") names the
    colleague who was quicker."""
    lock_for_staff(ticket, by)
    before = ticket.assignee
    if not can_take(ticket, by, at=at):
        if before is None or before.id == by.id:
            return
        raise Refused(
            "already_taken",
            N_("%(name)s has already taken the ticket %(reference)s."),
            name=before.display_name,
            reference=ticket.reference,
        )
    ticket.assignee = by
    instead = {"instead_of": before.display_name} if before is not None and before.id != by.id else {}
    record(ticket, EventKind.TAKEN, by=by, at=at, **instead)
    _start_work(ticket, at=at)


def can_take(ticket: Ticket, by: StaffUser, *, at: datetime) -> bool:
    """Whether taking it would change anything: nobody has it or nobody who is here, or it is one's own and nobody has
    begun."""
    if ticket.assignee is None:
        return True
    if ticket.assignee.id == by.id:
        return ticket.status is Status.NEW
    return not is_here(ticket.assignee, at=at)


def assign(
    ticket: Ticket,
    assignee: StaffUser,
    *,
    by: StaffUser,
    at: datetime,
    seen_version: int | None = None,
    although_absent: bool = False,
) -> None:
    """Give it to a colleague, who is told by mail. Refused("assignee_inactive") when that account is off, and
    "assignee_absent", which names the deputy, unless ``although_absent``."""
    lock_for_staff(ticket, by, seen_version)
    if not assignee.active:
        raise Refused("assignee_inactive", N_("%(name)s no longer works here."), name=assignee.display_name)
    if ticket.assignee is not None and ticket.assignee.id == assignee.id:
        return
    if not although_absent and assignee.id != by.id:
        require_present(assignee, at=at)
    ticket.assignee = assignee
    record(ticket, EventKind.ASSIGNED, by=by, at=at, to=assignee.display_name)
    if assignee.id != by.id:
        messages.tell_assignee(ticket, "staff_ticket_assigned", None, at=at)
    _start_work(ticket, at=at)


def merge(source: Ticket, target: Ticket, *, by: StaffUser, at: datetime, seen_version: int | None = None) -> None:
    """Close ``source`` in favour of ``target``; later replies land there. Refused as ``check_merging``."""
    check_merging(source, target, by=by, seen_version=seen_version)
    source.merged_into = target
    shut(source, CloseReason.MERGED, EventKind.MERGED, by=by, at=at, into=target.reference)
    record(target, EventKind.MERGED, by=by, at=at, source=source.reference)
    messages.merged(source, target, at=at)
    db.session.flush()


def check_merging(source: Ticket, target: Ticket, *, by: StaffUser, seen_version: int | None = None) -> None:
    """Lock both tickets; ``source`` was seen at ``seen_version``.

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


def _start_work(ticket: Ticket, *, at: datetime) -> None:
    if ticket.status is Status.NEW:
        ticket.status = Status.IN_PROGRESS
        messages.in_progress(ticket, at=at)
    db.session.flush()
