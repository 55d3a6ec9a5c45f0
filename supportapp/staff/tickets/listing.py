"""Which tickets a list shows and in what order: for the screen, and for the exports of the same address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from flask import g, request
from flask_appbuilder.models.filters import Filters
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Query, joinedload, load_only

from supportapp import clock
from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Product
from supportapp.extensions import db
from supportapp.staff.interface import StaffInterface
from supportapp.staff.tickets.columns import Shown, cells
from supportapp.staff.tickets.filters import BY_WORDS, CHOICES, MORE_CHOICES, TicketFilterConverter
from supportapp.staff.tickets.orders import chosen_order
from supportapp.staff.tickets.paging import Page, place_of, read_page
from supportapp.staff.tickets.scopes import SCOPES, ScopeFilter, chosen_scope
from supportapp.tickets import queries
from supportapp.tickets.desk.tags import tags_of_tickets
from supportapp.tickets.models import Ticket

__all__ = ["COUNT_LIMIT", "SCOPES", "ScopeFilter", "TicketInterface", "capped", "chosen_scope", "shown_page"]

COUNT_LIMIT = 1_000
PAGE_SIZE = 25


def shown_page() -> Page:
    """The page that this request has read."""
    page: Page = g.ticket_page
    return page


def capped(tickets: Query[Ticket]) -> Any:
    """How many there are, as far as COUNT_LIMIT and one more; a subquery that stops there."""
    some = tickets.with_entities(Ticket.id).order_by(None).limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


LOADED = (
    load_only(
        *(Ticket.reference, Ticket.subject, Ticket.product_version, Ticket.priority, Ticket.status, Ticket.version),
        *(Ticket.close_reason, Ticket.last_message_at, Ticket.target_at, Ticket.paused_at),
        *(Ticket.customer_id, Ticket.product_id, Ticket.level_id, Ticket.assignee_id),
    ),
    joinedload(Ticket.customer, innerjoin=True).load_only(Customer.name, Customer.organisation),
    joinedload(Ticket.product).load_only(Product.name),
    joinedload(Ticket.level),
    joinedload(Ticket.assignee).load_only(StaffUser.first_name, StaffUser.last_name, StaffUser.username),
)


class TicketInterface(StaffInterface):
    """A fixed number of statements a page, whatever the number of tickets: nothing is counted beyond COUNT_LIMIT and
    nothing is skipped. The place comes from the address (``after``, ``before``), a page's number says nothing here."""

    filter_converter_class = TicketFilterConverter
    searched_by_words = BY_WORDS
    choices = CHOICES
    more_choices = MORE_CHOICES

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
        tickets, order = self.chosen(filters), chosen_order(request.args, order_column, order_direction)
        place, size = place_of(request.args, order), page_size or PAGE_SIZE
        found = g.ticket_page = read_page(tickets, order, place, size)
        whole = found.previous is None and found.next is None
        count = len(found.ids) if whole else db.session.scalar(select(capped(tickets))) or 0
        return count, rows_of(found.ids)

    def chosen(self, filters: Filters | None) -> Query[Ticket]:
        """The tickets that the filters leave, in no order."""
        query = db.session.query(Ticket)
        return filters.apply_all(query) if filters else query

    def ordered(self, query: Query[Ticket], column: str, direction: str) -> Query[Ticket]:
        """In the order of the screen, all of them, with what the columns show loaded along."""
        chosen = chosen_order(request.args, column, direction)
        return chosen.order.sorted(query.options(*LOADED), chosen.descending)

    def get_values(self, lst: list[Ticket], list_columns: list[str]) -> Iterator[dict[str, Any]]:
        ids = [ticket.id for ticket in lst]
        shown = Shown(clock.now(), queries.last_messages(ids), tags=tags_of_tickets(ids)) if lst else Shown(clock.now())
        for ticket in lst:
            yield {"cells": cells(ticket, list_columns, shown), "version": ticket.version}

    def get_keys(self, lst: list[Ticket]) -> list[str]:
        """Rows are known by their references, as everywhere outside the database."""
        return [ticket.reference for ticket in lst]


def rows_of(ids: Sequence[int]) -> list[Ticket]:
    """The tickets of these keys in this order, with what the columns show."""
    found = db.session.scalars(_rows(), {"keys": ids}) if ids else ()
    by_id = {ticket.id: ticket for ticket in found}
    return [by_id[key] for key in ids if key in by_id]


@cache
def _rows() -> Select[Ticket]:
    return select(Ticket).where(Ticket.id.in_(bindparam("keys", expanding=True))).options(*LOADED)
