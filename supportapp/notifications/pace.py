"""How fast mails go out: so many a minute in all and to one person, and a slow server holds up only its own mails.

What was sent within the last minute is counted in the outbox itself, so the limits hold for all workers together, give
or take the mails that they have in hand at this moment. Which domains are slow is known to Redis, for a minute; without
it a worker knows only what it has met itself.
"""

from __future__ import annotations

import contextlib
import enum
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import cast

from redis import Redis, RedisError
from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select, update

from supportapp.extensions import connect_redis, db, settings
from supportapp.notifications.delivering import is_due, is_free
from supportapp.notifications.models import Notification
from supportapp.notifications.rules import Failure
from supportapp.notifications.smtp import Outcome

MINUTE = timedelta(minutes=1)
PUT_OFF = timedelta(seconds=10)  # what is over a recipient's limit
PAUSE = timedelta(minutes=1)  # for a domain whose server is slow
STRIKES = 2  # a domain that says "later" so often in a row is left alone for the rest of the turn
SLOW = "portal:mail:slow"
CONTINUED = "portal:mail:continued"

logger = logging.getLogger(__name__)


class Verdict(enum.Enum):
    """Whether a mail may go now, was put off without counting a try, or nothing may go for the moment."""

    GO = "go"
    LATER = "later"
    FULL = "full"


class Pace:
    """The pace of one worker's turn."""

    def __init__(self, *, at: datetime) -> None:
        self._paused = _slow_domains(at)
        self._strikes: Counter[str] = Counter()

    def ask(self, notification_id: int, *, at: datetime) -> Verdict:
        """May this mail go? The caller commits what was put off."""
        recipient = db.session.scalar(_recipient(), {"mail": notification_id})
        if recipient is None:
            return Verdict.GO  # the claim will say that there is none
        if domain_of(recipient) in self._paused:
            return _put_off(Notification.id == notification_id, at=at, by=PAUSE)
        if _is_full(settings.MAIL_PER_MINUTE, at=at):
            return Verdict.FULL
        if _is_full(settings.MAIL_PER_RECIPIENT, at=at, recipient=recipient):
            return _put_off(
                Notification.recipient == recipient, at=at, by=PUT_OFF
            )  # all, so that they keep their order
        return Verdict.GO

    def learn(self, recipient: str, outcome: Outcome, *, at: datetime) -> None:
        """Remember a domain that is slow, or that says "later" again and again."""
        domain = domain_of(recipient)
        if outcome.failure is Failure.TEMPORARY:
            self._strikes[domain] += 1
        else:
            self._strikes.pop(domain, None)
        slow = outcome.failure is Failure.SLOW and not outcome.server_away
        if slow or self._strikes[domain] >= STRIKES:
            self._paused.add(domain)
        if slow:
            _remember_slow(domain, at=at)


def domain_of(recipient: str) -> str:
    """Whose server a mail to ``recipient`` ends at."""
    return recipient.rpartition("@")[2].lower()


def is_first_to_continue(seconds: int) -> bool:
    """Whether no other worker has arranged within ``seconds`` that the rest is sent; False without Redis."""
    with _redis() as connection:
        return bool(connection.set(CONTINUED, 1, nx=True, ex=seconds))
    return False


def _is_full(limit: int, *, at: datetime, recipient: str = "") -> bool:
    """Whether so many mails were sent within the last minute, in all or to one person."""
    if not limit:
        return False
    since = {"since": at - MINUTE, "limit": limit, "recipient": recipient}
    return (db.session.scalar(_sent(to_one=bool(recipient)), since) or 0) >= limit


# Built once: it takes longer to build a statement than to run it.


@cache
def _recipient() -> Select[str]:
    return select(Notification.recipient).where(Notification.id == bindparam("mail"))


@cache
def _sent(*, to_one: bool) -> Select[int]:
    recent = [Notification.sent_at > bindparam("since"), Notification.joined_to_id.is_(None)]
    if to_one:
        recent.append(Notification.recipient == bindparam("recipient"))
    reached = select(Notification.id).where(*recent).limit(bindparam("limit", type_=Integer)).subquery()
    return select(func.count()).select_from(reached)


def _put_off(which: ColumnElement[bool], *, at: datetime, by: timedelta) -> Verdict:
    statement = (
        update(Notification)
        .where(which, is_due(at), is_free(at))
        .values(next_attempt_at=at + by)
        .execution_options(synchronize_session=False)
    )
    db.session.connection().execute(statement)
    return Verdict.LATER


def _slow_domains(at: datetime) -> set[str]:
    with _redis() as connection:
        slow = cast("list[bytes]", connection.zrangebyscore(SLOW, at.timestamp(), "+inf"))
        return {name.decode() for name in slow}
    return set()


def _remember_slow(domain: str, *, at: datetime) -> None:
    logger.warning("the server of %s is slow: its mails wait a minute", domain)
    with _redis() as connection:
        connection.zadd(SLOW, {domain: (at + PAUSE).timestamp()})
        connection.zremrangebyscore(SLOW, "-inf", at.timestamp())


@contextlib.contextmanager
def _redis() -> Iterator[Redis]:
    """A connection whose absence is no trouble: the block is left, and what it would have returned is not."""
    with contextlib.suppress(RedisError, OSError), connect_redis(settings.REDIS_URL, timeout=1) as connection:
        yield connection
