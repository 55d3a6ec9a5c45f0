"""Who else has a ticket open: beats of the heart in Redis, which expire. Without Redis nobody is seen, and nothing is
lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from redis import Redis, RedisError
from sqlalchemy import select

from supportapp.accounts.models import StaffUser
from supportapp.extensions import connect_redis, db, settings
from supportapp.tickets.models import Ticket

BEAT_SECONDS = 15
GONE_SECONDS = 40
log = logging.getLogger(__name__)


def arrive(ticket: Ticket, by: StaffUser, *, at: datetime, writing: bool = False) -> list[tuple[StaffUser, bool]]:
    """Note that ``by`` looks at the ticket (and writes), and say who else does."""

    def beat(redis: Redis) -> Any:
        key, now = _key(ticket), at.timestamp()
        with redis.pipeline() as pipe:
            pipe.zremrangebyscore(key, "-inf", now - GONE_SECONDS)
            pipe.zrem(key, f"{by.id}:0", f"{by.id}:1")
            pipe.zadd(key, {f"{by.id}:{int(writing)}": now})
            pipe.expire(key, 2 * GONE_SECONDS)
            pipe.zrange(key, 0, -1)
            return pipe.execute()[-1]

    members = _ask(beat) or []
    found = dict(member.decode().split(":") for member in members)
    others = {int(key): writes == "1" for key, writes in found.items() if int(key) != by.id}
    if not others:
        return []
    people = db.session.scalars(select(StaffUser).where(StaffUser.id.in_(others)).order_by(StaffUser.id))
    return [(person, others[person.id]) for person in people]


def leave(ticket: Ticket, by: StaffUser) -> None:
    """The page was closed."""
    _ask(lambda redis: redis.zrem(_key(ticket), f"{by.id}:0", f"{by.id}:1"))


def _key(ticket: Ticket) -> str:
    return f"desk:here:{ticket.id}"


def _ask(what: Callable[[Redis], Any]) -> Any:
    try:
        with connect_redis(settings.REDIS_URL, timeout=1) as redis:
            return what(redis)
    except (RedisError, OSError) as error:
        log.debug("nobody is seen: Redis is away (%s)", type(error).__name__)
        return None
