"""Claim, send, settle: how a row of the outbox becomes a mail exactly once.

The claim is committed before the sending and outlives it, so no second process sends meanwhile. A process that dies
between the server's acceptance and ``settle`` leaves an expired claim: that one mail may come twice, no other.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import ColumnElement, and_, or_, update

from supportapp.extensions import db, settings
from supportapp.notifications import rules
from supportapp.notifications.compose import compose
from supportapp.notifications.models import Notification, NotificationState
from supportapp.notifications.operations import delivered, undeliverable
from supportapp.notifications.smtp import Outcome

PENDING = (NotificationState.QUEUED, NotificationState.FAILED)
CLOCK_SLACK = timedelta(seconds=5)  # the clocks of two machines are never quite the same

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """The right to send one mail until ``until``; holds no database row."""

    notification_id: int
    until: datetime
    message: EmailMessage


def claim(notification_id: int, *, at: datetime) -> Claim | None:
    """Take a mail that is due for sending; None when it is not, or somebody else has it. Commit before sending."""
    until = at + rules.claim_length(settings.SMTP_TIMEOUT)
    statement = (
        update(Notification)
        .where(Notification.id == notification_id, is_due(at + CLOCK_SLACK), is_free(at))
        .values(claimed_until=until, attempts=Notification.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if db.session.connection().execute(statement).rowcount != 1:
        return None
    notification = db.session.get_one(Notification, notification_id, populate_existing=True)
    if notification.attempts > rules.MAX_ATTEMPTS:  # its senders died again and again
        _give_up(notification, notification.last_error or "sending was cut off every time", at=at)
        return None
    try:
        return Claim(notification.id, until, compose(notification, at=at))
    except ValueError as error:
        _give_up(notification, str(error), at=at)
        return None


def settle(claim: Claim, outcome: Outcome, *, at: datetime, announce: bool = True) -> None:
    """Write down what became of a claimed mail, and tell whoever listens, in one transaction."""
    notification = db.session.get(Notification, claim.notification_id, populate_existing=True, with_for_update=True)
    if notification is None or notification.state is NotificationState.SENT:
        return
    if outcome.accepted:
        _mark_sent(notification, at=at)
        if announce:
            delivered.send(notification, at=at)
    elif notification.claimed_until == claim.until:  # otherwise another sender has it now and will settle it
        _mark_failed(notification, outcome, at=at, announce=announce)
    db.session.flush()


def is_due(at: datetime) -> ColumnElement[bool]:
    """Rows that wait for being sent at ``at``."""
    return and_(Notification.state.in_(PENDING), Notification.next_attempt_at <= at)


def is_free(at: datetime) -> ColumnElement[bool]:
    """Rows that no living sender owns."""
    return or_(Notification.claimed_until.is_(None), Notification.claimed_until <= at)


def _mark_sent(notification: Notification, *, at: datetime) -> None:
    notification.state = NotificationState.SENT
    notification.sent_at = at
    notification.claimed_until = notification.next_attempt_at = None
    notification.last_error = ""
    logger.info("mail %s (%s) was accepted", notification.id, notification.kind)


def _mark_failed(notification: Notification, outcome: Outcome, *, at: datetime, announce: bool) -> None:
    wait = None if outcome.permanent else rules.wait_after(notification.attempts)
    if wait is None:
        _give_up(notification, outcome.error, at=at, announce=announce)
        return
    notification.state = NotificationState.FAILED
    notification.next_attempt_at = at + wait
    notification.claimed_until = None
    notification.last_error = outcome.error
    logger.warning("mail %s failed, next try in %s: %s", notification.id, wait, outcome.error)


def _give_up(notification: Notification, error: str, *, at: datetime, announce: bool = True) -> None:
    notification.state = NotificationState.UNDELIVERABLE
    notification.claimed_until = notification.next_attempt_at = None
    notification.last_error = error
    logger.error("mail %s was given up: %s", notification.id, error)
    if announce:
        undeliverable.send(notification, at=at)
    db.session.flush()
