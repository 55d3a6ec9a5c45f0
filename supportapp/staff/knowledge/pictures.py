"""Pictures that arrive with a form or by themselves; an edge, since each is committed before the next one is read."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb.operations import receive_picture, store_picture
from supportapp.kb.pictures import ADDRESS
from supportapp.staff.security import signed_in_staff


def take_picture(upload: FileStorage) -> StoredFile:
    """Store one picture and commit. Refused as ``receive_picture`` and ``files.operations.keep_upload``."""
    db.session.commit()  # decoding takes a while: nobody is to wait for this transaction
    received = receive_picture(cast(BinaryIO, upload.stream), upload.filename or "picture.png")
    stored = store_picture(received, by=signed_in_staff(), at=clock.now())
    db.session.commit()
    return stored


def take_chosen(form: FlaskForm) -> tuple[int, list[Refused]]:
    """Store the pictures chosen in the form and put them at the end of its text: how many, and what was refused."""
    taken, refusals = [], []
    for upload in request.files.getlist("files"):
        if not upload.filename:
            continue
        try:
            taken.append(markdown(take_picture(upload)))
        except Refused as refused:
            db.session.rollback()
            refusals.append(refused)
    form["body"].data = "\n\n".join([(form["body"].data or "").rstrip(), *taken]) if taken else form["body"].data
    return len(taken), refusals


def address(stored: StoredFile) -> str:
    """Where the picture is shown: the same for staff and, once an article with it is published, for everybody."""
    return f"{ADDRESS}{stored.public_id}"


def markdown(stored: StoredFile) -> str:
    """The picture as it stands in a text, to be described by the editor."""
    return f"![]({address(stored)})"
