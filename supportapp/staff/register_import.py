"""The certificate register from a spreadsheet: upload, look at it, take it over whole or not at all."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from supportapp import clock, database
from supportapp.certificates.register import Register, import_register, read_register
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.files.operations import open_file, remove_draft_file, store_upload
from supportapp.files.queries import get_draft_file
from supportapp.i18n import N_
from supportapp.staff import changes, labels
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen, language
from supportapp.staff.security import signed_in_staff

PROBLEMS_SHOWN = 500


class CertificateImportPage(StaffScreen):
    """The file waits among the uploads of the person who sent it, and is read again when it is taken over."""

    route_base = "/staff/certificate-import"
    default_view = "upload"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def upload(self) -> ResponseReturnValue:
        if request.method == "GET":
            return self.render_template("staff/import.html")
        try:
            stored = _stored_upload()
            db.session.commit()
            return self._preview(stored, _read(stored.public_id))
        except Refused as refused:
            db.session.rollback()
            return self.render_template("staff/import.html", refusal=sentence(refused)), 422

    @expose("/<public_id>/confirmation", methods=["POST"])
    @has_access
    @permission_name("write")
    def confirm(self, public_id: str) -> ResponseReturnValue:
        try:
            register = _read(public_id)
            stored = get_draft_file(public_id, signed_in_staff())
            count = import_register(register, by=signed_in_staff(), at=clock.now())
            changes.note("imported a register", stored, f"{count} certificates from {stored.name!r}")
            remove_draft_file(public_id, signed_in_staff())
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            return self.render_template("staff/import.html", refusal=sentence(refused)), 422
        except NotFound:
            db.session.rollback()
            flash(_("The uploaded file is no longer there. Upload it again."), "warning")
            return redirect(url_for("CertificateImportPage.upload"), 303)
        flash(_("Certificates imported: %(count)s.", count=count), "success")
        return redirect(url_for("CertificateView.list"), 303)

    def _preview(self, stored: StoredFile, register: Register) -> ResponseReturnValue:
        page = self.render_template(
            "staff/import.html",
            register=register,
            stored=stored,
            problems=[problem.text(language()) for problem in register.problems[:PROBLEMS_SHOWN]],
            more_problems=max(0, len(register.problems) - PROBLEMS_SHOWN),
            label=labels.label,
        )
        return page, 200 if register.is_clean else 422


def _stored_upload() -> StoredFile:
    upload: Any = request.files.get("register")
    if upload is None or not upload.filename:
        raise Refused("no_file", N_("Choose a file."))
    draft = f"register{uuid.uuid4().hex}"
    by, at = signed_in_staff(), clock.now()  # a register is a list of activation codes: nobody is asked about them
    return store_upload(upload.stream, upload.filename, owner=by, draft=draft, at=at, secrets_allowed=True)


def _read(public_id: str) -> Register:
    """Reading a long file takes many seconds, in which everybody else may write; ``import_register`` looks once more
    whether the rows still fit."""
    db.session.rollback()
    with database.reading():
        stored = get_draft_file(public_id, signed_in_staff())
        with open_file(stored) as stream:
            register = read_register(stream, stored.name)
        db.session.rollback()
    return register
