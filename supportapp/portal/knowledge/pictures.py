"""Pictures in articles: shown to everybody where a public article has them, to staff where any has."""

from __future__ import annotations

from typing import BinaryIO

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from PIL import Image
from werkzeug.wrappers import Response

from supportapp.errors import NotFound, Refused
from supportapp.files.models import StoredFile
from supportapp.files.operations import open_file
from supportapp.kb.public import find_image
from supportapp.portal import blueprint
from supportapp.portal.language import language

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


@blueprint.get("/kb/images/<public_id>")
def article_image(public_id: str) -> ResponseReturnValue:
    """The picture, of the kind that its bytes are; anything else than a picture is 404."""
    stored, is_public = _get(public_id)
    try:
        stream = open_file(stored)
    except Refused as refused:
        heading = _("The file cannot be opened now")
        return render_template("error.html", code=503, heading=heading, sentence=refused.text(language())), 503
    response = _send(stream, stored)
    # kept, but asked for again each time: with the article its pictures are withdrawn at once
    response.headers["Cache-Control"] = "public, no-cache" if is_public else "private, no-store"
    return response


def _get(public_id: str) -> tuple[StoredFile, bool]:
    if public_id.isascii() and public_id.isalnum():
        if public := find_image(public_id, for_staff=False):
            return public, True
        is_staff = current_user.is_authenticated and current_user.is_staff
        if is_staff and (shown := find_image(public_id, for_staff=True)):
            return shown, False
    raise NotFound(public_id)


def _send(stream: BinaryIO, stored: StoredFile) -> Response:
    kind = _kind(stream)
    if kind is None:
        stream.close()
        raise NotFound(stored.public_id)
    stream.seek(0)
    response = send_file(stream, mimetype=kind, etag=stored.sha256, conditional=False)
    response.content_length = stored.size
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response.make_conditional(request)


def _kind(stream: BinaryIO) -> str | None:
    try:
        with Image.open(stream, formats=tuple(KINDS)) as image:
            return KINDS[image.format or ""]
    except Exception:  # Pillow's readers raise whatever the damage leads them to
        return None
