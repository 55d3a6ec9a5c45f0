"""Which tickets a list shows and in what order: for the screen, and for the exports of the same address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import request
from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, nulls_last, or_, select
from sqlalchemy.orm import Query, joinedload

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.certificates.models import Certificate
from supportapp.extensions import db
from supportapp.staff.filters import StaffFilterConverter
from supportapp.staff.interface import StaffInterface
from supportapp.staff.security import signed_in_staff
from supportapp.staff.tickets.columns import COLUMNS, Shown
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.rules import Status

COUNT_LIMIT = 10_000
QUEUE_ORDER: tuple[Any, ...] = (Ticket.priority, nulls_last(Ticket.target_at), Ticket.created_at, Ticket.id)
SCOPES: dict[str, Any] = {
    "open": _l("Open"),
    "mine": _l("Mine"),
    "unassigned": _l("Unassigned"),
    "closed": _l("Closed ones"),
    "all": _l("All"),
}


def chosen_scope() -> str:
    """Which part of the tickets the address asks for; the open ones unless it says otherwise."""
    scope = request.args.get("scope", "open")
    return scope if scope in SCOPES else "open"


class ScopeFilter(BaseFilter):
    """One of SCOPES; its value is a function, asked at each request."""

    name = "scope"
    arg_name = "scope"

    def apply(self, query: Any, value: Any) -> Any:
        match value():
            case "mine":
                return query.filter(Ticket.assignee_id == signed_in_staff().id, Ticket.status != Status.CLOSED)
            case "unassigned":
                return query.filter(Ticket.assignee_id.is_(None), Ticket.status != Status.CLOSED)
            case "closed":
                return query.filter(Ticket.status == Status.CLOSED)
            case "all":
                return query
        return query.filter(Ticket.status != Status.CLOSED)


class CustomerContains(BaseFilter):
    """Name, address or organisation of the customer."""

    name = _l("contains")
    arg_name = "ct"

    def apply(self, query: Any, value: str) -> Any:
        words = value.strip().lower()
        columns = (Customer.name, Customer.email, Customer.organisation)
        found = or_(*(func.lower(column).contains(words, autoescape=True) for column in columns))
        return query.filter(Ticket.customer_id.in_(select(Customer.id).where(found)))


class CertificateContains(BaseFilter):
    name = _l("contains")
    arg_name = "ct"

    def apply(self, query: Any, value: str) -> Any:
        found = func.lower(Certificate.number).contains(value.strip().lower(), autoescape=True)
        return query.filter(Ticket.certificate_id.in_(select(Certificate.id).where(found)))


class MessageContains(BaseFilter):
    """A word in the conversation, internal notes included."""

    name = _l("contains")
    arg_name = "ct"

    def apply(self, query: Any, value: str) -> Any:
        found = func.lower(Message.body).contains(value.strip().lower(), autoescape=True)
        return query.filter(Ticket.id.in_(select(Message.ticket_id).where(found)))


class TicketFilterConverter(StaffFilterConverter):
    def convert(self, col_name: str) -> Any:
        if col_name in BY_WORDS:
            return [BY_WORDS[col_name](col_name, self.datamodel)]
        return super().convert(col_name)


# They are too many for a select.
BY_WORDS = {"customer": CustomerContains, "certificate": CertificateContains, "messages": MessageContains}


class TicketInterface(StaffInterface):
    """Four statements a page, whatever the number of tickets: the count stops at COUNT_LIMIT."""

    filter_converter_class = TicketFilterConverter
    searched_by_words = frozenset(BY_WORDS)

    def get_related_interface(self, col_name: str) -> StaffInterface:
        return StaffInterface(self.get_related_model(col_name))

    def query(
        self,
        filters: Filters | None = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        **_unused: Any,
    ) -> tuple[int, list[Ticket]]:
        chosen = self.chosen(filters)
        count = db.session.scalar(
            select(func.count()).select_from(chosen.with_entities(Ticket.id).limit(COUNT_LIMIT + 1).subquery())
        )
        rows = self.ordered(chosen, order_column, order_direction)
        if page_size:
            rows = rows.offset((page or 0) * page_size).limit(page_size)
        return count or 0, rows.all()

    def chosen(self, filters: Filters | None) -> Query[Ticket]:
        """The tickets that the filters leave, in no order."""
        query = db.session.query(Ticket)
        return filters.apply_all(query) if filters else query

    def ordered(self, query: Query[Ticket], column: str, direction: str) -> Query[Ticket]:
        """In the queue's order or by ``column``, with what the columns show loaded along."""
        loaded = (Ticket.customer, Ticket.product, Ticket.level, Ticket.assignee)
        query = query.options(*(joinedload(relation) for relation in loaded))
        if column not in COLUMNS:
            return query.order_by(*QUEUE_ORDER)
        return query.order_by(*COLUMNS[column].keys(direction), Ticket.id)

    def get_values(self, lst: list[Ticket], list_columns: list[str]) -> Iterator[dict[str, Any]]:
        shown = Shown(clock.now())
        for ticket in lst:
            yield {name: COLUMNS[name].cell(ticket, shown) for name in list_columns}

    def get_keys(self, lst: list[Ticket]) -> list[str]:
        """Rows are known by their references, as everywhere outside the database."""
        return [ticket.reference for ticket in lst]
