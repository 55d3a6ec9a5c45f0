"""The parts of the queue that are always at hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from flask_appbuilder.models.filters import BaseFilter
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_, select, true

from supportapp import clock
from supportapp.certificates.models import SupportLevel
from supportapp.extensions import db, settings
from supportapp.staff.security import signed_in_staff
from supportapp.staff.tickets.columns import NEAR
from supportapp.tickets.assigning.absences import whose_tickets
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import IS_OPEN
from supportapp.tickets.rules import AWAITING_CUSTOMER, Status
from supportapp.tickets.targets import support_hours
from supportapp.worktime.queries import current_calendar
from supportapp.worktime.rules import add_working_time

SCOPES: dict[str, Any] = {
    "open": _l("Open"),
    "mine": _l("Mine"),
    "unassigned": _l("Unassigned"),
    "ours": _l("Our turn"),
    "theirs": _l("Customer's turn"),
    "near": _l("Target near or past"),
    "closed": _l("Closed ones"),
    "all": _l("All"),
}
FREE_TEXT, SUBJECT_WORDS = "_flt_0_messages", "_flt_0_subject"
OUR_TURN = (Status.NEW, Status.IN_PROGRESS)


def scope_of(args: Mapping[str, str]) -> str:
    """Which part an address asks for: the open ones unless it says otherwise; words are looked for everywhere."""
    scope = args.get("scope") or ("all" if args.get(FREE_TEXT) else "open")
    return scope if scope in SCOPES else "open"


def chosen_scope() -> str:
    """Which part this request's address asks for."""
    return scope_of(request.args)


class ScopeFilter(BaseFilter):
    """One of SCOPES; its value is a name, or a function that is asked at each request."""

    name = "scope"
    arg_name = "scope"

    def apply(self, query: Any, value: Any) -> Any:
        scope = value() if callable(value) else value
        return query if scope == "all" else query.filter(condition(scope))


def condition(scope: str) -> ColumnElement[bool]:
    """What the tickets of a part have in common."""
    match scope:
        case "mine":
            return and_(Ticket.assignee_id.in_(whose_tickets(signed_in_staff(), at=clock.now())), IS_OPEN)
        case "unassigned":
            return and_(Ticket.assignee_id.is_(None), IS_OPEN)
        case "ours":
            return and_(Ticket.status.in_(OUR_TURN), IS_OPEN)
        case "theirs":
            return and_(Ticket.status.in_(AWAITING_CUSTOMER), IS_OPEN)
        case "near":
            return and_(near_target(clock.now()), IS_OPEN)
        case "closed":
            return Ticket.status == Status.CLOSED
        case "all":
            return true()
    return IS_OPEN


def near_target(at: datetime) -> ColumnElement[bool]:
    """That the working time left to the target is shown in red."""
    calendar, levels = current_calendar(), db.session.scalars(select(SupportLevel)).all()
    limits = {
        level.id: add_working_time(at, NEAR, support_hours(level), calendar, settings.timezone) for level in levels
    }
    if not limits:
        return false()
    by_level = (and_(Ticket.level_id == key, Ticket.due_order <= limit) for key, limit in limits.items())
    return and_(Ticket.due_order <= max(limits.values()), or_(*by_level))
