"""The thesaurus in use: the list that ships and the editors' own, read again when the latter has changed."""

from __future__ import annotations

import threading
import time

from sqlalchemy import select

from supportapp.extensions import db, settings
from supportapp.kb.models import SynonymGroup
from supportapp.kb.search.thesaurus import Thesaurus, shipped_lines

LOOK_EVERY = 2.0  # seconds


class _Kept:
    thesaurus: Thesaurus | None = None
    source: tuple[str, tuple[str, ...]] | None = None
    looked = float("-inf")
    lock = threading.Lock()


_kept = _Kept()


def thesaurus() -> Thesaurus:
    """What means the same, at most LOOK_EVERY behind the editors. While one thread looks, others use what they have."""
    kept, is_other = _kept.thesaurus, _kept.source is None or _kept.source[0] != settings.DATABASE_URL
    if kept is not None and not is_other and time.monotonic() - _kept.looked < LOOK_EVERY:
        return kept
    if _kept.lock.acquire(blocking=kept is None or is_other):
        try:
            return _newest()
        finally:
            _kept.lock.release()
    assert kept is not None
    return kept


def look_again() -> None:
    """Let the next question see what an editor has just saved."""
    _kept.looked = float("-inf")


def _newest() -> Thesaurus:
    source = settings.DATABASE_URL, tuple(db.session.scalars(select(SynonymGroup.words).order_by(SynonymGroup.id)))
    if _kept.thesaurus is None or source != _kept.source:
        _kept.thesaurus, _kept.source = Thesaurus([*shipped_lines(), *source[1]]), source
    _kept.looked = time.monotonic()
    return _kept.thesaurus
