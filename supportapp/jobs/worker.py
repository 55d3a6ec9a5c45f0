"""The processes that hear the bell: RQ's worker and rq-scheduler, made to live with this application.

Both wait for Redis when they start, and end with 1 when they lose it for good, so that a supervisor starts them again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

from flask import Flask
from redis import Redis, RedisError
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from supportapp.extensions import connect_redis, db
from supportapp.jobs.queue import QUEUES, JsonJob, JsonQueue, open_queue
from supportapp.jobs.schedule import PortalScheduler

WORKER_TTL = 30
MAINTENANCE_SECONDS = 30
LONGEST_WAIT = 5.0

logger = logging.getLogger(__name__)


class PortalWorker(Worker):
    """Every job runs in a process and an application context of its own, with database connections of its own."""

    app: Flask
    asked_to_stop = False

    def bootstrap(self, *args: Any, **options: Any) -> None:
        """Get ready for the first job, and say so: as a rule RQ's own lines are not to be seen."""
        super().bootstrap(*args, **options)
        logger.info("the worker listens to %s", ", ".join(self.queue_names()))

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """In the forked process: what was inherited is forgotten, not closed; it still belongs to the parent."""
        with self.app.app_context():
            db.engine.dispose(close=False)
            return super().perform_job(job, queue, execution)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM: finish the job at hand, then end."""
        self.asked_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def work(app: Flask, url: str, queues: Sequence[str] = QUEUES, *, burst: bool = False) -> int:
    """Work until told to stop; returns the exit code."""
    connection = connect_redis(url)
    wait_for_redis(connection)
    worker = PortalWorker(
        [open_queue(name, connection) for name in queues],
        connection=connection,
        job_class=JsonJob,
        queue_class=JsonQueue,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
    )
    worker.app = app
    try:
        worker.work(burst=burst, logging_level=logging.getLevelName(logging.root.level))  # RQ's own is INFO
    except RedisError as error:
        logger.error("the worker lost Redis (%s)", type(error).__name__)
        return 1
    logger.info("the worker ends")
    return 0 if worker.asked_to_stop or burst else 1


def keep_schedule(url: str) -> int:
    """Ring for scheduled jobs until told to stop; returns the exit code."""
    connection = connect_redis(url)
    wait_for_redis(connection)
    try:
        PortalScheduler(connection).run()
    except RedisError as error:
        logger.error("the scheduler lost Redis (%s)", type(error).__name__)
        return 1
    return 0


def wait_for_redis(connection: Redis) -> None:
    """Return when Redis answers; said once in the log, asked again after ever longer pauses."""
    pause, said = 0.1, False
    while True:
        try:
            connection.ping()
            return
        except (RedisError, OSError) as error:
            if not said:
                logger.warning("waiting for Redis (%s)", type(error).__name__)
                said = True
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_WAIT)
