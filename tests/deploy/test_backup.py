"""backup.sh and restore.sh on a real database with attachments beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """An empty database that belongs to this test alone."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        yield f"sqlite:///{tmp_path / 'var' / 'portal.db'}"
        return
    name = f"backup_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture
def portal(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    """A database with one row and a folder with one attachment; the engine stays connected, as a portal does."""
    (tmp_path / "var" / "files" / "ab").mkdir(parents=True)
    (tmp_path / "var" / "files" / "ab" / "снимок 1.png").write_bytes(b"picture")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA journal_mode = WAL"))
        connection.execute(text("CREATE TABLE tickets (id INTEGER PRIMARY KEY, subject TEXT)"))
        connection.execute(text("INSERT INTO tickets (id, subject) VALUES (1, 'Не подписывается документ')"))
    yield engine
    engine.dispose()


def call(
    script: str, argument: Path, tmp_path: Path, database_url: str, **more: str
) -> subprocess.CompletedProcess[str]:
    settings = {
        "DATABASE_URL": database_url,
        "VAR_DIR": str(tmp_path / "var"),
        "PYTHON": sys.executable,
        "FILES_URL": "",
    }
    environment = {**os.environ, **settings, **more}
    return subprocess.run([DEPLOY / script, argument], env=environment, capture_output=True, text=True)


def back_up(tmp_path: Path, database_url: str, **more: str) -> Path:
    answer = call("backup.sh", tmp_path / "backups", tmp_path, database_url, **more)
    assert answer.returncode == 0, answer.stderr
    return Path(answer.stdout.strip())


def subjects(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT subject FROM tickets ORDER BY id")))


def test_a_backup_of_a_running_portal_brings_back_its_rows_and_files(
    portal: Engine, tmp_path: Path, database_url: str
) -> None:
    backup = back_up(tmp_path, database_url)
    with portal.begin() as connection:
        connection.execute(text("DELETE FROM tickets"))
    attachment = tmp_path / "var" / "files" / "ab" / "снимок 1.png"
    attachment.unlink()
    portal.dispose()

    answer = call("restore.sh", backup, tmp_path, database_url)

    assert answer.returncode == 0, answer.stderr
    assert subjects(portal) == ["Не подписывается документ"]
    assert attachment.read_bytes() == b"picture"


def test_a_damaged_backup_restores_nothing(portal: Engine, tmp_path: Path, database_url: str) -> None:
    backup = back_up(tmp_path, database_url)
    dump = next(backup.glob("database.*"))
    dump.write_bytes(dump.read_bytes()[:-1] + b"?")
    with portal.begin() as connection:
        connection.execute(text("UPDATE tickets SET subject = 'newer'"))

    answer = call("restore.sh", backup, tmp_path, database_url)

    assert answer.returncode == 1
    assert "nothing was restored" in answer.stderr
    assert subjects(portal) == ["newer"]


def test_a_backup_that_fails_leaves_nothing_half_done(tmp_path: Path) -> None:
    answer = call("backup.sh", tmp_path / "backups", tmp_path, f"sqlite:///{tmp_path / 'missing.db'}")
    assert answer.returncode != 0
    assert "There is no database" in answer.stderr
    assert list((tmp_path / "backups").iterdir()) == []


def test_only_the_newest_backups_are_kept(portal: Engine, tmp_path: Path, database_url: str) -> None:
    for day in (1, 2, 3):
        (tmp_path / "backups" / f"portal-2026010{day}T000000Z").mkdir(parents=True)
    newest = back_up(tmp_path, database_url, BACKUP_KEEP="2")
    kept = sorted(folder.name for folder in (tmp_path / "backups").iterdir())
    assert kept == ["portal-20260103T000000Z", newest.name]


def test_a_backup_can_be_read_by_its_owner_only(portal: Engine, tmp_path: Path, database_url: str) -> None:
    backup = back_up(tmp_path, database_url)
    assert backup.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in backup.iterdir())
