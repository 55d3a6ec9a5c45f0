"""The thesaurus in use: the list that ships and the editors' own, read again when the latter has changed."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from sqlalchemy import func, select

from supportapp.extensions import db, settings
from supportapp.kb.models import SynonymGroup
from supportapp.kb.search.thesaurus import Thesaurus, shipped_lines

LOOK_EVERY = 2.0  # seconds
_Version = tuple[str, int, int | None, datetime | None]


class _Kept:
    thesaurus: Thesaurus | None = None
    version: _Version | None = None
    looked = float("-inf")
    database = ""
    lock = threading.Lock()


_kept = _Kept()


def thesaurus() -> Thesaurus:
    """What means the same, at most LOOK_EVERY behind the editors."""
    with _kept.lock:
        database: str = settings.DATABASE_URL
        if _kept.thesaurus is None or _kept.database != database or time.monotonic() - _kept.looked >= LOOK_EVERY:
            version = _version(database)
            if version != _kept.version or _kept.thesaurus is None:
                _kept.thesaurus, _kept.version = Thesaurus([*shipped_lines(), *_own_lines()]), version
            _kept.looked, _kept.database = time.monotonic(), database
        return _kept.thesaurus


def look_again() -> None:
    """Let the next question see what an editor has just saved."""
    _kept.looked = float("-inf")


def _version(database: str) -> _Version:
    group = SynonymGroup
    number, last, changed = db.session.execute(
        select(func.count(), func.max(group.id), func.max(group.updated_at)).select_from(group)
    ).one()
    return database, number, last, changed


def _own_lines() -> list[str]:
    return list(db.session.scalars(select(SynonymGroup.words).order_by(SynonymGroup.id)))
