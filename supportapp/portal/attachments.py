"""Files of a form that is being written: kept from the first moment, so that a failed check loses none."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO, cast

from babel.numbers import format_decimal
from flask import request, url_for
from flask_babel import gettext as _

from supportapp.accounts.models import Customer
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.files import operations
from supportapp.files.models import StoredFile
from supportapp.guard.asking import Choice
from supportapp.i18n import gettext
from supportapp.portal import blueprint
from supportapp.portal.forms.tickets import FilesForm
from supportapp.portal.language import language
from supportapp.portal.secret_guard import ask_for_files_again, choice, guard_file


def receive_files(form: FilesForm, *, owner: Customer, at: datetime) -> None:
    """Keep what came with the form and give up what was ticked for removal; a refusal stands next to the field.

    It commits: whatever becomes of the form, nobody has to choose his files again.
    """
    for public_id in request.form.getlist("remove")[: settings.MAX_FILES_PER_MESSAGE]:
        give_up(public_id, owner)
    for upload in form.files.data or ():
        if not getattr(upload, "filename", ""):
            continue
        try:
            db.session.commit()  # the bytes come without a transaction that others would wait for
            allowed = choice() is Choice.KEEP
            received = operations.receive_upload(
                cast(BinaryIO, upload.stream), upload.filename, secrets_allowed=allowed
            )
            operations.keep_upload(received, owner=owner, draft=form.token, at=at)
        except Refused as refused:
            if refused.reason == "secret_file":
                guard_file(form, upload.filename, what(refused))
            elif refused.text(language()) not in form.files.errors:
                form.refuse(refused)
    ask_for_files_again(form)
    db.session.commit()


def what(refused: Refused) -> str:
    """The kinds of secrets in a file that was refused for them."""
    return ", ".join(gettext(kind, language()) for kind in refused.params["what"])


def waiting_files(form: FilesForm, owner: Customer) -> list[StoredFile]:
    """What was uploaded for this form and is not sent yet."""
    return operations.files_for_draft(owner, form.token)


def give_up(public_id: str, owner: Customer) -> None:
    """Remove a file that was not sent; one that is gone already is no trouble."""
    try:
        operations.remove_draft_file(public_id, owner)
    except NotFound:
        return


def as_json(stored: StoredFile) -> dict[str, Any]:
    """What the page's script needs to show the file and to remove it."""
    public_id = stored.public_id
    return {
        "id": stored.public_id,
        "name": stored.name,
        "size": file_size(stored.size),
        "url": url_for("portal.download_file", public_id=public_id),
        "thumbnail": url_for("portal.download_thumbnail", public_id=public_id) if stored.is_image else None,
        "removal": url_for("portal.remove_upload", public_id=public_id),
    }


@blueprint.app_template_filter()
def file_size(size: int) -> str:
    """ "340 KB" or "1.5 MB"."""
    if size < 1024:
        return str(_("%(size)s bytes", size=size))
    if size < 1024 * 1024:
        return str(_("%(size)s KB", size=max(1, round(size / 1024))))
    return str(_("%(size)s MB", size=format_decimal(round(size / 1024 / 1024, 1), locale=language())))


@blueprint.app_context_processor
def _limits() -> dict[str, int]:
    return {"max_files": settings.MAX_FILES_PER_MESSAGE, "max_file_bytes": settings.MAX_FILE_BYTES}
