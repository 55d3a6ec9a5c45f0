"""``flask init-db``: tables by migration, permissions from our table; safe to run again and by several at once."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import flask_migrate
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import text

from supportapp.commands.tickets import write_missing_words
from supportapp.extensions import db, settings
from supportapp.staff.permissions import sync_roles

LOCK_KEY = 72_051_994  # any number, as long as nobody else on this database locks the same


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(init_db)


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Bring the database up to date: tables, then roles and permissions."""
    prepare_database()
    click.echo("The database is up to date.")


def prepare_database() -> None:
    """Upgrade the tables to the newest migration, write the roles, let old tickets be found; waits for its like."""
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        Path(db.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        flask_migrate.upgrade()
        sync_roles()
        db.session.commit()
        write_missing_words()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A lock that ends with the process: PostgreSQL's own, or a file beside a SQLite database."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
            yield  # the lock goes with the connection
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
        return
    folder = Path(settings.VAR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "init-db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
