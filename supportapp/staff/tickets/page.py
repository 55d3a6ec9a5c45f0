"""The page of one ticket and what can be done on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from supportapp import clock
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen
from supportapp.staff.security import signed_in_staff
from supportapp.staff.tickets import articles, composer
from supportapp.staff.tickets.facts import page_facts
from supportapp.staff.tickets.view import find_colleague
from supportapp.tickets import operations, queries
from supportapp.tickets.models import Ticket


class TicketPage(StaffScreen):
    """Every act is a POST that ends in a redirect; a refusal shows the page again with all that was typed."""

    route_base = "/staff/tickets"
    default_view = "show"

    @expose("/<reference>")
    @has_access
    @permission_name("read")
    def show(self, reference: str) -> ResponseReturnValue:
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        return self._page(ticket, composer.empty_draft(ticket))

    @expose("/<reference>/<any(replies,requests,solutions,notes):kind>", methods=["POST"])
    @has_access
    @permission_name("act")
    def write(self, reference: str, kind: str) -> ResponseReturnValue:
        act, draft = composer.ACTS[kind], composer.posted_draft()
        by, at = signed_in_staff(), clock.now()

        def perform(ticket: Ticket) -> None:
            draft.secrets.target = request.path
            composer.keep_uploads(draft, by=by, at=at)
            composer.guard(draft, ticket.customer.language)
            composer.perform(act, ticket, draft, by=by, at=at)
            if kind != "notes":
                articles.note_told(ticket, draft.body, at=at)

        return self._do(reference, perform, str(act.done), draft)

    @expose("/<reference>/draft", methods=["POST"])
    @has_access
    @permission_name("act")
    def compose(self, reference: str) -> ResponseReturnValue:
        """Upload or drop files, insert a prepared answer or a link, without sending: the page again with everything."""
        draft = composer.posted_draft()
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        draft.secrets.target = request.path
        try:
            composer.keep_uploads(draft, by=signed_in_staff(), at=clock.now())
        except Refused as refused:
            return self._refused(reference, refused, draft)
        composer.insert_canned(draft, ticket.customer.language)
        articles.insert_article(draft)
        return self._page(ticket, draft)

    @expose("/<reference>/taking", methods=["POST"])
    @has_access
    @permission_name("act")
    def take(self, reference: str) -> ResponseReturnValue:
        by, at = signed_in_staff(), clock.now()
        return self._do(reference, lambda ticket: operations.take(ticket, by=by, at=at), _("The ticket is yours."))

    @expose("/<reference>/assignment", methods=["POST"])
    @has_access
    @permission_name("assign")
    def assign(self, reference: str) -> ResponseReturnValue:
        colleague = find_colleague(request.form.get("assignee", ""))
        if colleague is None:
            flash(_("Choose to whom."), "danger")
            return redirect(url_for("TicketPage.show", reference=reference), 303)
        draft = composer.posted_draft()
        by, at, version = signed_in_staff(), clock.now(), draft.seen_version

        def perform(ticket: Ticket) -> None:
            operations.assign(ticket, colleague, by=by, at=at, seen_version=version)

        return self._do(reference, perform, _("Assigned to %(name)s.", name=colleague.display_name), draft)

    @expose("/<reference>/closure", methods=["POST"])
    @has_access
    @permission_name("act")
    def close(self, reference: str) -> ResponseReturnValue:
        draft = composer.posted_draft()
        by, at, version = signed_in_staff(), clock.now(), draft.seen_version

        def perform(ticket: Ticket) -> None:
            operations.close(ticket, draft.note, by=by, at=at, seen_version=version)

        return self._do(reference, perform, _("The ticket is closed and the customer is told why."), draft)

    @expose("/<reference>/merging", methods=["POST"])
    @has_access
    @permission_name("act")
    def merge(self, reference: str) -> ResponseReturnValue:
        draft = composer.posted_draft()
        by, at, version = signed_in_staff(), clock.now(), draft.seen_version

        def perform(ticket: Ticket) -> None:
            try:
                target = queries.get_ticket_for_staff(by, draft.target.strip())
            except NotFound:
                raise no_such_ticket(draft.target) from None
            operations.merge(ticket, target, by=by, at=at, seen_version=version)

        return self._do(reference, perform, _("The tickets are merged: later replies land in the other one."), draft)

    def _do(
        self, reference: str, perform: Callable[[Ticket], Any], done: str, draft: composer.Draft | None = None
    ) -> ResponseReturnValue:
        """One act, one transaction; then the page again, by a redirect when it was done."""
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        try:
            perform(ticket)
            db.session.commit()
        except Refused as refused:
            return self._refused(reference, refused, draft)
        flash(done, "success")
        return redirect(url_for("TicketPage.show", reference=ticket.reference), 303)

    def _refused(self, reference: str, refused: Refused, draft: composer.Draft | None) -> ResponseReturnValue:
        db.session.rollback()
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        draft = draft or composer.empty_draft(ticket)
        news = []
        if refused.reason == "changed_meanwhile" and draft.seen_version is not None:
            news = queries.changes_since(ticket, draft.seen_version)
            draft.seen_version = ticket.version  # the news stand on this page: sending again is a decision
        return self._page(ticket, draft, refusal=refused, news=news), 422

    def _page(self, ticket: Ticket, draft: composer.Draft, **more: Any) -> str:
        refusal = more.pop("refusal", None)
        return self.render_template(
            "staff/tickets/page.html",
            ticket=ticket,
            draft=draft,
            refusal=sentence(refusal) if refusal else None,
            refused_field=refusal.field if refusal else None,
            **page_facts(ticket, draft),
            **more,
        )


def no_such_ticket(reference: str) -> Refused:
    """The refusal of a reference that leads nowhere."""
    return Refused("no_such_ticket", N_("There is no ticket %(reference)s."), field="target", reference=reference)
