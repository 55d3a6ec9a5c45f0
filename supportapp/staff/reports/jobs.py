"""What workers do about exports: make one, and look after all of them."""

from __future__ import annotations

import errno
import hashlib
import logging
import secrets
import tempfile
import time
from datetime import datetime
from typing import IO, BinaryIO, cast

from supportapp import clock
from supportapp.database import reading
from supportapp.extensions import db
from supportapp.files import storage
from supportapp.files.models import StoredFile
from supportapp.reports import operations
from supportapp.reports.models import Export
from supportapp.staff.reports import screen
from supportapp.staff.reports.making import Wish, file_name, write_tickets

BEAT_SECONDS = 1.0

log = logging.getLogger(__name__)


class TakenAwayError(Exception):
    """The export was cancelled, or given to another worker."""


def make_export(export_id: int) -> None:
    """Make the file of a waiting export; called again, or for one that somebody is at, it does nothing."""
    mine = operations.claim(export_id, at=clock.now())
    db.session.commit()
    if mine is None:
        return
    stored: StoredFile | None = None
    try:
        stored, rows = _made(db.session.get_one(Export, export_id), mine)
        offered = operations.finish(export_id, mine, stored, rows=rows, at=clock.now())
        db.session.commit() if offered else db.session.rollback()
        if not offered:
            storage.remove([stored.storage_key])
    except TakenAwayError:
        db.session.rollback()
    except Exception as error:
        db.session.rollback()
        if stored is not None:
            storage.remove([stored.storage_key])
        log.exception("export %d failed", export_id)
        operations.fail(export_id, mine, "no_space" if _is_full(error) else "failed", at=clock.now())
        db.session.commit()


def look_after_exports() -> None:
    """Begin what is due, hand on what its worker left, remove what was offered long enough."""
    for step in (operations.begin_due, operations.revive_stale, operations.expire_old):
        step(at=clock.now())
        db.session.commit()


def _made(export: Export, mine: str) -> tuple[StoredFile, int]:
    """The stored file, and how many tickets it holds; the file is known to nobody yet."""
    number, owner, at = export.id, export.owner, clock.now()
    wish = Wish(export.form, export.conversation, export.working_time)
    with tempfile.TemporaryFile() as file, screen.as_seen_by(owner, export.query, export.language):
        with reading():
            ids = screen.chosen_ids()
            db.session.rollback()
            beat = Beat(number, mine)
            beat(0, len(ids))
            rows = write_tickets(ids, file, wish, by=owner, at=at, progress=beat)
            name = f"{export.saved.name} {file_name(wish, at)}" if export.saved else file_name(wish, at)
            db.session.rollback()
        return _kept(file, name, wish, owner.id, at), rows


class Beat:
    """Tells the row how far it is, once a second; hears from it whether to go on."""

    def __init__(self, export_id: int, mine: str) -> None:
        self.export_id, self.mine, self.last = export_id, mine, 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.last < BEAT_SECONDS and done < total:
            return
        self.last = time.monotonic()
        going = operations.progress(self.export_id, self.mine, done=done, total=total, at=clock.now())
        db.session.commit()
        if not going:
            raise TakenAwayError


def _kept(file: IO[bytes], name: str, wish: Wish, staff_id: int, at: datetime) -> StoredFile:
    size = file.seek(0, 2)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    key = storage.new_key()
    storage.write(key, cast(BinaryIO, file))
    return StoredFile(
        public_id=secrets.token_hex(16),
        name=name[-200:],
        content_type=wish.content_type,
        size=size,
        sha256=digest,
        storage_key=key,
        created_at=at,
        staff_id=staff_id,
        attached_at=at,
    )


def _is_full(error: BaseException | None) -> bool:
    """Whether the disk was full, however deep the complaint is wrapped."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False
