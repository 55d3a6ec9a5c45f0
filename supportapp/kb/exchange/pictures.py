"""The pictures of articles: one stored file each, one file of the folder each, the same by their content."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection
from datetime import datetime

from PIL import Image
from sqlalchemy import select

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.files import operations, storage
from supportapp.files.models import StoredFile
from supportapp.files.operations import Upload, receive_upload
from supportapp.kb.exchange.folder import IMAGES, Folder
from supportapp.kb.exchange.problems import Unusable
from supportapp.kb.models import article_image
from supportapp.kb.pictures import ADDRESS, CONTENT_TYPE, MARK, MAX_BYTES, MAX_SIDE, clean

__all__ = ["ADDRESS", "among", "digest", "file_name", "give_up", "keep", "known", "read", "store"]


def digest(folder: Folder, path: str) -> str:
    """The SHA-256 of a picture as it would be stored; Unusable when the file is none, or is too large."""
    return hashlib.sha256(_ready(folder, path)[0]).hexdigest()


def known(sha256: str) -> StoredFile | None:
    """The picture of an article here that has the same content."""
    ours = select(StoredFile).join(article_image, article_image.c.file_id == StoredFile.id)
    return db.session.scalars(ours.where(StoredFile.sha256 == sha256).order_by(StoredFile.id)).first()


def among(keys: Collection[str]) -> set[str]:
    """Those of the storage's keys that a row knows."""
    return set(db.session.scalars(select(StoredFile.storage_key).where(StoredFile.storage_key.in_(keys))))


def store(folder: Folder, path: str) -> Upload:
    """Put the bytes into the storage; like every upload, before any database is asked. Unusable, or Refused."""
    content, name = _ready(folder, path)
    return receive_upload(io.BytesIO(content), name)


def keep(upload: Upload, public_id: str, *, by: StaffUser | None, at: datetime) -> StoredFile:
    """The row of a stored picture, which belongs to an article from the start."""
    facts = {name: getattr(upload, name) for name in upload.__dataclass_fields__}
    owner = by.id if by else None
    marks = {"draft": f"{MARK}{public_id}", "attached_at": at}
    stored = StoredFile(**facts, **marks, public_id=public_id, created_at=at, staff_id=owner)
    db.session.add(stored)
    db.session.flush()
    return stored


def give_up(uploads: list[Upload]) -> None:
    """Take stored bytes away again that no row knows."""
    storage.remove(key for upload in uploads for key in upload.keys)


def file_name(stored: StoredFile) -> str:
    """The picture's place in an exported folder: the same content, the same name."""
    kind = stored.content_type.removeprefix("image/")
    return f"{IMAGES}/{stored.sha256[:24]}.{kind if kind.isalnum() else 'bin'}"


def read(stored: StoredFile) -> bytes:
    """The bytes of a picture; NotFound or Refused when the storage has lost them or does not answer."""
    with operations.open_file(stored) as stream:
        return stream.read()


def _ready(folder: Folder, path: str) -> tuple[bytes, str]:
    """The bytes to store and their name: those of an export as they are, any others encoded anew."""
    content = folder.read(path, MAX_BYTES)
    if _is_ours(content):
        return content, path.rpartition("/")[2]
    try:
        stream, name = clean(io.BytesIO(content), path.rpartition("/")[2])
    except Refused as refused:
        raise Unusable(refused.text("en")) from refused
    return stream.read(), name


def _is_ours(content: bytes) -> bool:
    """Whether the portal could have made the picture: encoding it once more would only make it worse."""
    if content[:4] != b"RIFF" or int.from_bytes(content[4:8], "little") + 8 != len(content):
        return False
    try:
        with Image.open(io.BytesIO(content), formats=("WEBP",)) as image:
            bare = not {"exif", "xmp", "icc_profile"} & image.info.keys() and getattr(image, "n_frames", 1) == 1
            return bare and max(image.size) <= MAX_SIDE and Image.MIME[str(image.format)] == CONTENT_TYPE
    except Exception:  # Pillow's readers raise whatever the damage leads them to
        return False
