"""The bell: JSON only, known queues only, and a job that waits once."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rq import Queue
from rq.job import Job
from rq_scheduler import Scheduler

from supportapp.jobs import queue
from supportapp.jobs.queue import Bell, JsonJob, JsonQueue, open_queue
from tests.services import Portal, RedisServer


def test_functions_are_named_by_their_path() -> None:
    assert queue.dotted(open_queue) == "supportapp.jobs.queue.open_queue"
    assert queue.dotted("a.b") == "a.b"


def test_an_unknown_queue_is_a_mistake_at_once(session: object) -> None:
    with pytest.raises(ValueError, match="no queue"):
        queue.ring_after_commit("a.b", queue="nowhere")


def test_a_job_can_be_rung_for_at_once(session: object, bells: list[Bell]) -> None:
    assert queue.enqueue("a.b", 7, queue="index")
    assert bells == [Bell("a.b", (7,), "index")]


def test_ringing_without_redis_says_so_and_goes_on(session: object) -> None:
    assert queue.enqueue("a.b", 7) is False


@pytest.mark.services
def test_jobs_travel_as_json_with_the_promised_limits(portal: Portal, redis_server: RedisServer) -> None:
    with portal.app.app_context():
        assert queue.enqueue("supportapp.notifications.jobs.deliver", 7, queue="mail")
    redis = redis_server.connection
    (job_id,) = open_queue("mail", redis).job_ids
    stored = redis.hgetall(f"rq:job:{job_id}")
    assert json.loads(zlib.decompress(stored[b"data"])) == ["supportapp.notifications.jobs.deliver", None, [7], {}]
    job = JsonJob.fetch(job_id, connection=redis)
    assert (job.timeout, job.result_ttl, job.retries_left) == (queue.JOB_TIMEOUT, queue.RESULT_TTL, 2)


@pytest.mark.services
def test_of_a_job_that_does_all_there_is_a_few_wait_until_one_of_them_is_heard(
    portal: Portal, redis_server: RedisServer
) -> None:
    with portal.app.app_context():
        queue.ring([Bell("a.b", (n,), "mail", enough=2) for n in range(5)])
        assert len(open_queue("mail", redis_server.connection).job_ids) == 2
        queue.hear("a.b")
        queue.ring([Bell("a.b", (7,), "mail", enough=2)])
        assert len(open_queue("mail", redis_server.connection).job_ids) == 3
        queue.ring([Bell("c.d", (n,), "mail") for n in range(5)])
    assert len(open_queue("mail", redis_server.connection).job_ids) == 8


@pytest.mark.services
def test_what_is_to_be_done_later_is_rung_for_once_in_two_seconds_and_never_too_early(
    portal: Portal, redis_server: RedisServer
) -> None:
    before = datetime.now(UTC)
    with portal.app.app_context():
        queue.ring([Bell("a.b", (n,), "mail", 30, enough=4) for n in range(20)])
    scheduler = Scheduler("mail", connection=redis_server.connection, job_class=JsonJob)
    rung = [moment.replace(tzinfo=UTC) for _, moment in scheduler.get_jobs(with_times=True)]
    assert 1 <= len(rung) <= 3
    assert all(timedelta(seconds=29) <= moment - before <= timedelta(seconds=36) for moment in rung)


@pytest.mark.services
def test_nothing_is_ever_unpickled_from_redis(portal: Portal, redis_server: RedisServer, tmp_path: Path) -> None:
    trace = tmp_path / "pickled"
    job = Queue("mail", connection=redis_server.connection).enqueue(_Trap(trace))
    assert portal.flask("worker", "--burst").wait() == 0
    assert not trace.exists()
    assert Job.fetch(job.id, connection=redis_server.connection).get_status() == "failed"


@pytest.mark.services
def test_a_scheduled_job_waits_once_however_often_it_is_due(redis_server: RedisServer) -> None:
    waiting = open_queue("mail", redis_server.connection)
    job = JsonJob.create("a.b", connection=redis_server.connection, id="sweep")
    for _ in range(3):
        waiting.enqueue_job(job)
    assert waiting.job_ids == ["sweep"]
    assert isinstance(waiting, JsonQueue)


class _Trap:
    """Writes a file as soon as somebody unpickles it."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __call__(self) -> None:
        """RQ asks for something callable."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.trace, "unpickled")
