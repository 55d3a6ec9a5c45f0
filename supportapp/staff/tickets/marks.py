"""What staff put on a ticket: tags and links; the ways to its neighbours, and its story on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.staff import labels
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen, language
from supportapp.staff.interface import readable_id
from supportapp.staff.security import signed_in_staff
from supportapp.staff.tickets.facts import what_happened
from supportapp.staff.tickets.view import named_ticket
from supportapp.tickets import queries
from supportapp.tickets.desk import relations, tags
from supportapp.tickets.desk.neighbours import neighbour
from supportapp.tickets.desk.rules import Relation, tags_in
from supportapp.tickets.models import Ticket


class TicketMarks(StaffScreen):
    """Nothing here reaches the customer."""

    route_base = "/staff/tickets"
    default_view = "printout"
    class_permission_name = "TicketPage"

    @expose("/<reference>/tags", methods=["POST"])
    @has_access
    @permission_name("act")
    def tag(self, reference: str) -> ResponseReturnValue:
        def perform(ticket: Ticket) -> None:
            for name in tags_in(request.form.get("tag", "")):
                tags.add_tag(ticket, name, **_by_now())

        return self._mark(reference, perform)

    @expose("/<reference>/tags/removal", methods=["POST"])
    @has_access
    @permission_name("act")
    def untag(self, reference: str) -> ResponseReturnValue:
        return self._mark(reference, lambda ticket: tags.remove_tag(ticket, request.form.get("tag", ""), **_by_now()))

    @expose("/<reference>/links", methods=["POST"])
    @has_access
    @permission_name("act")
    def link(self, reference: str) -> ResponseReturnValue:
        wanted, by = request.form.get("other", ""), signed_in_staff()
        known = request.form.get("relation") in set(Relation)
        relation = Relation(request.form["relation"]) if known else Relation.RELATED

        def perform(ticket: Ticket) -> None:
            relations.link(ticket, named_ticket(wanted), relation, by=by, at=clock.now())

        return self._mark(reference, perform)

    @expose("/<reference>/links/removal", methods=["POST"])
    @has_access
    @permission_name("act")
    def unlink(self, reference: str) -> ResponseReturnValue:
        key = readable_id(request.form.get("link", "")) or 0
        return self._mark(reference, lambda ticket: relations.unlink(ticket, key, **_by_now()))

    @expose("/<reference>/<any(next,previous):way>")
    @has_access
    @permission_name("read")
    def go(self, reference: str, way: str) -> ResponseReturnValue:
        """The neighbour in the order of work; at the end of the queue the list."""
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        there = neighbour(ticket, before=way == "previous")
        if there is None:
            flash(_("The queue ends here."), "info")
            return redirect(url_for("TicketView.list"), 303)
        return redirect(url_for("TicketPage.show", reference=there), 303)

    @expose("/<reference>/printout")
    @has_access
    @permission_name("read")
    def printout(self, reference: str) -> ResponseReturnValue:
        """The conversation and the timeline on paper, with internal notes only when asked for."""
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        notes = request.args.get("notes") == "1"
        return self.render_template(
            "staff/tickets/printout.html",
            ticket=ticket,
            notes=notes,
            messages=queries.conversation(ticket, internal=notes),
            timeline=queries.timeline(ticket, internal=notes),
            what_happened=what_happened,
            label=labels.label,
            language=language(),
            at=clock.now(),
        )

    def _mark(self, reference: str, perform: Callable[[Ticket], None]) -> ResponseReturnValue:
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        try:
            perform(ticket)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
        return redirect(url_for("TicketPage.show", reference=reference) + "#marks", 303)


def _by_now() -> dict[str, Any]:
    return {"by": signed_in_staff(), "at": clock.now()}
