"""«Мои обращения»: the list, and one ticket with its conversation."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from supportapp import clock, database
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.portal import blueprint
from supportapp.portal.kept_text import is_prefetch
from supportapp.portal.session import customer_required, the_customer
from supportapp.portal.ticket_page import show_ticket
from supportapp.tickets import operations, queries
from supportapp.tickets.models import Ticket

PAGE_SIZE = 20
MAX_PAGE = 10_000
STATES = {"all": None, "open": True, "closed": False}


@blueprint.get("/tickets")
@customer_required
def tickets() -> ResponseReturnValue:
    """The customer's tickets, last changed first: all, the open or the closed ones."""
    customer, state, page = the_customer(), request.args.get("state", "all"), _page_number()
    if state not in STATES:
        raise NotFound(state)
    opened, closed = queries.count_tickets(customer)
    counts = {"all": opened + closed, "open": opened, "closed": closed}
    wanted = queries.tickets_of(customer, only_open=STATES[state])
    rows = db.session.scalars(
        wanted.options(joinedload(Ticket.product)).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    ).all()
    return render_template(
        "portal/tickets/list.html",
        rows=rows,
        state=state,
        counts=counts,
        page=page,
        pages=max(1, -(-counts[state] // PAGE_SIZE)),
    )


@blueprint.get("/tickets/<reference>")
@customer_required
def ticket(reference: str) -> ResponseReturnValue:
    """One ticket. Opening it is how we learn that the customer received what he was asked."""
    found = queries.get_ticket_for(the_customer(), reference)
    seen_at = found.customer_seen_at
    if found.has_news and request.method == "GET" and not is_prefetch():
        found = _mark_seen(reference)
    return show_ticket(found, seen_at=seen_at)


def _mark_seen(reference: str) -> Ticket:
    """Write in a transaction of its own, and go on reading in a fresh one, so that the page holds nobody up."""
    database.begin_writing(db.session)
    customer = the_customer()
    operations.mark_seen(queries.get_ticket_for(customer, reference), by=customer, at=clock.now())
    db.session.commit()
    database.start_reading(True)
    return queries.get_ticket_for(customer, reference)


def _page_number() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= 5) or not 1 <= int(text) <= MAX_PAGE:
        raise NotFound("page")
    return int(text)
