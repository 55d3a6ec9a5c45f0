"""Claim, send, settle: how a row of the outbox becomes a mail exactly once.

The claim is committed before the sending and outlives it, so no second process sends meanwhile. A process that dies
between the server's acceptance and ``settle`` leaves an expired claim: that one mail may come twice, no other.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache
from typing import Any

from blinker import Signal
from sqlalchemy import BindParameter, Boolean, ColumnElement, Update, and_, bindparam, func, or_, update

from supportapp.database import UtcDateTime
from supportapp.extensions import db, settings
from supportapp.notifications import gathering, rules
from supportapp.notifications.compose import compose
from supportapp.notifications.models import Failure, Notification, NotificationState
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
    recipient: str
    message: EmailMessage


def claim(notification_id: int, *, at: datetime, announce: bool = True) -> Claim | None:
    """Take a mail that is due for sending, with all that waits to go with it. None when it is not due, when somebody
    else has it, or when it was given up, of which whoever listens is told. Commit before sending."""
    group = gathering.find_group(notification_id)
    until = at + rules.claim_length(settings.SMTP_TIMEOUT)
    as_found = group.common is not None  # whether it gathers: then nobody else has tried it meanwhile
    wanted = {"carrier": group.carrier_id, "gathering": as_found, "now": at, "due": at + CLOCK_SLACK, "until": until}
    if db.session.connection().execute(_claiming(), wanted).rowcount != 1:
        return None
    gathering.take_along(group, at=at)
    return _prepare(group.carrier_id, until, at=at, announce=announce)


def settle(claim: Claim, outcome: Outcome, *, at: datetime, announce: bool = True) -> None:
    """Write down what became of a claimed mail and of all that went with it, and tell whoever listens, in one
    transaction."""
    parts = gathering.parts_of(claim.notification_id, locked=True)
    if not parts or parts[0].state is NotificationState.SENT:
        return
    if outcome.accepted:
        _mark_sent(parts, at=at)
        _announce(delivered, parts, at=at, aloud=announce)
    elif parts[0].claimed_until == claim.until:  # otherwise another sender has it now and will settle it
        _mark_failed(parts, outcome, at=at, announce=announce)
    db.session.flush()


def is_due(at: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """Rows that wait for being sent at ``at``; what goes along with another is that one's affair."""
    waits = Notification.state.in_(PENDING), Notification.next_attempt_at <= at
    return and_(*waits, Notification.joined_to_id.is_(None))


def is_free(at: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """Rows that no living sender owns."""
    return or_(Notification.claimed_until.is_(None), Notification.claimed_until <= at)


@cache
def _claiming() -> Update:
    """Built once: it takes longer to build a statement than to run it."""
    due, now, until = (bindparam(name, type_=UtcDateTime()) for name in ("due", "now", "until"))
    as_found = Notification.gathers == bindparam("gathering", type_=Boolean)
    mine = Notification.id == bindparam("carrier"), as_found, is_due(due), is_free(now)
    first = func.coalesce(Notification.tried_since, now)
    claimed = {"claimed_until": until, "attempts": Notification.attempts + 1, "tried_since": first, "gathers": False}
    return update(Notification).where(*mine).values(claimed).execution_options(synchronize_session=False)


def _prepare(carrier_id: int, until: datetime, *, at: datetime, announce: bool) -> Claim | None:
    parts = gathering.parts_of(carrier_id)
    carrier = parts[0]
    if carrier.attempts > rules.MAX_ATTEMPTS:  # its senders died again and again
        _give_up(parts, carrier.last_error or "sending was cut off every time", None, at=at, announce=announce)
        return None
    try:
        return Claim(carrier_id, until, carrier.recipient, compose(*parts, at=at))
    except Exception as error:  # whatever it is: one mail must not hold up all that are due after it
        _give_up(parts, str(error), Failure.PERMANENT, at=at, announce=announce)
        return None


def _mark_sent(parts: list[Notification], *, at: datetime) -> None:
    for part in parts:
        part.state = NotificationState.SENT
        part.sent_at = at
        part.claimed_until = part.next_attempt_at = part.failure = None
        part.last_error = ""
        logger.info("mail %s (%s) was accepted", part.id, part.kind)


def _mark_failed(parts: list[Notification], outcome: Outcome, *, at: datetime, announce: bool) -> None:
    carrier, failure = parts[0], outcome.failure or Failure.REFUSED
    wait = rules.wait_after(failure, carrier.attempts, at=at, since=carrier.tried_since or at)
    if wait is None:
        _give_up(parts, outcome.error, failure, at=at, announce=announce)
        return
    for part in parts:
        part.state = NotificationState.FAILED
        part.next_attempt_at = at + wait
        part.claimed_until = None
        part.last_error, part.failure = outcome.error, failure
    logger.warning("mail %s failed (%s), next try in %s: %s", carrier.id, failure.value, wait, outcome.error)


def _give_up(parts: list[Notification], error: str, failure: Failure | None, *, at: datetime, announce: bool) -> None:
    for part in parts:
        part.state = NotificationState.UNDELIVERABLE
        part.claimed_until = part.next_attempt_at = None
        part.last_error, part.failure = error, failure or part.failure
        logger.error("mail %s was given up: %s", part.id, error)
    _announce(undeliverable, parts, at=at, aloud=announce)
    db.session.flush()


def _announce(signal: Signal, parts: list[Notification], *, at: datetime, aloud: bool) -> None:
    for part in parts if aloud else []:
        signal.send(part, at=at)
