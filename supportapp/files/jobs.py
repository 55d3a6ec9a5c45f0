"""What nobody sent, and bytes without a row, do not stay for ever."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import delete, select

from supportapp import clock
from supportapp.database import reading
from supportapp.extensions import db
from supportapp.files import storage
from supportapp.files.models import StoredFile
from supportapp.files.operations import keys_wanted, stored_keys

log = logging.getLogger(__name__)

KEPT = timedelta(days=1)
BATCH = 500


def sweep_drafts() -> int:
    """Remove files that were not sent within a day, then stored bytes that no row knows; how many went."""
    count = _sweep_rows() + _sweep_orphans()
    if count:
        log.info("swept %d files that nobody sent", count)
    return count


def _sweep_rows() -> int:
    stale = StoredFile.attached_at.is_(None) & (StoredFile.created_at < clock.now() - KEPT)
    old = db.session.scalars(select(StoredFile).where(stale).limit(BATCH)).all()
    gone: list[str] = []
    for stored in old:
        # a message may take the file this very moment: the row is asked again by the DELETE itself
        result = db.session.execute(
            delete(StoredFile).where(StoredFile.id == stored.id, stale).returning(StoredFile.id)
        )
        if result.scalar() is not None:
            gone += stored_keys(stored)
    db.session.commit()
    storage.remove(gone)
    return len(old)


def _sweep_orphans() -> int:
    there = list(storage.keys())
    known = _known_keys() if there else set()
    lonely = [key for key in there if key not in known and storage.is_older(key, KEPT)]
    storage.remove(lonely)
    return len(lonely)


def _known_keys() -> set[str]:
    """The keys of all rows, read in one go and without keeping writers waiting."""
    with reading():
        rows = db.session.execute(select(StoredFile.storage_key, StoredFile.thumbnail_key))
        known = {key for row in rows for key in row if key}
        for _, more in keys_wanted.send():
            known |= more
        db.session.rollback()
    return known
