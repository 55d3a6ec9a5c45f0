"""Customers: read by the desk, blocked and unblocked by managers; what they wrote of themselves is theirs."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from supportapp import clock
from supportapp.accounts import operations
from supportapp.accounts.models import Customer
from supportapp.certificates.queries import registrations_of, today
from supportapp.extensions import db
from supportapp.staff import labels
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may, signed_in_staff
from supportapp.tickets.models import Ticket

TICKETS_SHOWN = 50


class CustomerView(StaffModelView):
    datamodel = StaffInterface(Customer)
    route_base = "/staff/customers"
    include_route_methods = {"list", "show", "block", "unblock"}
    list_title = _l("Customers")
    show_template = "staff/customer.html"
    label_columns = {
        "name": _l("Name"),
        "email": _l("E-mail"),
        "organisation": _l("Organisation"),
        "phone": _l("Telephone"),
        "language": _l("Language"),
        "created_at": _l("Signed up"),
        "confirmed_at": _l("Confirmed"),
        "blocked_at": _l("Blocked"),
        "closed_at": _l("Account closed"),
        "regulation": _l("Accepted Regulation"),
        "regulation_accepted_at": _l("Accepted on"),
    }
    list_columns = ["name", "email", "organisation", "created_at", "confirmed_at", "blocked_at", "closed_at"]
    show_columns = list(label_columns)
    search_columns = ["name", "email", "organisation", "created_at"]
    order_columns = ["name", "email", "organisation", "created_at"]
    base_order = ("id", "desc")
    add_columns = edit_columns = ["name"]

    def show_context(self, item: Any) -> dict[str, Any]:
        tickets = select(Ticket).where(Ticket.customer_id == item.id).order_by(Ticket.id.desc()).limit(TICKETS_SHOWN)
        return {
            "registrations": registrations_of(item),
            "today": today(clock.now()),
            "tickets": list(db.session.scalars(tickets)),
            "predecessors": item.predecessors,
            "may_block": may(WRITE, "CustomerView") and item.closed_at is None,
            "label": labels.label,
        }

    @expose("/<pk>/blocking", methods=["POST"])
    @has_access
    @permission_name("write")
    def block(self, pk: str) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        done = _("The customer is blocked and signed out everywhere.")
        return self.act(pk, lambda customer: operations.block(customer, by=by, at=at), "blocked", done)

    @expose("/<pk>/unblocking", methods=["POST"])
    @has_access
    @permission_name("write")
    def unblock(self, pk: str) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        done = _("The customer can sign in again.")
        return self.act(pk, lambda customer: operations.unblock(customer, by=by, at=at), "unblocked", done)
