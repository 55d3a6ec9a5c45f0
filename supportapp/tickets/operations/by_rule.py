"""A ticket finds its engineer by the assignment rules."""

from __future__ import annotations

from datetime import datetime

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.tickets import messages
from supportapp.tickets.assigning import rules
from supportapp.tickets.assigning.absences import who_stands_in
from supportapp.tickets.assigning.queries import count_open, desk, lock_active_rules
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations.record import note_event
from supportapp.tickets.rules import EventKind


def assign_by_rule(ticket: Ticket, *, at: datetime) -> StaffUser | None:
    """Give a ticket that nobody has to the engineer of the first fitting rule who has the fewest open tickets, and
    tell him; None when no rule fits or nobody of it is there: then the ticket waits in the queue.

    Its status stays what it is: nobody has begun to work on it. To be called last in the act that makes it necessary:
    other acts that assign wait from here to the end of the transaction.
    """
    db.session.flush()
    rule = rules.fitting((row.plain for row in lock_active_rules()), ticket.product_id, ticket.level_id)
    if rule is None:
        return None
    here, away = {person.id for person in desk()}, who_stands_in(at=at)
    people = rules.candidates(rule, lambda key: rules.stand_in(key, here=here, away=away))
    chosen = rules.choose(people, count_open(people))
    if chosen is None:
        return None
    ticket.assignee = db.session.get_one(StaffUser, chosen)
    note_event(ticket, EventKind.ASSIGNED, by=None, at=at, to=ticket.assignee.display_name, rule=rule.place)
    messages.tell_assignee(ticket, "staff_ticket_assigned", None, at=at)
    db.session.flush()
    return ticket.assignee
