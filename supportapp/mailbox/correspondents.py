"""Addresses that write to us: how often, how many tickets they open, and when a machine last answered (RFC 3834, 2)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from supportapp.extensions import db
from supportapp.mailbox.models import Correspondent
from supportapp.mailbox.rules import DAY, HOUR, MAILS_AN_HOUR, TICKETS_A_DAY, TOLD_AN_HOUR, TOLD_EVERY
from supportapp.notifications.models import Notification


def count(address: str, *, at: datetime) -> bool:
    """One more mail from ``address``; False when it is one too many in this hour."""
    _ensure(address, at=at)
    is_over = Correspondent.counted_since <= at - HOUR
    statement = (
        update(Correspondent)
        .where(Correspondent.address == address)
        .values(
            counted=case((is_over, 1), else_=Correspondent.counted + 1),
            counted_since=case((is_over, at), else_=Correspondent.counted_since),
        )
        .returning(Correspondent.counted)
        .execution_options(synchronize_session=False)
    )
    return (db.session.scalar(statement) or 0) <= MAILS_AN_HOUR


def may_open(address: str, *, at: datetime) -> bool:
    """Take one of the tickets that ``address`` may open by mail in a day; False when none is left."""
    _ensure(address, at=at)
    is_over = or_(Correspondent.opened_since.is_(None), Correspondent.opened_since <= at - DAY)
    statement = (
        update(Correspondent)
        .where(Correspondent.address == address, or_(is_over, Correspondent.opened < TICKETS_A_DAY))
        .values(
            opened=case((is_over, 1), else_=Correspondent.opened + 1),
            opened_since=case((is_over, at), else_=Correspondent.opened_since),
        )
        .returning(Correspondent.address)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(statement) is not None


def may_be_told(address: str, kind: str, *, at: datetime) -> bool:
    """Take the one turn a day that a machine has for ``address``; False when it was taken, or when so many mails of
    this ``kind`` went out within the hour that somebody must be forging senders."""
    lately = select(func.count(Notification.id)).where(Notification.kind == kind, Notification.created_at > at - HOUR)
    if (db.session.scalar(lately) or 0) >= TOLD_AN_HOUR:
        return False
    _ensure(address, at=at)
    statement = (
        update(Correspondent)
        .where(
            Correspondent.address == address,
            or_(Correspondent.told_at.is_(None), Correspondent.told_at <= at - TOLD_EVERY),
        )
        .values(told_at=at)
        .returning(Correspondent.address)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(statement) is not None


def _ensure(address: str, *, at: datetime) -> None:
    if db.session.scalar(select(Correspondent.address).where(Correspondent.address == address)) is not None:
        return
    try:
        with db.session.begin_nested():
            db.session.add(Correspondent(address=address, counted=0, counted_since=at))
    except IntegrityError:  # another worker has just met it
        pass
