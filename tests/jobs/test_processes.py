"""``flask worker`` and ``flask scheduler`` as a supervisor knows them."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from supportapp.jobs.queue import JsonJob, open_queue
from supportapp.jobs.schedule import SCHEDULE
from tests.services import Portal, RedisServer, eventually

IDS = {entry.id for entry in SCHEDULE}
SCHEDULED = "rq:scheduler:scheduled_jobs"


def test_an_unknown_queue_is_refused(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["worker", "--queues", "mail,nowhere"])
    assert answer.exit_code == 2
    assert "known queues are mail, default, index" in answer.output


@pytest.mark.services
def test_a_worker_waits_for_redis_and_then_works(portal: Portal, redis_server: RedisServer) -> None:
    redis_server.stop()
    worker = portal.start_worker(wait=False)
    eventually(lambda: "waiting for Redis" in worker.log.read_text(), "it does not say that it waits")
    redis_server.start()
    eventually(lambda: "the worker listens to" in worker.log.read_text(), "it did not begin to work")
    assert worker.stop() == 0


@pytest.mark.services
def test_an_idle_worker_outlives_a_restart_of_redis_or_asks_to_be_restarted(
    portal: Portal, redis_server: RedisServer
) -> None:
    worker = portal.start_worker()
    redis_server.stop()
    redis_server.start()
    waiting = open_queue("mail", redis_server.connection)
    waiting.enqueue("supportapp.notifications.jobs.sweep_outbox")
    eventually(lambda: not waiting.job_ids or not worker.is_running, "it neither works nor ends")
    assert worker.is_running or worker.wait() == 1


@pytest.mark.services
def test_a_scheduler_that_loses_redis_asks_to_be_restarted(portal: Portal, redis_server: RedisServer) -> None:
    scheduler = portal.start_scheduler()
    redis_server.stop()
    assert scheduler.wait() == 1
    assert "the scheduler lost Redis" in scheduler.log.read_text()


@pytest.mark.services
def test_restarts_and_second_schedulers_make_no_duplicates(portal: Portal, redis_server: RedisServer) -> None:
    redis = redis_server.connection
    first = portal.start_scheduler()
    eventually(lambda: redis.zcard(SCHEDULED) == len(IDS), "the schedule was not registered")
    assert first.stop() == 0
    for scheduler in (portal.start_scheduler(), portal.start_scheduler()):
        assert scheduler.is_running
    eventually(lambda: all(open_queue(name, redis).count for name in ("mail", "default", "index")), "nothing was due")
    assert {key.decode() for key in redis.zrange(SCHEDULED, 0, -1)} == IDS
    waiting = [job for name in ("mail", "default", "index") for job in open_queue(name, redis).job_ids]
    assert len(waiting) == len(set(waiting))


@pytest.mark.services
def test_scheduled_jobs_run_again_and_again_in_a_real_worker(portal: Portal, redis_server: RedisServer) -> None:
    portal.start_worker("--queues", "mail")
    portal.start_scheduler()
    eventually(lambda: ended(redis_server, "sweep-outbox") is not None, "the sweep did not run")
    first = ended(redis_server, "sweep-outbox")
    eventually(lambda: ended(redis_server, "sweep-outbox") != first, "the sweep did not run twice")


@pytest.mark.services
def test_a_worker_says_that_it_begins_and_ends_and_what_failed_and_no_more(
    portal: Portal, redis_server: RedisServer
) -> None:
    worker = portal.start_worker("--queues", "mail")
    queue = open_queue("mail", redis_server.connection)
    queue.enqueue("supportapp.notifications.jobs.sweep_outbox", job_id="good")
    eventually(lambda: ended(redis_server, "good") is not None, "the job did not run")
    queue.enqueue("supportapp.notifications.jobs.no_such_job", job_id="bad")
    eventually(lambda: "no_such_job" in worker.log.read_text(), "the failure is not told")
    assert worker.stop() == 0
    first, *between, last = worker.log.read_text().splitlines()
    assert first.endswith("the worker listens to mail")
    assert last.endswith("the worker ends")
    assert not any("good" in line or " INFO " in line for line in between)


@pytest.mark.services
def test_a_worker_can_be_asked_to_tell_of_every_job(portal: Portal, redis_server: RedisServer) -> None:
    worker = portal.start_worker("--queues", "mail", "--verbose")
    open_queue("mail", redis_server.connection).enqueue("supportapp.notifications.jobs.sweep_outbox", job_id="good")
    eventually(lambda: "Job OK (good)" in worker.log.read_text(), "it does not tell of the job")


def ended(redis_server: RedisServer, job_id: str) -> datetime | None:
    """When the job last ran to its end."""
    if not JsonJob.exists(job_id, redis_server.connection):
        return None
    return JsonJob.fetch(job_id, redis_server.connection).ended_at
