"""Attached files: always a download, never a page of ours; pictures are shown by their re-encoded thumbnail."""

from __future__ import annotations

from typing import BinaryIO

from flask import Response, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp.errors import NotFound, Refused
from supportapp.files import operations, thumbnails
from supportapp.files.models import StoredFile
from supportapp.portal import blueprint
from supportapp.portal.language import language
from supportapp.portal.session import customer_required, the_customer
from supportapp.tickets import queries


@blueprint.get("/files/<public_id>")
@customer_required
def download_file(public_id: str) -> ResponseReturnValue:
    """The file as it was sent."""
    stored = _get(public_id)
    try:
        stream = operations.open_file(stored)
    except Refused as refused:
        return _unavailable(refused)
    response = _send(stream, stored, stored.content_type, stored.sha256, download=True)
    response.content_length = stored.size
    return response


@blueprint.get("/files/<public_id>/thumbnail")
@customer_required
def download_thumbnail(public_id: str) -> ResponseReturnValue:
    """The small picture; 404 when the file has none."""
    stored = _get(public_id)
    try:
        stream = operations.open_thumbnail(stored)
    except Refused as refused:
        return _unavailable(refused)
    return _send(stream, stored, thumbnails.CONTENT_TYPE, f"{stored.sha256}-small", download=False)


def _get(public_id: str) -> StoredFile:
    if not (public_id.isascii() and public_id.isalnum()):
        raise NotFound(public_id)
    return queries.get_file_for(the_customer(), public_id)


def _send(stream: BinaryIO, stored: StoredFile, kind: str, etag: str, *, download: bool) -> Response:
    response = send_file(
        stream, mimetype=kind, as_attachment=download, download_name=stored.name, etag=etag, conditional=False
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "private, no-cache"  # kept, but access is asked for every time
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _unavailable(refused: Refused) -> ResponseReturnValue:
    heading = _("The file cannot be opened now")
    return render_template("error.html", code=503, heading=heading, sentence=refused.text(language())), 503
