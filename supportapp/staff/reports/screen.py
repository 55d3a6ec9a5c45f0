"""The ticket list of an address, for files: the one place that knows how the list chooses, orders and shows."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, current_app, g, request
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Select

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.staff import arguments
from supportapp.staff.filter_words import words
from supportapp.staff.relative_days import PERIODS, is_relative
from supportapp.staff.tickets.columns import BESIDE, COLUMNS, Column
from supportapp.staff.tickets.listing import SCOPES, chosen_scope
from supportapp.staff.tickets.orders import chosen_order
from supportapp.staff.tickets.view import TicketView
from supportapp.tickets.models import Ticket

PLACE_ON_THE_LIST = ("page_", "psize_", "after", "before")  # of the address: where one stood, not what was chosen
READ_AT_ONCE = 10_000


@contextmanager
def as_seen_by(person: StaffUser, query: str, language: str) -> Iterator[None]:
    """Inside the block the list's functions answer as to ``person`` at the list's address ``query``."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.test_request_context("/staff/tickets/", query_string=query), force_locale(language):
        before, g._login_user = g.get("_login_user"), person
        try:
            yield
        finally:
            g._login_user = before


def columns() -> dict[str, Column]:
    """What the list shows, in its order, and what it shows beside a cell."""
    return COLUMNS | BESIDE


def chosen_ids() -> array[int]:
    """The tickets of the current address in the order of the list; the address is judged here (400)."""
    listing = _listing()
    column, direction = arguments.order("TicketView", COLUMNS)
    filters = listing.requested_filters().get_joined_filters(listing._base_filters)
    ordered = listing.datamodel.ordered(listing.datamodel.chosen(filters), column, direction)
    found = array("q")
    for ids in db.session.scalars(only_ids(ordered.statement).execution_options(yield_per=READ_AT_ONCE)).partitions():
        found.extend(ids)
    return found


def only_ids(statement: Any) -> Select[int]:
    """The same rows in the same order, nothing loaded along."""
    bare: Select[int] = statement.with_only_columns(Ticket.id, maintain_column_froms=True)
    return bare.options()


def plain_query(query: str) -> str:
    """The list's address without the page on which somebody stood, as it is kept with an export."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, value) for name, value in pairs if not name.startswith(PLACE_ON_THE_LIST)])


def moments() -> dict[str, str]:
    """The columns by whose days a list can be narrowed, with their names."""
    listing = _listing()
    return {
        name: str(listing.label_columns[name]) for name in listing.search_columns if listing.datamodel.is_datetime(name)
    }


def names_fixed_days() -> bool:
    """Whether the current address chooses days of the calendar, which stay the same ones whenever it is asked."""
    listing = _listing()
    chosen = listing.requested_filters().get_filters_values()
    return any(
        listing.datamodel.is_datetime(one.column_name) and not is_relative(value)
        for one, value in chosen
        if one.column_name in moments()
    )


def within(query: str, column: str, period: str) -> str:
    """The address with that period instead of the days it chose by the column; 400 for what is none."""
    if column not in moments() or period not in PERIODS:
        abort(400)
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not re.fullmatch(rf"_flt_[0-9]_{column}", name)]
    return urlencode([*kept, (f"_flt_2_{column}", period)])


def facts() -> list[tuple[str, str]]:
    """What the current address chooses, in words."""
    listing = _listing()
    chosen = [
        (str(listing.label_columns.get(one.column_name, one.column_name)), words(one, value))
        for one, value in listing.requested_filters().get_filters_values()
    ]
    order = chosen_order(request.args, *arguments.order("TicketView", COLUMNS))
    direction = _("descending") if order.descending else _("ascending")
    how = _("queue: priority, nearest target, age")
    if order.name != "queue":
        how = f"{COLUMNS[order.name].label}, {direction}"
    return [
        (_("Tickets shown"), str(SCOPES[chosen_scope()])),
        *chosen,
        (_("Order"), how),
        (_("Address"), f"/staff/tickets/?{request.query_string.decode()}"),
    ]


def _listing() -> TicketView:
    return next(view for view in current_app.appbuilder.baseviews if isinstance(view, TicketView))  # type: ignore[attr-defined]
