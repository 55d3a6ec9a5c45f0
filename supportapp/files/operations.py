"""Taking, attaching, opening and giving up files."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import puremagic
from blinker import Signal
from sqlalchemy import select, update

from supportapp.accounts.models import Customer, StaffUser
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.files import rules, storage, thumbnails
from supportapp.files.inspection import secret_file, secrets_in
from supportapp.files.models import StoredFile
from supportapp.files.queries import count_waiting, files_for_draft, get_draft_file
from supportapp.guard.findings import as_column
from supportapp.i18n import N_

__all__ = [
    "Upload",
    "attach",
    "files_for_draft",
    "keep_upload",
    "keys_wanted",
    "move_files",
    "open_file",
    "open_thumbnail",
    "receive_upload",
    "remove_draft_file",
    "store_upload",
]

# Whoever else keeps bytes in the storage answers with their keys, so that no sweep takes them for lost.
keys_wanted = Signal("Which stored bytes belong to whom?")

CHUNK = 256 * 1024
IN_MEMORY = 1024 * 1024
MAX_DRAFTS = 5  # unsent forms' worth of files that one person may leave lying about


@dataclass(frozen=True)
class Upload:
    """Checked bytes that lie in the storage, before any row knows them."""

    name: str
    content_type: str
    size: int
    sha256: str
    storage_key: str
    thumbnail_key: str | None
    secret: str = ""

    @property
    def keys(self) -> list[str]:
        return [key for key in (self.storage_key, self.thumbnail_key) if key]


def receive_upload(stream: BinaryIO, filename: str, *, secrets_allowed: bool = False) -> Upload:
    """Check the bytes and store them; the limit holds while reading, whatever was announced.

    It reads for as long as the client sends and decodes pictures for seconds, and asks no database: an edge ends its
    transaction first, so that nobody waits for the lock of a writer who is busy with a picture. Refused: empty_file,
    file_too_large, executable_file, disguised_file, storage_unavailable, and secret_file unless the sender was
    asked and insists (``secrets_allowed``): such a file is marked.
    """
    name = rules.clean_name(filename)
    try:
        with SpooledTemporaryFile(IN_MEMORY) as spool:
            upload = cast(BinaryIO, spool)
            size, digest = _receive(stream, upload, name)
            kind = _checked_kind(upload, name)
            secret = _checked_secret(upload, name, allowed=secrets_allowed)
            return Upload(name, kind, size, digest, *_keep(upload, kind), secret)
    except (OSError, storage.StorageError) as error:
        raise Refused(
            "storage_unavailable",
            N_(
                "The file %(name)s could not be stored: the storage does not answer or is full. "
                "Your text is not lost; try again later or send it without the file."
            ),
            field="files",
            name=name,
        ) from error


def keep_upload(upload: Upload, *, owner: Customer | StaffUser, draft: str, at: datetime) -> StoredFile:
    """Give received bytes their row, for the form ``draft``. Refused: too_many_files, too_many_drafts, wrong_draft.

    A refusal takes the bytes away; when the transaction is rolled back later, ``files.jobs.sweep_drafts`` finds them.
    """
    stored = StoredFile(
        public_id=secrets.token_hex(16),
        name=upload.name,
        content_type=upload.content_type,
        size=upload.size,
        sha256=upload.sha256,
        storage_key=upload.storage_key,
        thumbnail_key=upload.thumbnail_key,
        created_at=at,
        customer_id=None if isinstance(owner, StaffUser) else owner.id,
        staff_id=owner.id if isinstance(owner, StaffUser) else None,
        draft=draft,
        secret=upload.secret,
    )
    try:
        _lock(owner)
        _check_room(owner, draft, upload.name)
        db.session.add(stored)
        db.session.flush()
    except Exception:
        storage.remove(upload.keys)
        raise
    return stored


def store_upload(
    stream: BinaryIO,
    filename: str,
    *,
    owner: Customer | StaffUser,
    draft: str,
    at: datetime,
    secrets_allowed: bool = False,
) -> StoredFile:
    """``receive_upload`` and ``keep_upload`` in one, for whoever holds no lock that others wait for."""
    return keep_upload(
        receive_upload(stream, filename, secrets_allowed=secrets_allowed), owner=owner, draft=draft, at=at
    )


def attach(files: Sequence[StoredFile], *, at: datetime) -> None:
    """Give ``files`` to the message that is being sent. Refused "file_gone" when one was swept or sent meanwhile."""
    if len(files) > settings.MAX_FILES_PER_MESSAGE:
        raise _too_many()
    for stored in files:
        free = (StoredFile.id == stored.id) & StoredFile.attached_at.is_(None)
        taken = update(StoredFile).where(free).values(attached_at=at, draft="").returning(StoredFile.id)
        if db.session.scalar(taken) is None:
            sentence = N_("The file %(name)s is no longer there. Attach it again.")
            raise Refused("file_gone", sentence, field="files", name=stored.name)
        db.session.refresh(stored)


def remove_draft_file(public_id: str, owner: Customer | StaffUser) -> None:
    """Give up a file that was not sent; the bytes go when the transaction is committed. NotFound for a foreign one."""
    stored = get_draft_file(public_id, owner)
    db.session.delete(stored)
    db.session.flush()
    storage.remove_after_commit(db.session(), stored_keys(stored))


def move_files(old: Customer, *, successor: Customer, **_more: object) -> None:
    """Staff merged two accounts of one person: what it uploaded goes over, unsent files included."""
    db.session.execute(update(StoredFile).where(StoredFile.customer_id == old.id).values(customer_id=successor.id))


def open_file(stored: StoredFile) -> BinaryIO:
    """The bytes of the file; the caller closes them. NotFound when they are lost, Refused "storage_unavailable"."""
    return _open(stored.storage_key)


def open_thumbnail(stored: StoredFile) -> BinaryIO:
    """The small picture (``thumbnails.CONTENT_TYPE``); NotFound when the file has none."""
    if stored.thumbnail_key is None:
        raise NotFound("thumbnail")
    return _open(stored.thumbnail_key)


def stored_keys(stored: StoredFile) -> list[str]:
    """Every storage key that belongs to the row."""
    return [key for key in (stored.storage_key, stored.thumbnail_key) if key]


def _check_room(owner: Customer | StaffUser, draft: str, name: str) -> None:
    if not draft or len(draft) > 64 or "\0" in draft:
        raise Refused(
            "wrong_draft", N_("The form is damaged. Reload the page and attach the files again."), field="files"
        )
    if len(files_for_draft(owner, draft)) >= settings.MAX_FILES_PER_MESSAGE:
        raise _too_many()
    limit = settings.MAX_FILES_PER_MESSAGE * MAX_DRAFTS
    number, size = count_waiting(owner)
    if number >= limit or size >= limit * settings.MAX_FILE_BYTES:
        raise Refused(
            "too_many_drafts",
            N_("Too many files wait in forms that were not sent. Send or remove some and attach %(name)s again."),
            field="files",
            name=name,
        )


def _too_many() -> Refused:
    limit = settings.MAX_FILES_PER_MESSAGE
    sentence = N_("At most %(limit)s files can be attached. Put the rest into one archive.")
    return Refused("too_many_files", sentence, field="files", limit=limit)


def _receive(stream: BinaryIO, spool: BinaryIO, name: str) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for chunk in iter(lambda: stream.read(CHUNK), b""):
        size += len(chunk)
        if size > settings.MAX_FILE_BYTES:
            limit = f"{settings.MAX_FILE_BYTES / 1024 / 1024:.3g}"
            sentence = N_("The file %(name)s is larger than %(limit)s MB.")
            raise Refused("file_too_large", sentence, field="files", name=name, limit=limit)
        digest.update(chunk)
        spool.write(chunk)
    if not size:
        raise Refused("empty_file", N_("The file %(name)s is empty (0 bytes)."), field="files", name=name)
    return size, digest.hexdigest()


def _checked_kind(upload: BinaryIO, name: str) -> str:
    upload.seek(0)
    head = upload.read(rules.HEAD_BYTES)
    kind = rules.kind_of(head)
    if rules.is_program(name, kind):
        sentence = N_(
            "%(name)s is a program or a script; those are not accepted. Put it into an archive (zip) and attach that."
        )
        raise Refused("executable_file", sentence, field="files", name=name)
    if rules.is_disguised(name, kind) or (kind in rules.IMAGES and not thumbnails.is_image(upload)):
        sentence = N_(
            "The content of %(name)s is not what its name says, or it is damaged. Check the file and attach it again."
        )
        raise Refused("disguised_file", sentence, field="files", name=name)
    return _plain_kind(kind, head, name)


def _checked_secret(upload: BinaryIO, name: str, *, allowed: bool) -> str:
    found = secrets_in(name, upload)
    if found and not allowed:
        raise secret_file(name, found)
    return as_column(found)


def _plain_kind(kind: str, head: bytes, name: str) -> str:
    """The type to keep: nothing that a browser would run, and a finer name where the content gives one away."""
    if kind == rules.HTML:
        return "application/octet-stream"
    if kind in ("application/octet-stream", "application/zip"):
        try:
            found = [m for m in puremagic.magic_string(head) if m.extension == f".{rules.extension(name)}"]
        except (puremagic.PureError, ValueError):
            return kind
        return next((m.mime_type for m in found if m.mime_type.startswith("application/")), kind)
    return kind


def _lock(owner: Customer | StaffUser) -> None:
    """Two uploads of one person count one after the other."""
    db.session.execute(select(type(owner).id).where(type(owner).id == owner.id).with_for_update())


def _keep(upload: BinaryIO, kind: str) -> tuple[str, str | None]:
    key = storage.new_key()
    upload.seek(0)
    storage.write(key, upload)
    picture = thumbnails.make_thumbnail(upload) if kind in rules.IMAGES else None
    return key, _keep_thumbnail(picture) if picture else None


def _keep_thumbnail(picture: bytes) -> str | None:
    key = storage.new_key()
    try:
        storage.write(key, io.BytesIO(picture))
    except storage.StorageError:  # the file itself is safe, and that is what counts
        return None
    return key


def _open(key: str) -> BinaryIO:
    try:
        return storage.open_key(key)
    except FileNotFoundError as error:
        raise NotFound("stored bytes") from error
    except storage.StorageError as error:
        sentence = N_("The file cannot be read now: the storage does not answer. Try again later.")
        raise Refused("storage_unavailable", sentence) from error
