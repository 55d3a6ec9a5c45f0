"""What the script of the ticket page asks for: drafts while typing, files at once, who else is here. JSON only."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from supportapp import clock
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.files.operations import keep_upload, receive_upload, remove_draft_file
from supportapp.guard.asking import Choice
from supportapp.staff import labels
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen, show_moment, show_size
from supportapp.staff.secret_guard import choice
from supportapp.staff.security import signed_in_staff
from supportapp.staff.tickets import composer
from supportapp.tickets import queries
from supportapp.tickets.desk import presence
from supportapp.tickets.models import Ticket, TimelineEntry
from supportapp.web import only_reads


class TicketDesk(StaffScreen):
    """Every answer looks the ticket up again for this person; nothing here sends anything."""

    route_base = "/staff/tickets"
    default_view = "here"
    class_permission_name = "TicketPage"

    @expose("/<reference>/draft/keeping", methods=["POST"])
    @has_access
    @permission_name("act")
    def keep_draft(self, reference: str) -> ResponseReturnValue:
        """Keep what is being typed: its new revision, or 409 with the reason why nothing was kept."""
        draft, at = composer.posted_draft(), clock.now()
        ticket = queries.get_ticket_for_staff(signed_in_staff(), reference)
        try:
            composer.keep(draft, ticket, by=signed_in_staff(), at=at)
        except Refused as refused:
            db.session.rollback()
            return jsonify(error=sentence(refused), reason=refused.reason), 409
        return jsonify(revision=draft.revision, saved=show_moment(at).split()[-1])

    @expose("/<reference>/presence", methods=["POST"])
    @only_reads
    @has_access
    @permission_name("act")
    def here(self, reference: str) -> ResponseReturnValue:
        """A beat of the heart: who else is on the ticket, and what has happened since the page was opened."""
        me, seen = signed_in_staff(), composer.posted_draft().seen_version
        ticket = queries.get_ticket_for_staff(me, reference)
        if "leaving" in request.form:
            presence.leave(ticket, me)
            return "", 204
        others = presence.arrive(ticket, me, at=clock.now(), writing="writing" in request.form)
        return jsonify(
            others=[{"name": person.display_name, "writing": writing} for person, writing in others],
            news=_news(ticket, seen),
        )

    @expose("/<reference>/uploads", methods=["POST"])
    @has_access
    @permission_name("act")
    def upload(self, reference: str) -> ResponseReturnValue:
        """Keep one file for the composer: 201 with what to show, or 422 with the sentence for this file."""
        me = signed_in_staff()
        reference = queries.get_ticket_for_staff(me, reference).reference
        upload, token = request.files.get("file"), composer.posted_draft().token
        if upload is None or not upload.filename:
            return jsonify(error=_("The file did not arrive. Try it once more.")), 400
        try:
            db.session.rollback()  # the bytes come first, without a transaction that others would wait for
            allowed = choice() is Choice.KEEP
            received = receive_upload(cast(BinaryIO, upload.stream), upload.filename, secrets_allowed=allowed)
            stored = keep_upload(received, owner=signed_in_staff(), draft=token, at=clock.now())
        except Refused as refused:
            db.session.rollback()
            return jsonify(error=sentence(refused), reason=refused.reason), 422
        db.session.commit()
        return jsonify(_as_json(stored, reference)), 201

    @expose("/<reference>/uploads/<public_id>/removal", methods=["POST"])
    @has_access
    @permission_name("act")
    def remove_upload(self, reference: str, public_id: str) -> ResponseReturnValue:
        """Give up a file that was not sent yet; one that is gone already is no trouble."""
        queries.get_ticket_for_staff(signed_in_staff(), reference)
        try:
            remove_draft_file(public_id, signed_in_staff())
        except NotFound:
            db.session.rollback()
            return "", 204
        db.session.commit()
        return "", 204


def _news(ticket: Ticket, seen: int | None) -> list[str]:
    if seen is None or seen >= ticket.version:
        return []
    return [_said(entry) for entry in queries.changes_since(ticket, seen)]


def _said(entry: TimelineEntry) -> str:
    who = entry.customer or entry.staff
    name = who.display_name if who else _("the system")
    return f"{show_moment(entry.at)} — {name}: {labels.label(entry.kind)}"


def _as_json(stored: StoredFile, reference: str) -> dict[str, Any]:
    public_id = stored.public_id
    return {
        "id": public_id,
        "name": stored.name,
        "size": show_size(stored.size),
        "url": url_for("FileView.download", public_id=public_id),
        "thumbnail": url_for("FileView.thumbnail", public_id=public_id) if stored.is_image else None,
        "removal": url_for("TicketDesk.remove_upload", reference=reference, public_id=public_id),
    }
