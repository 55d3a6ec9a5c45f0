"""The list of tickets, and acts on several of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import find_staff, staff_in_role
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.staff.forms import sentence
from supportapp.staff.gate import safe_next
from supportapp.staff.interface import readable_id
from supportapp.staff.model_view import PAGE_SIZE_LIMIT, StaffModelView
from supportapp.staff.roles import ADMIN, ASSIGN, ENGINEER, EXPORT, MANAGER
from supportapp.staff.security import may, signed_in_staff
from supportapp.staff.tickets.columns import COLUMNS
from supportapp.staff.tickets.listing import COUNT_LIMIT, SCOPES, ScopeFilter, TicketInterface, chosen_scope
from supportapp.staff.widgets import TableWidget
from supportapp.tickets import operations, queries
from supportapp.tickets.models import Ticket

Act = Callable[[Ticket], object]


class TicketTable(TableWidget):
    template = "staff/tickets/table.html"


class TicketView(StaffModelView):
    """Read by Flask-AppBuilder; written only by operations."""

    datamodel = TicketInterface(Ticket)
    route_base = "/staff/tickets"
    include_route_methods = {"list", "action_post"}
    exclude_route_methods = {"download", "action"}
    method_permission_name = {"list": "read", "take": "act", "close": "act", "assign": "assign"}
    list_title = _l("Tickets")
    list_template = "staff/tickets/list.html"
    list_widget = TicketTable
    list_columns = list(COLUMNS)
    order_columns = list(COLUMNS)
    label_columns = {name: column.label for name, column in COLUMNS.items()} | {
        "created_at": _l("Created"),
        "certificate": _l("Certificate number"),
        "messages": _l("Words in the conversation"),
    }
    search_columns = [
        "reference",
        "subject",
        "messages",
        "customer",
        "certificate",
        "product",
        "level",
        "status",
        "assignee",
        "created_at",
    ]
    base_filters = [["status", ScopeFilter, chosen_scope]]
    add_columns = edit_columns = show_columns = ["subject"]

    def _init_properties(self) -> None:
        super()._init_properties()
        self.formatters_columns: dict[str, Any] = {}  # the interface gives finished cells

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        widgets = super()._list(**kwargs)
        widgets["list"].template_args.update(
            scopes=SCOPES,
            scope=chosen_scope(),
            colleagues=colleagues() if may(ASSIGN, "TicketView") else [],
            back=request.full_path.removesuffix("?"),
            count_limit=COUNT_LIMIT,
        )
        return widgets | {"can_export": may(EXPORT, "TicketView")}

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> ResponseReturnValue:
        """Do the chosen act to the chosen tickets; the permission is the act's own."""
        name = request.form.get("action", "")
        if name not in self.actions:
            abort(404)
        if not self.appbuilder.sm.has_access(self.get_action_permission_name(name), self.class_permission_name):
            abort(403)
        return self.actions[name].func(request.form.getlist("rowid")[:PAGE_SIZE_LIMIT])  # type: ignore[no-any-return]

    @action("take", _l("Take"))
    def take(self, references: list[str]) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        return self._act(references, lambda ticket: operations.take(ticket, by=by, at=at))

    @action("assign", _l("Assign to"))
    def assign(self, references: list[str]) -> ResponseReturnValue:
        colleague = find_colleague(request.form.get("assignee", ""))
        if colleague is None:
            flash(_("Choose to whom."), "danger")
            return redirect(self._back(), 303)
        by, at = signed_in_staff(), clock.now()
        return self._act(references, lambda ticket: operations.assign(ticket, colleague, by=by, at=at))

    @action("close", _l("Close"))
    def close(self, references: list[str]) -> ResponseReturnValue:
        by, at, note = signed_in_staff(), clock.now(), request.form.get("note", "")
        return self._act(references, lambda ticket: operations.close(ticket, note, by=by, at=at))

    def _act(self, references: list[str], act: Act) -> ResponseReturnValue:
        """Each ticket is looked up again for this person, and is a transaction of its own."""
        if not references:
            flash(_("No ticket was chosen."), "warning")
        done = []
        for reference in references:
            try:
                act(queries.get_ticket_for_staff(signed_in_staff(), reference))
                db.session.commit()
                done.append(reference)
            except Refused as refused:
                db.session.rollback()
                flash(f"{reference}: {sentence(refused)}", "danger")
            except NotFound:
                db.session.rollback()
                flash(_("%(reference)s: there is no such ticket.", reference=reference[:24]), "danger")
        if done:
            flash(_("Done: %(references)s", references=", ".join(done)), "success")
        return redirect(self._back(), 303)

    def _back(self) -> str:
        target = safe_next(request.form.get("back"))
        return target if target.startswith("/staff/tickets/?") else url_for("TicketView.list")


def colleagues() -> list[StaffUser]:
    """Whom a ticket can be given to."""
    return staff_in_role(ENGINEER, MANAGER, ADMIN)


def find_colleague(key: str) -> StaffUser | None:
    """The colleague of that id, None when nobody there can be given a ticket."""
    wanted = readable_id(key)
    person = find_staff(wanted) if wanted else None
    return person if person is not None and person in colleagues() else None
