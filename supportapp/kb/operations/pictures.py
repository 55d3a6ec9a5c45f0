"""The pictures of articles: taken as uploads, encoded anew, and kept for as long as any version may show them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.files.operations import Upload, keep_upload, receive_upload
from supportapp.kb import pictures
from supportapp.kb.models import Article
from supportapp.kb.queries import pictures_by_id
from supportapp.kb.render import picture_ids

__all__ = ["follow_pictures", "receive_picture", "store_picture"]


def receive_picture(stream: BinaryIO, filename: str) -> Upload:
    """Check a picture, encode it anew and store it, before any row knows it; like ``files.operations.receive_upload``.

    Refused: empty_file, file_too_large, no_picture, storage_unavailable.
    """
    return receive_upload(*pictures.clean(stream, filename))


def store_picture(upload: Upload, *, by: StaffUser, at: datetime) -> StoredFile:
    """Give a received picture its row. Until an article with it is saved it is swept away after a day."""
    return keep_upload(upload, owner=by, draft=f"{pictures.MARK}{uuid.uuid4().hex}", at=at)


def follow_pictures(article: Article, given: Sequence[StoredFile], *, at: datetime) -> None:
    """The article's pictures are those that its body shows. Others stay stored: an older version may show them.

    Only what was stored for articles counts, or ``given`` with the text: no other file can be shown by its address.
    """
    wanted = picture_ids(article.body)
    known = pictures_by_id(wanted) | {stored.public_id: stored for stored in given}
    article.images = [known[public_id] for public_id in wanted if public_id in known]
    for stored in article.images:
        stored.attached_at = stored.attached_at or at
        if not stored.draft.startswith(pictures.MARK):
            stored.draft = f"{pictures.MARK}{stored.public_id}"
    db.session.flush()
