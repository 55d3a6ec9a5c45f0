"""Reads for the assignment of tickets."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import staff_in_role
from supportapp.extensions import db
from supportapp.tickets.assigning.models import AssignmentRule
from supportapp.tickets.assigning.rules import DESK_ROLES
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import IS_OPEN


def lock_active_rules() -> list[AssignmentRule]:
    """The rules in force, locked until the transaction ends: whoever counts open tickets after this counts those that
    another transaction has just given away (on SQLite the transaction is the lock)."""
    active = select(AssignmentRule).where(AssignmentRule.active.is_(True)).order_by(AssignmentRule.id)
    fresh = active.options(selectinload(AssignmentRule.engineers)).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh.with_for_update()))


def desk() -> list[StaffUser]:
    """Who can be given a ticket: the active staff users of the desk, by name."""
    return staff_in_role(*DESK_ROLES)


def count_open(keys: Collection[int]) -> dict[int, int]:
    """How many open tickets each of the colleagues has; who has none is not in it."""
    if not keys:
        return {}
    mine = select(Ticket.assignee_id, func.count()).where(Ticket.assignee_id.in_(keys), IS_OPEN)
    rows = db.session.execute(mine.group_by(Ticket.assignee_id))
    return {person: number for person, number in rows if person is not None}
