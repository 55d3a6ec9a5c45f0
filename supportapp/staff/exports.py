"""The ticket list as a file: the filters, columns, order and language of the screen, all its pages.

A small one comes at once; a long one is made by a worker, shown with its progress and offered for some days.
"""

from __future__ import annotations

import tempfile
from typing import Any

from flask import abort, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import staff_in_role
from supportapp.audit.operations import Object
from supportapp.audit.rules import Act
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files.operations import open_file
from supportapp.reports import operations, queries, rules
from supportapp.reports.models import Export, SavedExport
from supportapp.reports.rules import ExportForm, ExportState, Period
from supportapp.reports.sheets import IN_MEMORY
from supportapp.staff import changes, relative_days
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen, language
from supportapp.staff.interface import readable_id
from supportapp.staff.reports import screen
from supportapp.staff.reports.making import Wish, file_name, write_tickets
from supportapp.staff.reports.words import PERIODS, REASONS, STATES
from supportapp.staff.roles import ADMIN
from supportapp.staff.security import signed_in_staff


class ExportView(StaffScreen):
    """Everybody sees his own exports and those he receives; an Admin sees all."""

    route_base = "/staff/exports"
    default_view = "all"

    @expose("/")
    @has_access
    @permission_name("read")
    def all(self) -> ResponseReturnValue:
        person, admin = signed_in_staff(), _is_admin()
        return self.render_template(
            "staff/reports/exports.html",
            exports=queries.exports_for(person, is_admin=admin),
            saved=queries.saved_for(person, is_admin=admin),
            person=person,
            admin=admin,
            states=STATES,
            periods=PERIODS,
            words=_facts_of,
        )

    @expose("/tickets.<any(csv,xlsx):form>")
    @has_access
    @permission_name("read")
    def tickets(self, form: str) -> ResponseReturnValue:
        """At once, exactly what the screen shows; where that is too much, the page that asks a worker."""
        ids = screen.chosen_ids()
        if len(ids) > rules.AT_ONCE_ROWS:
            return redirect(f"{url_for('ExportView.new')}?{_query()}", 303)
        return _at_once(Wish(ExportForm(form), working_time=form == "xlsx"), ids)

    @expose("/new")
    @has_access
    @permission_name("read")
    def new(self) -> ResponseReturnValue:
        return self._ask()

    @expose("/new", methods=["POST"])
    @has_access
    @permission_name("read")
    def make(self) -> ResponseReturnValue:
        """A file of the list in the address: at once when it is small, else by a worker."""
        wish, ids = _wish(), screen.chosen_ids()
        if len(ids) <= rules.AT_ONCE_ROWS:
            return _at_once(wish, ids)
        try:
            export = operations.request_export(
                _query(),
                form=wish.form,
                conversation=wish.conversation,
                working_time=wish.working_time,
                language=language(),
                by=signed_in_staff(),
                at=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
            return self._ask(), 422
        changes.note_object(Act.EXPORTED, Object("Export", export.id, file_name(wish, clock.now())), _noted())
        db.session.commit()
        return redirect(url_for("ExportView.show", number=export.id), 303)

    @expose("/saved", methods=["POST"])
    @has_access
    @permission_name("read")
    def save(self) -> ResponseReturnValue:
        """Have the list in the address made regularly."""
        screen.chosen_ids()  # 400 for an address that cannot be read
        wish, query = _wish(), _query()
        if request.form.get("days"):
            query = screen.within(query, request.form.get("days_of", ""), request.form["days"])
        try:
            saved = operations.save_export(
                request.form.get("name", ""),
                query,
                form=wish.form,
                conversation=wish.conversation,
                working_time=wish.working_time,
                language=language(),
                period=_member(Period, request.form.get("period", "")),
                hour=readable_id(request.form.get("hour", "")) or 0,
                recipients=_recipients(),
                by=signed_in_staff(),
                at=clock.now(),
            )
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
            return self._ask(), 422
        with screen.as_seen_by(signed_in_staff(), query, language()):
            noted = _noted()
        changes.note_object(Act.ADDED, Object("SavedExport", saved.id, saved.name), noted)
        db.session.commit()
        flash(_("Saved. The first file comes at the next date."), "success")
        return redirect(url_for("ExportView.all"), 303)

    @expose("/<number>")
    @has_access
    @permission_name("read")
    def show(self, number: str) -> ResponseReturnValue:
        export = _get(number)
        facts = _facts_of(export)
        return self.render_template(
            "staff/reports/export.html", export=export, states=STATES, facts=facts, reasons=REASONS
        )

    @expose("/<number>/progress")
    @has_access
    @permission_name("read")
    def progress(self, number: str) -> ResponseReturnValue:
        """For the page's script."""
        export = _get(number)
        done = {"done": export.rows_done, "total": export.rows_total, "percent": export.percent}
        return {"unfinished": export.is_unfinished, "state": str(STATES[export.state]), **done}

    @expose("/<number>/cancellation", methods=["POST"])
    @has_access
    @permission_name("read")
    def cancel(self, number: str) -> ResponseReturnValue:
        export = _get(number)
        if export.owner_id != signed_in_staff().id and not _is_admin():
            abort(403)
        try:
            operations.cancel(export, at=clock.now())
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
        return redirect(url_for("ExportView.show", number=number), 303)

    @expose("/<number>/file")
    @has_access
    @permission_name("read")
    def download(self, number: str) -> ResponseReturnValue:
        export = _get(number)
        if export.state is not ExportState.READY or export.file is None:
            return redirect(url_for("ExportView.show", number=number), 303)
        changes.note_export(export.file.name, "")
        try:
            stream = open_file(export.file)
        except Refused:
            abort(404)
        answer = send_file(stream, export.file.content_type, as_attachment=True, download_name=export.file.name)
        answer.content_length = export.file.size
        return answer

    @expose("/saved/<number>/deletion", methods=["POST"])
    @has_access
    @permission_name("read")
    def delete(self, number: str) -> ResponseReturnValue:
        saved = _get_saved(number)
        if saved.owner_id != signed_in_staff().id and not _is_admin():
            abort(403)
        what = Object("SavedExport", saved.id, saved.name)
        operations.delete_saved(saved)
        changes.note_object(Act.DELETED, what)
        db.session.commit()
        flash(_("It is made no more."), "success")
        return redirect(url_for("ExportView.all"), 303)

    @expose("/saved/<number>/takeover", methods=["POST"])
    @has_access
    @permission_name("read")
    def take_over(self, number: str) -> ResponseReturnValue:
        saved = _get_saved(number)
        try:
            operations.take_over(saved, by=signed_in_staff(), at=clock.now())
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
            return redirect(url_for("ExportView.all"), 303)
        changes.note_object(Act.CHANGED, Object("SavedExport", saved.id, saved.name))
        db.session.commit()
        flash(_("It is yours, and goes on at the next date."), "success")
        return redirect(url_for("ExportView.all"), 303)

    @expose("/saved/<number>/unsubscription", methods=["POST"])
    @has_access
    @permission_name("read")
    def unsubscribe(self, number: str) -> ResponseReturnValue:
        operations.unsubscribe(_get_saved(number), by=signed_in_staff())
        db.session.commit()
        flash(_("You get it no longer."), "success")
        return redirect(url_for("ExportView.all"), 303)

    def _ask(self) -> str:
        return self.render_template(
            "staff/reports/new_export.html",
            number=len(screen.chosen_ids()),
            at_once=rules.AT_ONCE_ROWS,
            query=_query(),
            facts=screen.facts(),
            periods=PERIODS,
            colleagues=staff_in_role(*rules.RECEIVERS),
            person=signed_in_staff(),
            days=relative_days.choices(),
            days_of=screen.moments(),
            fixed=screen.names_fixed_days(),
            typed=request.form,
        )


def _at_once(wish: Wish, ids: Any) -> ResponseReturnValue:
    # whole before the answer begins: a file that breaks off half way would pass for a complete one
    file, at = tempfile.SpooledTemporaryFile(IN_MEMORY), clock.now()  # noqa: SIM115 - closed with the answer
    write_tickets(ids, file, wish, by=signed_in_staff(), at=at, progress=lambda _done, _total: None)
    size = file.tell() if wish.form is ExportForm.CSV else file.seek(0, 2)
    file.seek(0)
    changes.note_export(file_name(wish, at), _chosen_words())
    answer = send_file(file, wish.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name(wish, at)}"'
    answer.content_length = size
    return answer


def _chosen_words() -> str:
    return "; ".join(f"{name}: {value}" for name, value in screen.facts())


def _noted() -> dict[str, str]:
    return {"note": _chosen_words()[:300]}


def _query() -> str:
    return screen.plain_query(request.query_string.decode())


def _wish() -> Wish:
    chosen = request.form
    form = _member(ExportForm, chosen.get("form", ""))
    return Wish(form, chosen.get("conversation") == "1", chosen.get("working_time") == "1")


def _member(kind: Any, value: str) -> Any:
    return kind(value) if value in list(kind) else abort(400)


def _recipients() -> list[StaffUser]:
    chosen = set(request.form.getlist("recipients"))
    return [person for person in staff_in_role(*rules.RECEIVERS) if str(person.id) in chosen]


def _get(number: str) -> Export:
    return queries.get_export_for(signed_in_staff(), readable_id(number) or 0, is_admin=_is_admin())


def _get_saved(number: str) -> SavedExport:
    return queries.get_saved_for(signed_in_staff(), readable_id(number) or 0, is_admin=_is_admin())


def _is_admin() -> bool:
    return signed_in_staff() in staff_in_role(ADMIN)


def _facts_of(row: Export | SavedExport) -> list[tuple[str, str]]:
    """What the row's address chooses, in the words of this page."""
    with screen.as_seen_by(signed_in_staff(), row.query, language()):
        return screen.facts()
