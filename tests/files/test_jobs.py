"""The sweep: what nobody sent, and bytes without a row."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from supportapp import clock
from supportapp.extensions import db
from supportapp.files import jobs, operations, queries
from supportapp.files.jobs import sweep_drafts
from tests.factories import make_customer
from tests.files.test_operations import folder, stored_paths, upload  # noqa: F401 - the fixture


def age(path: Path, days: float) -> None:
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_a_file_that_was_not_sent_within_a_day_is_swept_away(folder: Path, at: datetime) -> None:  # noqa: F811
    owner = make_customer()
    upload(owner=owner)
    with clock.frozen(at + timedelta(hours=23)):
        sweep_drafts()
    assert len(queries.files_for_draft(owner, "form")) == 1
    with clock.frozen(at + timedelta(hours=25)):
        assert sweep_drafts() == 1
    assert queries.files_for_draft(owner, "form") == []
    assert stored_paths(folder) == []


def test_a_sent_file_stays(folder: Path, at: datetime) -> None:  # noqa: F811
    stored = upload()
    operations.attach([stored], at=at)
    with clock.frozen(at + timedelta(days=400)):
        assert sweep_drafts() == 0
    age(folder / stored.storage_key, 400)
    assert sweep_drafts() == 0
    assert len(stored_paths(folder)) == 1


def test_bytes_whose_transaction_was_rolled_back_are_swept_after_a_day(folder: Path) -> None:  # noqa: F811
    upload()
    db.session.rollback()
    assert sweep_drafts() == 0
    for path in stored_paths(folder):
        age(path, 2)
    assert sweep_drafts() == 1
    assert stored_paths(folder) == []


def test_an_upload_that_was_cut_is_swept_after_a_day(folder: Path) -> None:  # noqa: F811
    half = folder / "incoming" / "0123"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    age(half, 2)
    assert sweep_drafts() == 1
    assert not half.exists()


def test_a_sweep_of_a_storage_that_was_never_used_finds_nothing(app: Flask, folder: Path) -> None:  # noqa: F811
    assert not folder.exists()
    assert sweep_drafts() == 0


def test_the_sweep_asks_once_which_bytes_have_a_row(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(jobs, "BATCH", 1)
    for number in range(3):
        upload(name=f"{number}.txt")
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    sweep_drafts()
    assert len([statement for statement in asked if "thumbnail_key" in statement.partition("FROM")[0]]) <= 2
