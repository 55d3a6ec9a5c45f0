"""Held acts, when their time has come."""

from __future__ import annotations

import logging
from datetime import datetime

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.tickets.desk import holding

log = logging.getLogger(__name__)


def perform_held(held_id: int) -> None:
    """Rung for when an act was sent; nothing to do when it was taken back or a page was quicker."""
    perform_one(held_id, at=clock.now())


def sweep_held() -> None:
    """Whatever nobody rang for."""
    at = clock.now()
    due = list(db.session.scalars(holding.due_acts(at=at)))
    db.session.rollback()
    for held_id in due:
        try:
            perform_one(held_id, at=at)
        except Exception:
            db.session.rollback()
            log.exception("the held act %s failed", held_id)


def perform_one(held_id: int, *, at: datetime, by: StaffUser | None = None) -> bool:
    """One act in one transaction; a refused one goes back to its author. Says whether it was done here and now."""
    try:
        done = holding.perform(held_id, at=at, by=by)
        db.session.commit()
    except (Refused, NotFound) as refused:
        db.session.rollback()
        holding.give_back(held_id, refused, at=at)
        db.session.commit()
        log.info("the held act %s was given back: %s", held_id, refused)
        return False
    return done
