"""Attachments for staff: always as a download, whatever they are; pictures as re-encoded thumbnails."""

from __future__ import annotations

from flask import Response, abort, send_file
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name

from supportapp.errors import Refused
from supportapp.files.excerpts import has_excerpt, read_excerpt
from supportapp.files.models import StoredFile
from supportapp.files.operations import open_file, open_thumbnail
from supportapp.files.thumbnails import CONTENT_TYPE
from supportapp.staff.frame import StaffScreen
from supportapp.staff.security import signed_in_staff
from supportapp.tickets.queries import get_file_for_staff


class FileView(StaffScreen):
    route_base = "/staff/files"
    default_view = "download"

    @expose("/<public_id>")
    @has_access
    @permission_name("read")
    def download(self, public_id: str) -> ResponseReturnValue:
        stored = _readable(public_id)
        try:
            stream = open_file(stored)
        except Refused:
            abort(404)
        answer = send_file(stream, "application/octet-stream", as_attachment=True, download_name=stored.name)
        answer.content_length = stored.size
        return _locked(answer)

    @expose("/<public_id>/thumbnail")
    @has_access
    @permission_name("read")
    def thumbnail(self, public_id: str) -> ResponseReturnValue:
        stored = _readable(public_id)
        try:
            return _locked(send_file(open_thumbnail(stored), CONTENT_TYPE))
        except Refused:
            abort(404)

    @expose("/<public_id>/excerpt")
    @has_access
    @permission_name("read")
    def excerpt(self, public_id: str) -> ResponseReturnValue:
        """The first lines of a text or a log, as plain text; 404 for any other file."""
        stored = _readable(public_id)
        if not has_excerpt(stored):
            abort(404)
        try:
            found = read_excerpt(stored)
        except Refused:
            abort(404)
        text = f"{found.text}\n…" if found.cut else found.text
        return _locked(Response(text, content_type="text/plain; charset=utf-8"))


def _readable(public_id: str) -> StoredFile:
    return get_file_for_staff(signed_in_staff(), public_id)


def _locked(answer: Response) -> Response:
    """Nothing in a stranger's file may run in our name."""
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
