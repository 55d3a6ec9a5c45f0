"""Writing the search index: jobs for the queue "index", which one worker serves. Nothing else writes it."""

from __future__ import annotations

import logging

from supportapp.database import reading
from supportapp.extensions import db
from supportapp.kb.search import shelf, upkeep

log = logging.getLogger(__name__)


def index_article(article_id: int) -> None:
    """Let the search follow one article. When another process writes for too long, ``refresh_index`` catches up."""
    with reading():
        try:
            upkeep.put_article(article_id)
        except shelf.IndexBusyError:
            log.warning("the search index is being written; article %d waits for the refresh", article_id)
        finally:
            db.session.rollback()


def reindex() -> int:
    """Build the whole index anew and put it in use when it is complete; how many articles it has."""
    with reading():
        try:
            return upkeep.rebuild()
        finally:
            db.session.rollback()


def refresh_index() -> int:
    """Scheduled: repair what the index has missed, whatever the reason; how many articles were wrong."""
    with reading():
        try:
            return upkeep.repair()
        except shelf.IndexBusyError:
            return 0
        finally:
            db.session.rollback()
