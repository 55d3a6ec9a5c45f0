"""The index is derived: missing, broken, locked, behind or being rebuilt, it bothers nobody and can be made anew."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import signal
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from whoosh.filedb.structfile import StructFile

from supportapp import clock
from supportapp.extensions import db
from supportapp.kb import jobs, operations
from supportapp.kb.search import reading, search, shelf, suggest, upkeep
from supportapp.kb.search.engine import Document, Reader
from supportapp.kb.search.upkeep import IndexStatus
from supportapp.kb.search.words import keys
from tests.kb.samples import index_all, make_article
from tests.services import eventually

pytestmark = pytest.mark.usefixtures("session")


def index_status() -> IndexStatus:
    return upkeep.index_status(at=clock.now())


def found(text: str = "токен заблокирован") -> list[str]:
    return [hit.title for hit in suggest(text, "", product_id=None, language="ru")]


def test_without_an_index_nothing_is_found_and_staff_can_see_why(index_dir: Path) -> None:
    make_article("Токен заблокирован")
    assert found() == []
    assert search("токен", language="ru") == []
    assert index_status() is IndexStatus.MISSING
    assert not index_dir.exists()


def test_a_rebuilt_index_is_ours_alone(index_dir: Path) -> None:
    make_article("Токен заблокирован")
    index_all()
    assert index_status() is IndexStatus.OK
    assert stat.S_IMODE(index_dir.stat().st_mode) == 0o700
    assert found() == ["Токен заблокирован"]


def test_an_index_that_others_can_write_is_not_read() -> None:
    make_article("Токен заблокирован")
    index_all()
    folder = shelf.current()
    assert folder is not None
    folder.chmod(0o777)
    reading.forget()
    assert found() == []


def test_the_first_published_article_builds_the_index() -> None:
    article = make_article("Токен заблокирован")
    db.session.commit()
    jobs.index_article(article.id)
    assert index_status() is IndexStatus.OK
    assert found() == ["Токен заблокирован"]


@pytest.mark.parametrize("damage", ["truncated", "garbage", "emptied", "pointer"])
def test_a_damaged_index_finds_nothing_and_one_job_repairs_it(index_dir: Path, damage: str) -> None:
    make_article("Токен заблокирован")
    index_all()
    folder = shelf.current()
    assert folder is not None
    for path in folder.iterdir():
        if damage == "truncated":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
        elif damage == "garbage":
            path.write_bytes(os.urandom(path.stat().st_size))
        elif damage == "emptied":
            path.unlink()
    if damage == "pointer":
        (index_dir / "current").write_bytes(b"\xff\0../../etc")
    reading.forget()
    assert found() in ([], ["Токен заблокирован"])
    assert index_status() is IndexStatus.MISSING
    assert jobs.refresh_index() == 1
    assert index_status() is IndexStatus.OK
    assert found() == ["Токен заблокирован"]


def test_the_last_good_index_serves_while_the_newest_is_broken() -> None:
    make_article("Токен заблокирован")
    index_all()
    index_all()
    folder = shelf.current()
    assert folder is not None
    for path in folder.iterdir():
        path.unlink()
    reading.forget()
    assert found() == ["Токен заблокирован"]


def test_an_article_that_lands_on_a_damaged_index_has_it_rebuilt() -> None:
    make_article("Токен заблокирован")
    index_all()
    folder = shelf.current()
    assert folder is not None
    for path in folder.glob("*.seg"):
        path.write_bytes(b"broken")
    article = make_article("Часы спешат")
    db.session.commit()
    jobs.index_article(article.id)
    assert index_status() is IndexStatus.OK
    assert found("часы спешат") == ["Часы спешат"]


def test_the_refresh_finds_what_no_job_was_rung_for(at: datetime) -> None:
    withdrawn, changed = make_article("Токен заблокирован"), make_article("Часы спешат")
    index_all()
    assert jobs.refresh_index() == 0
    operations.withdraw(withdrawn, by=None, at=at)
    operations.save_article(changed, title="Часы отстают", body="Сверьте время.", by=None, at=at)
    make_article("Плагин не виден")
    db.session.commit()
    assert index_status() is IndexStatus.BEHIND
    assert jobs.refresh_index() == 3
    assert index_status() is IndexStatus.OK
    assert found("часы отстают") == ["Часы отстают"]


def test_a_writer_waits_its_turn_and_gives_up_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    article = make_article("Токен заблокирован")
    index_all()
    monkeypatch.setattr(shelf, "LOCK_PATIENCE", 0.1)
    with shelf.lock():
        assert jobs.refresh_index() == 0
        jobs.index_article(article.id)
        with pytest.raises(shelf.IndexBusyError):
            upkeep.rebuild()
        assert found() == ["Токен заблокирован"]
    assert upkeep.rebuild() == 1


def _hold(app: Flask, ready: multiprocessing.synchronize.Event) -> None:
    with app.app_context(), shelf.lock():
        ready.set()
        time.sleep(60)


def test_the_lock_of_a_dead_writer_stops_nobody(app: Flask) -> None:
    fork = multiprocessing.get_context("fork")
    ready = fork.Event()
    process = fork.Process(target=_hold, args=(app, ready), daemon=True)
    process.start()
    assert ready.wait(20)
    with pytest.raises(shelf.IndexBusyError), shelf.lock(patience=0):
        pass
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join(20)
    make_article("Токен заблокирован")
    index_all()
    assert found() == ["Токен заблокирован"]


def test_a_rebuild_that_fails_leaves_the_old_index_in_use_and_nothing_of_its_own(index_dir: Path) -> None:
    make_article("Токен заблокирован")
    index_all()
    before = shelf.current()

    def fail(done: int, total: int) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        upkeep.rebuild(fail)
    assert shelf.current() == before
    assert list(index_dir.glob("index-*")) == [before]
    assert found() == ["Токен заблокирован"]
    upkeep.rebuild()
    assert index_status() is IndexStatus.OK


def test_readers_never_miss_an_article_while_the_index_is_rebuilt_and_changed(app: Flask, index_dir: Path) -> None:
    make_article("Токен заблокирован")
    index_all()
    misses: list[int | None] = []
    stop = threading.Event()

    def look() -> None:
        with app.app_context():
            while not stop.is_set():
                misses.append(reading.read(lambda reader: reader.frequency(keys("токен")[0])))

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(8):
        upkeep.rebuild()
        upkeep._change_or_build([next(iter(upkeep._stamps_in_database()))])
    stop.set()
    for reader in readers:
        reader.join(20)
    assert len(misses) > 20
    assert set(misses) == {1}
    assert len(list(index_dir.glob("index-*"))) <= 2


def test_all_who_ask_at_once_in_a_fresh_process_wait_for_the_index_and_are_answered(app: Flask) -> None:
    make_article("Токен заблокирован")
    index_all()
    reading.forget()

    def look(_: int) -> bool:
        with app.app_context():
            return reading.current() is not None

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(look, range(32)))


def test_what_another_process_writes_is_seen_after_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    make_article("Токен заблокирован")
    index_all()
    assert found() == ["Токен заблокирован"]
    monkeypatch.setattr(reading, "look_again", lambda: None)
    make_article("Токен заблокирован снова")
    index_all()
    before = reading.current()
    assert before is not None
    assert before.size == 1
    monkeypatch.setattr(reading, "PAUSE", 0.0)
    after = reading.current()
    assert after is not None
    assert after.size == 2


def test_a_great_change_is_read_in_the_background_while_the_last_state_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_article("Токен заблокирован")
    index_all()
    before = reading.current()
    assert before is not None
    monkeypatch.setattr(reading, "FEW", 0)
    monkeypatch.setattr(reading, "PAUSE", 0.0)
    may_go_on, warmed = threading.Event(), threading.Event()

    def warm(_: Reader) -> None:
        assert may_go_on.wait(20)
        warmed.set()

    monkeypatch.setattr(reading, "warmers", [warm])
    index_all()
    for _ in range(3):
        assert reading.current() is before
    may_go_on.set()
    assert warmed.wait(20)
    eventually(lambda: reading.current() is not before, "the new index was never put in use")
    assert index_status() is IndexStatus.OK


def test_an_index_taken_away_or_cut_under_an_open_reader_goes_on_answering_until_it_is_repaired(
    index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_article("Токен заблокирован")
    index_all()
    assert found() == ["Токен заблокирован"]
    monkeypatch.setattr(reading, "PAUSE", 0.0)
    folder = shelf.current()
    assert folder is not None
    for path in folder.iterdir():
        with path.open("r+b") as file:
            file.truncate(20)
    assert found() == ["Токен заблокирован"]
    assert index_status() is IndexStatus.MISSING
    shutil.rmtree(index_dir)
    assert found() == ["Токен заблокирован"]
    assert index_status() is IndexStatus.MISSING
    assert jobs.refresh_index() == 1
    assert index_status() is IndexStatus.OK
    assert found() == ["Токен заблокирован"]


def test_one_changed_byte_anywhere_is_found_by_the_sweep() -> None:
    make_article("Токен заблокирован")
    index_all()
    folder = shelf.current()
    assert folder is not None
    path = next(folder.glob("*.seg"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert jobs.refresh_index() == 1
    assert shelf.current() != folder
    assert jobs.refresh_index() == 0


def _rebuild(app: Flask, documents: list[Document], go: multiprocessing.synchronize.Event) -> None:
    """In a process of its own, which must not touch the test's database connection."""
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(upkeep, "_stamps_in_database", lambda: {each.id: each.stamp for each in documents})
        patch.setattr(upkeep, "_documents", lambda _: documents)
        go.wait(20)
        for _ in range(5):
            upkeep.rebuild()


def test_two_rebuilds_at_once_take_turns(app: Flask, index_dir: Path) -> None:
    make_article("Токен заблокирован")
    index_all()
    documents = list(upkeep._documents(list(upkeep._stamps_in_database())))
    fork = multiprocessing.get_context("fork")
    go = fork.Event()
    processes = [fork.Process(target=_rebuild, args=(app, documents, go), daemon=True) for _ in range(2)]
    for process in processes:
        process.start()
    go.set()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert {path.name.partition("-")[0] for path in index_dir.iterdir()} == {"index", "current", "write.lock"}
    assert len(list(index_dir.glob("index-*"))) == 2
    assert index_status() is IndexStatus.OK
    assert found() == ["Токен заблокирован"]


def test_a_disk_that_fills_up_in_a_rebuild_or_a_change_leaves_the_old_index_in_use(
    index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_article("Токен заблокирован")
    index_all()
    before, files = shelf.current(), sorted(path for path in index_dir.rglob("*") if path.is_file())
    article = make_article("Часы спешат")
    db.session.commit()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(StructFile, "write", full)
        with pytest.raises(OSError, match="No space"):
            upkeep.rebuild()
        with pytest.raises(OSError, match="No space"):
            jobs.index_article(article.id)
        assert found() == ["Токен заблокирован"]
    assert shelf.current() == before
    assert sorted(path for path in index_dir.rglob("*") if path.is_file()) == files
    assert jobs.refresh_index() == 1
    assert found("часы спешат") == ["Часы спешат"]


def test_a_rebuild_that_was_killed_is_never_read_and_its_draft_goes_with_the_next(index_dir: Path) -> None:
    make_article("Токен заблокирован")
    index_all()
    draft = shelf.new_folder()
    draft.mkdir()
    (draft / "half").write_bytes(b"of an index")
    assert draft not in shelf.candidates()
    upkeep.rebuild()
    assert not draft.exists()


def test_articles_that_wait_for_longer_than_a_repair_takes_are_reported(at: datetime) -> None:
    make_article("Токен заблокирован", at=at)
    index_all()
    article = make_article("Часы спешат", at=at)
    db.session.commit()
    assert upkeep.index_status(at=at + timedelta(seconds=90)) is IndexStatus.BEHIND
    assert upkeep.index_status(at=at + timedelta(minutes=5)) is IndexStatus.LATE
    jobs.index_article(article.id)
    assert upkeep.index_status(at=at + timedelta(minutes=5)) is IndexStatus.OK


def test_an_article_that_tells_of_an_early_day_has_not_waited_since(at: datetime) -> None:
    make_article("Токен заблокирован", at=at)
    index_all()
    article = make_article("Часы спешат", at=at)
    operations.save_article(article, title="Часы отстают", body="Сверьте время.", by=None, at=at + timedelta(hours=1))
    article.updated_at = at - timedelta(days=2000)
    db.session.commit()
    assert upkeep.index_status(at=at + timedelta(hours=1, seconds=90)) is IndexStatus.BEHIND
    assert upkeep.index_status(at=at + timedelta(hours=1, minutes=5)) is IndexStatus.LATE


def test_a_database_that_fails_is_not_taken_for_a_damaged_index(monkeypatch: pytest.MonkeyPatch) -> None:
    article = make_article("Токен заблокирован")
    index_all()
    before = shelf.current()

    def fail(_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    monkeypatch.setattr(upkeep, "_documents", fail)
    monkeypatch.setattr(upkeep, "_build", lambda _: pytest.fail("the index is sound"))
    with pytest.raises(OperationalError):
        jobs.index_article(article.id)
    assert shelf.current() == before
    assert found() == ["Токен заблокирован"]


def test_many_missed_articles_are_indexed_with_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    make_article("Токен заблокирован")
    index_all()
    before = shelf.current()
    monkeypatch.setattr(upkeep, "MANY", 1)
    make_article("Часы спешат")
    make_article("Плагин не виден")
    db.session.commit()
    assert jobs.refresh_index() == 2
    assert shelf.current() != before
    assert index_status() is IndexStatus.OK


def test_when_the_code_makes_other_keys_every_article_is_indexed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make_article("Токен заблокирован")
    index_all()
    monkeypatch.setattr(upkeep, "_EDITION", "other")
    assert index_status() is not IndexStatus.OK
    assert jobs.refresh_index() == 1
    assert index_status() is IndexStatus.OK


def test_an_index_full_of_removed_articles_is_built_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    make_article("Токен заблокирован")
    index_all()
    before = shelf.current()
    monkeypatch.setattr(Reader, "is_worn", True)
    assert jobs.refresh_index() == 0
    assert shelf.current() != before


def test_the_command_rebuilds_and_says_how_much(app: Flask) -> None:
    make_article("Токен заблокирован")
    db.session.commit()
    runner = app.test_cli_runner()
    assert "1 articles indexed" in runner.invoke(args=["reindex"]).output
    assert found() == ["Токен заблокирован"]
    assert runner.invoke(args=["reindex", "--check"]).output == "ok\n"
