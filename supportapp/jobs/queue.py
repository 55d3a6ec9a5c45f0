"""The bell: ids go to RQ, and only after the commit. The rows are the truth; a bell that is not heard loses nothing.

Nothing is ever unpickled from Redis: jobs and their arguments travel as JSON.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis, RedisError
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer
from rq_scheduler import Scheduler
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from supportapp.extensions import connect_redis, db, settings

QUEUES = ("mail", "default", "index")
JOB_TIMEOUT = 600
RESULT_TTL = 60
FAILURE_TTL = 7 * 24 * 3600
ONCE = {"once": True}  # in the scheduler's hands, but no part of the schedule
SLOT_SECONDS = 2
FORGET_SECONDS = 5
_PENDING = "bells"
_WAITING = "portal:waiting"

Function = str | Callable[..., Any]
logger = logging.getLogger(__name__)


class JsonJob(Job):
    """A job whose arguments and result are JSON, whoever creates or fetches it."""

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: Any = None) -> None:
        super().__init__(id=id, connection=connection, serializer=JSONSerializer)


class JsonQueue(Queue):
    """A queue of JSON jobs in which a scheduled job stands once, however long no worker listens."""

    def __init__(self, name: str = "default", connection: Redis | None = None, **options: Any) -> None:
        super().__init__(name, connection=connection, **{**options, "job_class": JsonJob, "serializer": JSONSerializer})

    def enqueue_job(self, job: Job, *args: Any, **options: Any) -> Job:
        """Add ``job`` unless its id is waiting already."""
        if self.connection.lpos(self.key, job.id) is not None:
            return job
        return super().enqueue_job(job, *args, **options)


@dataclass(frozen=True)
class Bell:
    """A job to be rung for: a dotted name, plain arguments, a queue, and how many seconds later.

    ``enough`` is for a job that does everything there is to do, whatever it was rung for: so many may wait at once,
    the others are not rung. 0: each is rung.
    """

    function: str
    args: tuple[Any, ...]
    queue: str
    seconds: int = 0
    enough: int = field(default=0, compare=False)


def open_queue(name: str, connection: Redis) -> JsonQueue:
    """The RQ queue ``name`` on ``connection``."""
    if name not in QUEUES:
        raise ValueError(f"there is no queue {name!r}")
    return JsonQueue(name, connection=connection)


def enqueue(function: Function, *args: Any, queue: str = "default") -> bool:
    """Ring for ``function(*args)`` now; False (and a line in the log) when Redis is away."""
    return ring([Bell(dotted(function), args, queue)])


def ring_after_commit(
    function: Function, *args: Any, queue: str = "default", seconds: int = 0, enough: int = 0
) -> None:
    """Ring for ``function(*args)`` when the outermost transaction of this session commits; a rollback forgets it.

    With ``seconds`` the scheduler process rings so much later, or a few seconds after that. ``enough``: see Bell.
    """
    if queue not in QUEUES:
        raise ValueError(f"there is no queue {queue!r}")
    session = db.session()
    transaction = session.get_nested_transaction() or session.get_transaction() or session.begin()
    session.info.setdefault(_PENDING, []).append((transaction, Bell(dotted(function), args, queue, seconds, enough)))


def forget_bells(function: Function) -> None:
    """Take back what would be rung for ``function`` after the commit, for whoever rings once for all of it."""
    info = db.session().info
    info[_PENDING] = [pending for pending in info.get(_PENDING, []) if pending[1].function != dotted(function)]


def ring(bells: Sequence[Bell]) -> bool:
    """Ring all of ``bells`` over one connection; the first failure ends it, so that a page waits a second at most."""
    try:
        with connect_redis(settings.REDIS_URL, timeout=1) as connection:
            for bell in bells:
                if not bell.enough or _is_wanted(bell, connection):
                    (_ring_later if bell.seconds else _ring)(bell, connection)
    except (RedisError, OSError) as error:
        logger.warning("Redis is away (%s); %d jobs wait for the sweep", type(error).__name__, len(bells))
        return False
    return True


def hear(function: Function) -> None:
    """Said by a job of which a few are enough, before it looks for what there is to do: who comes later rings again."""
    with contextlib.suppress(RedisError, OSError), connect_redis(settings.REDIS_URL, timeout=1) as connection:
        connection.delete(f"{_WAITING}:{dotted(function)}")


def _is_wanted(bell: Bell, connection: Redis) -> bool:
    """Whether fewer than enough wait. What is to come later waits for the end of its slot: one bell for each."""
    if bell.seconds:
        key = f"{_WAITING}:{bell.function}:{_end_of_slot(bell.seconds)}"
        return bool(connection.set(key, 1, nx=True, ex=bell.seconds + FORGET_SECONDS))
    key = f"{_WAITING}:{bell.function}"
    connection.set(key, 0, nx=True, ex=FORGET_SECONDS)  # should a job be lost, the next bell is soon wanted
    return int(connection.incr(key)) <= bell.enough


def _end_of_slot(seconds: int) -> int:
    """The first whole slot that begins ``seconds`` from now or later, as a Unix time."""
    return -int(-(time.time() + seconds) // SLOT_SECONDS) * SLOT_SECONDS


def _ring(bell: Bell, connection: Redis) -> None:
    open_queue(bell.queue, connection).enqueue(
        bell.function,
        args=bell.args,
        retry=Retry(max=2),
        job_timeout=JOB_TIMEOUT,
        result_ttl=RESULT_TTL,
        failure_ttl=FAILURE_TTL,
    )


def _ring_later(bell: Bell, connection: Redis) -> None:
    scheduler = Scheduler(bell.queue, connection=connection, job_class=JsonJob, queue_class=JsonQueue)
    later = datetime.now(UTC) + timedelta(seconds=bell.seconds)
    scheduler.enqueue_at(
        datetime.fromtimestamp(_end_of_slot(bell.seconds), UTC) if bell.enough else later,
        bell.function,
        *bell.args,
        meta=ONCE,
        queue_name=bell.queue,
        timeout=JOB_TIMEOUT,
        job_result_ttl=RESULT_TTL,
    )


def dotted(function: Function) -> str:
    """The name under which a worker finds ``function``."""
    return function if isinstance(function, str) else f"{function.__module__}.{function.__qualname__}"


def _ring_pending(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released; the outer transaction may still roll back
        return
    bells = [bell for _, bell in session.info.pop(_PENDING, [])]
    if bells:
        ring(bells)


def _forget_undone(session: Session, undone: SessionTransaction) -> None:
    kept = [(begun, bell) for begun, bell in session.info.get(_PENDING, []) if not _inside(begun, undone)]
    session.info[_PENDING] = kept


def _inside(transaction: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while transaction is not None and transaction is not outer:
        transaction = transaction.parent
    return transaction is outer


def _forget_ended(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_PENDING, None)


event.listen(db.session, "after_commit", _ring_pending)
event.listen(db.session, "after_transaction_end", _forget_ended)
event.listen(db.session, "after_soft_rollback", _forget_undone)
