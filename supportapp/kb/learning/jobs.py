"""Scheduled: what the knowledge base has learnt is weighed, and what is old is forgotten."""

from __future__ import annotations

from supportapp import clock
from supportapp.extensions import db
from supportapp.kb.learning import operations, weighing


def weigh_articles() -> int:
    """Bring every article's usefulness up to what readers told; how many changed."""
    try:
        changed = weighing.weigh_articles()
        db.session.commit()
        return changed
    finally:
        db.session.rollback()


def forget_old_sessions() -> int:
    """Delete the sessions that are past their time, some at a time, so that nobody waits; how many went."""
    gone = 0
    try:
        while number := operations.forget_old(at=clock.now()):
            db.session.commit()
            gone += number
        return gone
    finally:
        db.session.rollback()
