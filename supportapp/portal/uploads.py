"""Files sent ahead of their form by the page's script, one at a time. Without a script they come with the form."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files import operations
from supportapp.guard.asking import Choice
from supportapp.portal import blueprint, limits
from supportapp.portal.attachments import as_json, give_up
from supportapp.portal.forms.tickets import is_token
from supportapp.portal.language import language
from supportapp.portal.script_only import customer_or_401
from supportapp.portal.secret_guard import choice
from supportapp.portal.session import the_customer


@blueprint.get("/uploads")
@customer_or_401
def uploads() -> ResponseReturnValue:
    """What waits for the form ``draft``, for a form that is restored after signing in again."""
    draft = request.args.get("draft", "")
    waiting = operations.files_for_draft(the_customer(), draft) if is_token(draft) else []
    return jsonify(files=[as_json(stored) for stored in waiting])


@blueprint.post("/uploads")
@customer_or_401
@limits.attempts("600 per hour", limits.account)
def upload_file() -> ResponseReturnValue:
    """Keep one file for the form ``draft``: 201 with what to show, or 422 with the sentence for this file.

    After the reason "secret_file" the same file with ``secrets=keep`` is taken.
    """
    upload, draft = request.files.get("file"), request.form.get("draft", "")
    if upload is None or not upload.filename or not is_token(draft):
        return jsonify(error=_("The file did not arrive. Try it once more.")), 400
    try:
        db.session.rollback()  # the bytes come first, without a transaction that others would wait for
        allowed = choice() is Choice.KEEP
        received = operations.receive_upload(cast(BinaryIO, upload.stream), upload.filename, secrets_allowed=allowed)
        stored = operations.keep_upload(received, owner=the_customer(), draft=draft, at=clock.now())
    except Refused as refused:
        db.session.rollback()
        return jsonify(error=refused.text(language()), reason=refused.reason), 422
    db.session.commit()
    return jsonify(as_json(stored)), 201


@blueprint.post("/uploads/<public_id>/removal")
@customer_or_401
def remove_upload(public_id: str) -> ResponseReturnValue:
    """Give up a file that was not sent yet."""
    give_up(public_id, the_customer())
    db.session.commit()
    return "", 204
