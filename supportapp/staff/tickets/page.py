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
from supportapp.database import begin_writing
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen
from supportapp.staff.interface import readable_id
from supportapp.staff.security import signed_in_staff
from supportapp.staff.tickets import articles, composer
from supportapp.staff.tickets.beside import beside
from supportapp.staff.tickets.facts import page_facts
from supportapp.staff.tickets.view import find_colleague, named_ticket
from supportapp.tickets import operations, queries
from supportapp.tickets.desk import holding
from supportapp.tickets.desk.acts import SentAct
from supportapp.tickets.desk.drafts import discard
from supportapp.tickets.desk.jobs import perform_one
from supportapp.tickets.desk.models import HeldAct, ReplyDraft
from supportapp.tickets.desk.rules import HeldKind
from supportapp.tickets.models import Ticket, TimelineEntry


class TicketPage(StaffScreen):
    """Every act is a POST that ends in a redirect; a refusal shows the page again with all that was typed."""

    route_base = "/staff/tickets"
    default_view = "show"

    @expose("/<reference>")
    @has_access
    @permission_name("read")
    def show(self, reference: str) -> ResponseReturnValue:
        me = signed_in_staff()
        ticket = queries.get_ticket_for_staff(me, reference)
        there = beside(ticket)
        held = holding.held_on(ticket) if HeldAct in there else []
        if any(act.due_at <= clock.now() for act in held):
            return self._let_go(ticket.reference, [act.id for act in held])
        draft = composer.kept_draft(ticket, me) if ReplyDraft in there else composer.empty_draft(ticket)
        news = []
        if draft.since is not None and draft.since < ticket.version:
            news = [entry for entry in queries.changes_since(ticket, draft.since) if entry.staff_id != me.id]
        return self._page(ticket, draft, there=there, held=held, news=news)

    @expose("/<reference>/<any(replies,requests,solutions,notes):kind>", methods=["POST"])
    @has_access
    @permission_name("act")
    def write(self, reference: str, kind: str) -> ResponseReturnValue:
        draft = composer.posted_draft()
        draft.kind = kind
        by, at = signed_in_staff(), clock.now()
        ticket = queries.get_ticket_for_staff(by, reference)
        try:
            draft.secrets.target = request.path
            composer.keep_uploads(draft, by=by, at=at)
            composer.guard(draft, ticket.customer.language)
            has_left = composer.perform(kind, ticket, draft, by=by, at=at)
            db.session.commit()
        except Refused as refused:
            return self._refused(reference, refused, draft)
        if has_left:
            flash(str(composer.ACTS[kind].done), "success")
        return self._back(ticket.reference)

    @expose("/<reference>/draft", methods=["POST"])
    @has_access
    @permission_name("act")
    def compose(self, reference: str) -> ResponseReturnValue:
        """Upload or drop files, insert a prepared answer or a link, without sending: the page again with everything."""
        draft = composer.posted_draft()
        by, at = signed_in_staff(), clock.now()
        ticket = queries.get_ticket_for_staff(by, reference)
        draft.secrets.target = request.path
        try:
            composer.keep_uploads(draft, by=by, at=at)
        except Refused as refused:
            return self._refused(reference, refused, draft)
        composer.insert_canned(draft, ticket, by=by, at=at)
        articles.insert_article(draft)
        self._keep(draft, ticket)
        return self._page(ticket, draft)

    @expose("/<reference>/draft/removal", methods=["POST"])
    @has_access
    @permission_name("act")
    def discard(self, reference: str) -> ResponseReturnValue:
        """Forget what was typed and not sent."""
        by = signed_in_staff()
        discard(queries.get_ticket_for_staff(by, reference), by)
        db.session.commit()
        return self._back(reference)

    @expose("/<reference>/held/<key>/undoing", methods=["POST"])
    @has_access
    @permission_name("act")
    def undo(self, reference: str, key: str) -> ResponseReturnValue:
        """Take back what was sent a moment ago: it stands in its form again."""

        def perform(ticket: Ticket) -> None:
            holding.take_back(ticket, readable_id(key) or 0, by=signed_in_staff(), at=clock.now())

        return self._do(reference, perform, _("Taken back: nothing was sent."))

    @expose("/<reference>/held/<key>/sending", methods=["POST"])
    @has_access
    @permission_name("act")
    def send_now(self, reference: str, key: str) -> ResponseReturnValue:
        """Let what one has sent oneself go without waiting."""
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        return self._let_go(ticket.reference, [readable_id(key) or 0], without_waiting=True)

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
            return self._back(reference)
        draft = composer.posted_draft()
        by, at, version = signed_in_staff(), clock.now(), draft.seen_version
        anyway = "although_absent" in request.form

        def perform(ticket: Ticket) -> None:
            operations.assign(ticket, colleague, by=by, at=at, seen_version=version, although_absent=anyway)

        return self._do(reference, perform, _("Assigned to %(name)s.", name=colleague.display_name), draft)

    @expose("/<reference>/closure", methods=["POST"])
    @has_access
    @permission_name("act")
    def close(self, reference: str) -> ResponseReturnValue:
        draft, by, at = composer.posted_draft(), signed_in_staff(), clock.now()

        def perform(ticket: Ticket) -> bool:
            closing = SentAct(ticket, HeldKind.CLOSING, draft.note, by, draft.token, draft.seen_version)
            return holding.send(closing, at=at)

        return self._do(reference, perform, str(composer.DONE[HeldKind.CLOSING]), draft)

    @expose("/<reference>/merging", methods=["POST"])
    @has_access
    @permission_name("act")
    def merge(self, reference: str) -> ResponseReturnValue:
        draft, by, at = composer.posted_draft(), signed_in_staff(), clock.now()

        def perform(ticket: Ticket) -> bool:
            target = named_ticket(draft.target)
            merging = SentAct(ticket, HeldKind.MERGING, "", by, draft.token, draft.seen_version, target=target)
            return holding.send(merging, at=at)

        return self._do(reference, perform, str(composer.DONE[HeldKind.MERGING]), draft)

    def _do(
        self, reference: str, perform: Callable[[Ticket], Any], done: str, draft: composer.Draft | None = None
    ) -> ResponseReturnValue:
        """One act, one transaction; then the page again, by a redirect. ``perform`` says False when the act waits: it
        is not told as done then."""
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        try:
            has_happened = perform(ticket)
            db.session.commit()
        except Refused as refused:
            return self._refused(reference, refused, draft)
        if has_happened is not False:
            flash(done, "success")
        return self._back(ticket.reference)

    def _let_go(self, reference: str, keys: list[int], *, without_waiting: bool = False) -> ResponseReturnValue:
        """Perform what was held back on this ticket and whose time has come; then the page again."""
        me = signed_in_staff()
        begin_writing(db.session)
        for key in keys:
            held = db.session.get(HeldAct, key)
            kind = held.kind if held is not None and held.staff_id == me.id else None
            db.session.rollback()
            if perform_one(key, at=clock.now(), by=me if without_waiting else None) and kind:
                flash(str(composer.DONE[kind]), "success")
        return self._back(reference)

    def _back(self, reference: str) -> ResponseReturnValue:
        return redirect(url_for("TicketPage.show", reference=reference), 303)

    def _refused(self, reference: str, refused: Refused, draft: composer.Draft | None) -> ResponseReturnValue:
        db.session.rollback()
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        news: list[TimelineEntry] = []
        if "body" in request.form and draft is not None:
            self._keep(draft, ticket)
        else:
            draft = composer.with_posted(composer.kept_draft(ticket, signed_in_staff()), draft)
        if refused.reason == "changed_meanwhile" and draft.seen_version is not None:
            news = queries.changes_since(ticket, draft.seen_version)
            draft.seen_version = ticket.version  # the news stand on this page: sending again is a decision
        return self._page(ticket, draft, refusal=refused, news=news), 422

    def _keep(self, draft: composer.Draft, ticket: Ticket) -> None:
        """The text outlives this page, too; when it cannot be kept, it stands on the page all the same."""
        try:
            composer.keep_for_page(draft, ticket, by=signed_in_staff(), at=clock.now())
        except Refused as refused:
            db.session.rollback()
            if refused.reason == "draft_elsewhere":
                flash(sentence(refused), "warning")

    def _page(self, ticket: Ticket, draft: composer.Draft, **more: Any) -> str:
        refusal = more.pop("refusal", None)
        return self.render_template(
            "staff/tickets/page.html",
            ticket=ticket,
            draft=draft,
            refusal=sentence(refusal) if refusal else None,
            refused_field=refusal.field if refusal else None,
            changed=bool(refusal and refusal.reason == "changed_meanwhile"),
            absence=refusal.params if refusal and refusal.reason == "assignee_absent" else None,
            **page_facts(ticket, draft, **more),
        )
