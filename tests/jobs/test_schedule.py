"""The table of what runs again and again, and its copy in Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis
from rq.utils import import_attribute

from supportapp.jobs import schedule
from supportapp.jobs.queue import JsonJob, open_queue
from supportapp.jobs.schedule import SCHEDULE, Entry, PortalScheduler, reconcile
from tests.services import Portal, RedisServer

TABLE = (Entry("one", "a.one"), Entry("two", "a.two", sweeps=3, queue="index"))
runs: list[str] = []


def note_run() -> None:
    """What the schedule of these tests runs."""
    runs.append("run")


@pytest.fixture
def redis(portal: Portal, redis_server: RedisServer) -> Iterator[Redis]:
    runs.clear()
    with portal.app.app_context():
        yield redis_server.connection


def scheduled(redis: Redis) -> dict[str, float]:
    return {key.decode(): score for key, score in redis.zrange("rq:scheduler:scheduled_jobs", 0, -1, withscores=True)}


def test_every_function_of_the_schedule_exists() -> None:
    for entry in SCHEDULE:
        assert callable(import_attribute(entry.function)), entry.function


def test_ids_are_unique_and_made_of_safe_letters() -> None:
    ids = [entry.id for entry in SCHEDULE]
    assert len(set(ids)) == len(ids)
    assert all(id.replace("-", "").replace("_", "").isalnum() for id in ids)


@pytest.mark.services
def test_a_second_reconciliation_changes_nothing(redis: Redis) -> None:
    reconcile(PortalScheduler(redis), TABLE)
    before = scheduled(redis)
    stored = JsonJob.fetch("two", connection=redis)
    assert set(before) == {"one", "two"}
    assert (stored.origin, stored.meta["interval"]) == ("index", 3)
    reconcile(PortalScheduler(redis), TABLE)
    assert scheduled(redis) == before
    assert JsonJob.fetch("two", connection=redis).created_at == stored.created_at


@pytest.mark.services
def test_what_has_changed_is_replaced_and_what_is_gone_goes(redis: Redis) -> None:
    reconcile(PortalScheduler(redis), (*TABLE, Entry("three", "a.three")))
    reconcile(PortalScheduler(redis), (TABLE[0], Entry("two", "a.two", sweeps=9, queue="index")))
    assert set(scheduled(redis)) == {"one", "two"}
    assert JsonJob.fetch("two", connection=redis).meta["interval"] == 9
    assert not JsonJob.exists("three", connection=redis)


@pytest.mark.services
def test_a_schedule_that_was_lost_is_mended_at_the_next_poll(redis: Redis) -> None:
    scheduler = PortalScheduler(redis, TABLE)
    scheduler.enqueue_jobs()
    redis.flushall()
    scheduler.enqueue_jobs()
    assert set(scheduled(redis)) == {"one", "two"}


@pytest.mark.services
def test_nothing_piles_up_while_no_worker_listens(redis: Redis) -> None:
    scheduler = PortalScheduler(redis, TABLE)
    for _ in range(3):
        scheduler.enqueue_jobs()
        redis.zadd("rq:scheduler:scheduled_jobs", {"one": 0, "two": 0})
    assert open_queue("default", redis).job_ids == ["one"]
    assert open_queue("index", redis).job_ids == ["two"]


@pytest.mark.services
def test_a_job_that_is_still_running_is_not_run_beside_itself(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "SCHEDULE", (Entry("note", f"{__name__}.note_run"),))
    running = redis.lock("portal:running:note", timeout=30)
    assert running.acquire()
    schedule.run("note")
    assert runs == []
    running.release()
    schedule.run("note")
    schedule.run("note")
    assert runs == ["run", "run"]


@pytest.mark.services
def test_the_lock_is_a_courtesy_and_not_a_condition(
    redis: Redis, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SCHEDULE", (Entry("note", f"{__name__}.note_run"),))
    redis_server.stop()
    schedule.run("note")
    assert runs == ["run"]


@pytest.mark.services
def test_an_entry_that_left_the_table_runs_nothing(redis: Redis) -> None:
    schedule.run("no-such-entry")
    assert runs == []
