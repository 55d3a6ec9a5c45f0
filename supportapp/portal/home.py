"""The first page: the knowledge base, the Regulation, the way in, and for a customer what awaits him."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from supportapp.certificates.queries import registrations_of
from supportapp.extensions import db
from supportapp.kb import public
from supportapp.portal import blueprint
from supportapp.portal.knowledge import readable_language
from supportapp.portal.session import current_customer
from supportapp.tickets.queries import tickets_of

MOST_AWAITING = 5
MOST_NEW = 5


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Where everybody starts."""
    customer = current_customer()
    if customer is None:
        return render_template("portal/home.html", articles=public.latest(language=readable_language(), limit=MOST_NEW))
    open_tickets = db.session.scalars(tickets_of(customer, only_open=True)).all()
    return render_template(
        "portal/home_customer.html",
        awaiting=[ticket for ticket in open_tickets if ticket.awaits_customer][:MOST_AWAITING],
        open_count=len(open_tickets),
        certificate_count=len(registrations_of(customer)),
    )
