"""The list of tickets, and acts on several of them at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.actions import action
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import find_staff
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.i18n import N_
from supportapp.staff.gate import safe_next
from supportapp.staff.interface import readable_id
from supportapp.staff.model_view import PAGE_SIZE_LIMIT, StaffModelView
from supportapp.staff.roles import ACT, ASSIGN, EXPORT, SHARE
from supportapp.staff.security import may, signed_in_staff
from supportapp.staff.tickets import choices, counters
from supportapp.staff.tickets.columns import COLUMNS
from supportapp.staff.tickets.listing import COUNT_LIMIT, SCOPES, ScopeFilter, TicketInterface, chosen_scope, shown_page
from supportapp.staff.tickets.orders import ORDERS
from supportapp.staff.tickets.several import (
    Act,
    act_on_each,
    answer_each,
    close_each,
    merge_each,
    seen_versions,
    take_all_back,
    waits,
)
from supportapp.staff.widgets import SearchWidget, TableWidget
from supportapp.tickets import operations, queries
from supportapp.tickets.assigning.queries import desk
from supportapp.tickets.models import CannedReply, Ticket
from supportapp.tickets.saved import filters_for


class TicketTable(TableWidget):
    template = "staff/tickets/table.html"


class TicketSearch(SearchWidget):
    template = "staff/tickets/search.html"


class TicketView(StaffModelView):
    """Read by Flask-AppBuilder; written only by operations."""

    datamodel = TicketInterface(Ticket)
    route_base = "/staff/tickets"
    include_route_methods = {"list", "action_post", "take_back"}
    exclude_route_methods = {"download", "action"}
    method_permission_name = {
        "list": "read",
        "take": "act",
        "reply": "act",
        "close": "act",
        "merge": "act",
        "assign": "assign",
    }
    list_title = _l("Tickets")
    list_template = "staff/tickets/list.html"
    list_widget = TicketTable
    search_widget = TicketSearch
    list_columns = list(COLUMNS)
    order_columns = [name for name in COLUMNS if name in ORDERS]
    label_columns = {name: column.label for name, column in COLUMNS.items()} | {
        "created_at": _l("Created"),
        "certificate": _l("Certificate number"),
        "messages": _l("Words in subject, messages and file names"),
        "target_at": _l("Target"),
        "last_message_at": _l("Last message"),
        "tags": _l("Tag"),
        "figure": _l("Figure of a report"),
    }
    search_columns = [
        "messages",
        "reference",
        "subject",
        "customer",
        "certificate",
        "product",
        "level",
        "status",
        "assignee",
        "target_at",
        "last_message_at",
        "created_at",
        "tags",
        "figure",
    ]
    base_filters = [["status", ScopeFilter, chosen_scope]]
    add_columns = edit_columns = show_columns = ["subject"]

    def _init_properties(self) -> None:
        super()._init_properties()
        self.formatters_columns: dict[str, Any] = {}  # the interface gives finished cells

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        widgets = super()._list(**kwargs)
        own = counters.clean_address(request.args)
        lists = filters_for(signed_in_staff())
        widgets["list"].template_args.update(
            scope=chosen_scope(),
            colleagues=colleagues() if may(ASSIGN, "TicketView") else [],
            canned=choices.canned() if may(ACT, "TicketView") else [],
            back=request.full_path.removesuffix("?"),
            count_limit=COUNT_LIMIT,
            way=shown_page(),
            here=urlencode(own),
        )
        return widgets | {
            "can_export": may(EXPORT, "TicketView"),
            "scopes": SCOPES,
            "scope": chosen_scope(),
            "scope_counts": counters.of_scopes(),
            "lists": lists,
            "list_counts": counters.of_saved(lists, self),
            "may_share": may(SHARE, "SavedFilterPage"),
            "me": signed_in_staff().id,
            "waits": waits(clock.now()),
            "undo_seconds": settings.UNDO_SECONDS,
            "here": urlencode(own),
        }

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
        return self._act(references, lambda ticket, _seen: operations.take(ticket, by=by, at=at))

    @action("assign", _l("Assign to"))
    def assign(self, references: list[str]) -> ResponseReturnValue:
        colleague = find_colleague(request.form.get("assignee", ""))
        if colleague is None:
            return self._missing(_("Choose to whom."))
        by, at = signed_in_staff(), clock.now()
        return self._act(
            references, lambda ticket, seen: operations.assign(ticket, colleague, by=by, at=at, seen_version=seen)
        )

    @action("reply", _l("Reply"))
    def reply(self, references: list[str]) -> ResponseReturnValue:
        """The prepared answer in the language of each customer."""
        key = readable_id(request.form.get("canned", ""))
        canned = db.session.get(CannedReply, key) if key else None
        if canned is None:
            return self._missing(_("Choose a prepared answer."))
        return self._act(references, answer_each(canned, by=signed_in_staff(), at=clock.now()))

    @expose("/several/undoing", methods=["POST"])
    @has_access
    @permission_name("act")
    def take_back(self) -> ResponseReturnValue:
        """Undo what was done to several tickets and has not left yet."""
        take_all_back(by=signed_in_staff(), at=clock.now())
        return redirect(self._back(), 303)

    @action("close", _l("Close"))
    def close(self, references: list[str]) -> ResponseReturnValue:
        return self._act(references, close_each(request.form.get("note", ""), by=signed_in_staff(), at=clock.now()))

    @action("merge", _l("Merge"))
    def merge(self, references: list[str]) -> ResponseReturnValue:
        """All of them into one; when that one was chosen, too, it stays what it is."""
        into = request.form.get("target", "").strip().upper()
        if not into:
            return self._missing(_("Say into which ticket."))
        others = [reference for reference in references if reference != into]
        return self._act(others, merge_each(lambda: named_ticket(into), by=signed_in_staff(), at=clock.now()))

    def _act(self, references: list[str], act: Act) -> ResponseReturnValue:
        act_on_each(references, act, seen_versions(request.form.getlist("seen")[:PAGE_SIZE_LIMIT]))
        return redirect(self._back(), 303)

    def _missing(self, words: str) -> ResponseReturnValue:
        flash(words, "danger")
        return redirect(self._back(), 303)

    def _back(self) -> str:
        target = safe_next(request.form.get("back"))
        return target if target.startswith("/staff/tickets/?") else url_for("TicketView.list")


def named_ticket(reference: str) -> Ticket:
    """The ticket that somebody named in a field; Refused("no_such_ticket") when the reference leads nowhere."""
    try:
        return queries.get_ticket_for_staff(signed_in_staff(), reference.strip().upper())
    except NotFound:
        shown = reference[: queries.REFERENCE_LENGTH]
        words = N_("There is no ticket %(reference)s.")
        raise Refused("no_such_ticket", words, field="target", reference=shown) from None


def colleagues() -> list[StaffUser]:
    """Whom a ticket can be given to."""
    return desk()


def find_colleague(key: str) -> StaffUser | None:
    """The colleague of that id, None when nobody there can be given a ticket."""
    wanted = readable_id(key)
    person = find_staff(wanted) if wanted else None
    return person if person is not None and person in colleagues() else None
