"""What runs again and again: a table in code, reconciled with Redis by the scheduler process."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis, RedisError
from redis.exceptions import LockError
from rq.job import Job
from rq.utils import import_attribute
from rq_scheduler import Scheduler

from supportapp.extensions import redis, settings
from supportapp.jobs.queue import JsonJob, JsonQueue

POLL_SECONDS = 5  # at most
RUN_TIMEOUT = 300
LOCK_SECONDS = 60
RUN = "supportapp.jobs.schedule.run"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """``function`` runs every ``sweeps`` times SWEEP_SECONDS. Ids use letters, digits, ``_`` and ``-``."""

    id: str
    function: str
    sweeps: int = 1
    queue: str = "default"

    @property
    def every_seconds(self) -> int:
        return self.sweeps * settings.SWEEP_SECONDS


SCHEDULE = (
    Entry("sweep-outbox", "supportapp.notifications.jobs.sweep_outbox", queue="mail"),
    Entry("sweep-received", "supportapp.mailbox.jobs.sweep_received"),
    Entry("forget-originals", "supportapp.mailbox.jobs.forget_originals", sweeps=10),
    Entry("sweep-held-acts", "supportapp.tickets.desk.jobs.sweep_held", queue="mail"),
    Entry("warn-and-close", "supportapp.tickets.jobs.warn_and_close"),
    Entry("escalate", "supportapp.tickets.jobs.escalate"),
    Entry("expiry-notices", "supportapp.certificates.jobs.send_expiry_notices", sweeps=10),
    Entry("sweep-drafts", "supportapp.files.jobs.sweep_drafts", sweeps=60),
    Entry("look-after-exports", "supportapp.staff.reports.jobs.look_after_exports"),
    Entry("refresh-index", "supportapp.kb.jobs.refresh_index", queue="index"),
    Entry("weigh-articles", "supportapp.kb.learning.jobs.weigh_articles", sweeps=60),
    Entry("forget-old-searches", "supportapp.kb.learning.jobs.forget_old_sessions", sweeps=60),
)


class PortalScheduler(Scheduler):  # type: ignore[misc]
    """rq-scheduler, with JSON jobs, which mends its schedule at every poll while it holds the schedulers' lock."""

    def __init__(self, connection: Redis, schedule: tuple[Entry, ...] = SCHEDULE) -> None:
        super().__init__(
            queue_name="default",
            connection=connection,
            interval=min(POLL_SECONDS, settings.SWEEP_SECONDS),
            job_class=JsonJob,
            queue_class=JsonQueue,
        )
        self.schedule_table = schedule

    def enqueue_jobs(self) -> Any:
        """Ring for what is due."""
        reconcile(self, self.schedule_table)
        return super().enqueue_jobs()


def reconcile(scheduler: Scheduler, schedule: tuple[Entry, ...] = SCHEDULE) -> None:
    """Make Redis hold exactly ``schedule``: what has not changed is left alone, what is not in it goes. Jobs that ring
    once, later, are not its business."""
    known = {job.id: job for job in scheduler.get_jobs() if not job.meta.get("once")}
    for entry in schedule:
        job = known.pop(entry.id, None)
        if job is None or not _matches(job, entry):
            _register(scheduler, entry)
    for job in known.values():
        scheduler.cancel(job)
        job.delete(remove_from_queue=True)
        logger.info("%s is no longer scheduled", job.id)


def run(entry_id: str) -> None:
    """Run a scheduled function unless it is running already. The lock saves work; nothing is wrong without it."""
    entry = next((e for e in SCHEDULE if e.id == entry_id), None)
    if entry is None:
        logger.warning("%s is no longer in the schedule", entry_id)
        return
    lock = redis.lock(f"portal:running:{entry_id}", timeout=LOCK_SECONDS, blocking=False)
    try:
        if not lock.acquire():
            logger.info("%s is still running", entry_id)
            return
    except RedisError:
        logger.info("no lock for %s: Redis is away", entry_id)
    try:
        import_attribute(entry.function)()
    finally:
        _release(lock)


def _release(lock: Any) -> None:
    try:
        lock.release()
    except (LockError, RedisError):  # it ran out, or Redis is away: it ends by itself
        logger.debug("a lock had run out")


def _matches(job: Job, entry: Entry) -> bool:
    try:
        same = job.func_name == RUN and list(job.args) == [entry.id]
    except Exception:
        return False
    return same and job.meta.get("interval") == entry.every_seconds and job.origin == entry.queue


def _register(scheduler: Scheduler, entry: Entry) -> None:
    scheduler.schedule(
        scheduled_time=datetime.now(UTC),
        func=RUN,
        args=[entry.id],
        interval=entry.every_seconds,
        id=entry.id,
        description=entry.id,
        queue_name=entry.queue,
        timeout=RUN_TIMEOUT,
    )
    logger.info("%s runs every %s seconds", entry.id, entry.every_seconds)
