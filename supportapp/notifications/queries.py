"""Reading the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from supportapp.extensions import db
from supportapp.notifications.delivering import is_due, is_free
from supportapp.notifications.models import Notification, NotificationState

NOT_DELIVERED = (NotificationState.FAILED, NotificationState.UNDELIVERABLE)
BELL_TIME = timedelta(seconds=3)  # what was rung for is left to the worker that hears it


def mails_about(about: str) -> list[Notification]:
    """Every mail about one thing ("ticket:12"), oldest first."""
    return list(db.session.scalars(select(Notification).where(Notification.about == about).order_by(Notification.id)))


def undelivered(limit: int = 200) -> list[Notification]:
    """Mails that failed or were given up, newest first: what staff should look at."""
    wanted = select(Notification).where(Notification.state.in_(NOT_DELIVERED))
    return list(db.session.scalars(wanted.order_by(Notification.id.desc()).limit(limit)))


def count_undelivered() -> int:
    """How many mails failed or were given up."""
    wanted = select(func.count()).select_from(Notification).where(Notification.state.in_(NOT_DELIVERED))
    return db.session.scalar(wanted) or 0


def due_mails(at: datetime, limit: int, *, heard: bool = False) -> list[int]:
    """Ids of mails that nobody rang for, whose next try has come, or whose sender died; the longest waiting first.

    With ``heard`` also those that a bell has rung for a moment ago.
    """
    wanted = select(Notification.id).where(is_due(at if heard else at - BELL_TIME), is_free(at))
    return list(db.session.scalars(wanted.order_by(Notification.next_attempt_at, Notification.id).limit(limit)))
