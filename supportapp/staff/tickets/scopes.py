"""The parts of the queue that are always at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_appbuilder.models.filters import BaseFilter
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, true

from supportapp import clock
from supportapp.staff.security import signed_in_staff
from supportapp.tickets.assigning.absences import whose_tickets
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import IS_OPEN
from supportapp.tickets.rules import AWAITING_CUSTOMER, Status
from supportapp.tickets.targets import near_target

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
