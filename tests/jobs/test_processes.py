"""``flask worker`` and ``flask scheduler`` as a supervisor knows them."""

from __future__ import annotations

import pytest
from flask import Flask

from supportapp.jobs.queue import open_queue
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
    eventually(lambda: "Listening on" in worker.log.read_text(), "it did not begin to work")
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
def test_scheduled_jobs_run_again_and_again_in_a_real_worker(portal: Portal) -> None:
    worker = portal.start_worker("--queues", "mail")
    portal.start_scheduler()
    eventually(lambda: worker.log.read_text().count("mail: Job OK (sweep-outbox)") >= 2, "the sweep did not run twice")
