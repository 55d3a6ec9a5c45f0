"""Customers: read by the desk, blocked and unblocked by managers; what they wrote of themselves is theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from supportapp import clock
from supportapp.accounts import operations
from supportapp.accounts.models import Customer
from supportapp.accounts.operations.sessions import check_open
from supportapp.audit.rules import Act
from supportapp.certificates.queries import registrations_of, today
from supportapp.errors import Refused
from supportapp.extensions import db, limiter
from supportapp.i18n import N_
from supportapp.staff import changes, labels
from supportapp.staff import customer_merging as merging
from supportapp.staff.audit_words import LANGUAGES
from supportapp.staff.forms import sentence
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may, signed_in_staff
from supportapp.tickets.models import Ticket

TICKETS_SHOWN = 50
CONFIRMATIONS = "3 per hour"


class CustomerView(StaffModelView):
    datamodel = StaffInterface(Customer)
    route_base = "/staff/customers"
    include_route_methods = {"list", "show", "block", "unblock", "confirm", "try_mails_again", "merge"}
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
    formatters_columns = {"language": LANGUAGES.get}

    def show_context(self, item: Any) -> dict[str, Any]:
        tickets = select(Ticket).where(Ticket.customer_id == item.id).order_by(Ticket.id.desc()).limit(TICKETS_SHOWN)
        return {
            "registrations": registrations_of(item),
            "today": today(clock.now()),
            "tickets": list(db.session.scalars(tickets)),
            "predecessors": item.predecessors,
            "may_block": may(WRITE, "CustomerView") and item.closed_at is None,
            "may_confirm": may(WRITE, "CustomerView") and item.is_active and not item.is_confirmed,
            "may_merge": may(WRITE, "CustomerView") and item.is_active,
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

    @expose("/<pk>/confirmation", methods=["POST"])
    @has_access
    @permission_name("write")
    def confirm(self, pk: str) -> ResponseReturnValue:
        """Mail a fresh confirmation link; a mailbox is not filled by a nervous finger."""
        at = clock.now()
        done = _("A new confirmation link is on its way; earlier ones no longer work.")
        with limiter.limit(CONFIRMATIONS, key_func=lambda: f"confirmation-for:{pk}"):
            return self.act(pk, lambda customer: _send_confirmation(customer, at), Act.CONFIRMATION_SENT, done)

    @expose("/<pk>/mails", methods=["POST"])
    @has_access
    @permission_name("write")
    def try_mails_again(self, pk: str) -> ResponseReturnValue:
        """The address is trusted again, and what was given up within 14 days is sent once more."""
        by, at = signed_in_staff(), clock.now()
        done = _("The address is trusted again; what did not arrive is sent once more.")
        return self.act(pk, lambda customer: operations.try_again(customer, by=by, at=at), Act.RESENT, done)

    @expose("/<pk>/merging", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def merge(self, pk: str) -> ResponseReturnValue:
        """Choose the account that stays, look at both, confirm."""
        source = self.datamodel.get(pk) or abort(404)
        target, refusal, into = None, None, request.args.get("into", "").strip()
        try:
            if request.method == "POST":
                return self._merged(source)
            check_open(source)
            target = merging.chosen_target(source, into) if into else None
        except Refused as refused:
            db.session.rollback()
            refusal = sentence(refused)
        page = self.render_template(
            "staff/customer_merging.html",
            source=merging.side(source),
            target=merging.side(target) if target else None,
            refusal=refusal,
            into=into,
            lookalikes=merging.lookalikes(source) if source.is_active else [],
            back=self.show_url(source),
        )
        return page, 422 if refusal else 200

    def _merged(self, source: Customer) -> ResponseReturnValue:
        target = merging.confirmed_target(request.form.get("kept", ""))
        if target is None:
            raise Refused("no_such_customer", N_("There is no open account with this address."), field="into")
        before = changes.snapshot(source)
        operations.merge_customers(source, target, by=signed_in_staff(), at=clock.now())
        changes.note(Act.MERGED, source, f"{source.email} → {target.email}", before=before)
        db.session.commit()
        flash(_("The accounts are merged: everything is here now."), "success")
        return redirect(self.show_url(target), 303)


def _send_confirmation(customer: Customer, at: datetime) -> None:
    check_open(customer)
    operations.send_confirmation(customer, at=at)
