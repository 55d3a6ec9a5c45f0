"""What every table needs: the base class, UTC moments, enums as text, and SQLite made fit for several processes."""

from __future__ import annotations

import enum
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import DDL, Connection, DateTime, Dialect, Engine, Enum, event, text
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase

    class Model(DeclarativeBase):
        """The declarative base; at run time Flask-AppBuilder's, so that its tables and ours share one metadata."""
else:
    from flask_appbuilder import Model

__all__ = [
    "GREATEST_ID",
    "FinalRowError",
    "Model",
    "UtcDateTime",
    "begin_writing",
    "keep_final",
    "prepare_postgresql",
    "prepare_sqlite",
    "reading",
    "start_reading",
    "str_enum",
    "writing_if_free",
]

# Keys are 32-bit integers on PostgreSQL, which answers an error to a greater one: look-ups refuse it before.
GREATEST_ID = 2**31 - 1

WAIT_MS, SHORT_WAIT_MS = 10_000, 200  # for another who writes

_read_only: ContextVar[bool] = ContextVar("read_only", default=False)
_wait_ms: ContextVar[int] = ContextVar("wait_ms", default=WAIT_MS)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. A naive one is refused: it would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """SQLite keeps text: read as what it is meant to be, a moment costs a sixth of being read and then changed."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


class FinalRowError(RuntimeError):
    """Somebody tried to change or delete what is kept for good."""


def keep_final(model: Any, what: str) -> None:
    """Rows of ``model`` are added and never changed nor deleted: by the mapper's word and by the database's.

    ``what`` names them in the database's refusal. The migration that begins it holds ``final_triggers``, too.
    """

    def refuse(_mapper: Any, _connection: Any, row: Any) -> NoReturn:
        raise FinalRowError(f"{what}: row {row.id} is never changed")

    event.listen(model, "before_update", refuse)
    event.listen(model, "before_delete", refuse)
    for dialect, statements in final_triggers(model.__tablename__, what).items():
        for statement in statements:
            trigger = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(model.__table__, "after_create", trigger)


def final_triggers(table: str, what: str) -> dict[str, tuple[str, ...]]:
    """The statements that make a table refuse every change and deletion, by kind of database."""
    return {
        "sqlite": tuple(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{what} are final'); END"
            for verb in ("UPDATE", "DELETE")
        ),
        "postgresql": (
            f"CREATE OR REPLACE FUNCTION {table}_is_final() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{what} are final'; END $$",
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_final()",
        ),
    }


def str_enum(cls: type[enum.Enum]) -> Enum:
    """A column type that stores the value of ``cls`` as text, readable in SQL and free of native enum types."""
    return Enum(cls, native_enum=False, length=32, values_callable=lambda e: [member.value for member in e])


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside the block take no write lock on SQLite. Writing in it may fail with "locked"."""
    token = _read_only.set(True)
    try:
        yield
    finally:
        _read_only.reset(token)


def start_reading(read_only: bool) -> None:
    """Say for the rest of this request whether transactions only read (GET) or may write (everything else)."""
    _read_only.set(read_only)


def begin_writing(session: Session | scoped_session[Any]) -> None:
    """Leave a GET's reading transaction for one that may write: what was read so far must be looked up again."""
    session.rollback()
    _read_only.set(False)


@contextmanager
def writing_if_free(session: Session | scoped_session[Any]) -> Iterator[None]:
    """A short transaction that writes amid a page that reads, committed at the end; afterwards the page reads again.

    OperationalError, and nothing written, when others keep what it needs for more than SHORT_WAIT_MS.
    """
    session.rollback()
    only_reads, waits = _read_only.set(False), _wait_ms.set(SHORT_WAIT_MS)
    try:
        if session.connection().dialect.name == "postgresql":
            session.execute(text(f"SET LOCAL lock_timeout = {SHORT_WAIT_MS}"))
        yield
        session.commit()
    finally:
        session.rollback()
        _wait_ms.reset(waits)
        _read_only.reset(only_reads)


def prepare_postgresql(engine: Engine) -> None:
    """A transaction that has only read ends with COMMIT, whatever it was told.

    At a ROLLBACK psycopg forgets the statements that it has prepared, and every page ends with one: to plan the
    statements of a page anew takes longer than to run them.
    """

    def on_begin(connection: Connection) -> None:
        connection.info["only_read"] = True

    def on_execute(connection: Connection, _cursor: Any, statement: str, *_how: Any) -> None:
        if not statement.startswith("SELECT"):
            connection.info["only_read"] = False

    def on_rollback(connection: Connection) -> None:
        if connection.invalidated or not connection.info["only_read"]:
            return
        driver: Any = connection.connection.dbapi_connection
        if driver.info.transaction_status == TransactionStatus.INTRANS:
            with suppress(psycopg.Error):  # that the server has gone is told by the rollback, which follows
                driver.commit()

    event.listen(engine, "begin", on_begin)
    event.listen(engine, "before_cursor_execute", on_execute)
    event.listen(engine, "rollback", on_rollback)


def prepare_sqlite(engine: Engine) -> None:
    """WAL, foreign keys, Unicode ``lower()``, and BEGIN IMMEDIATE for whatever may write.

    A deferred transaction that reads and then writes fails at once with "database is locked", whatever the timeout;
    an immediate one waits for its turn.
    """

    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={WAIT_MS}")
        connection.create_function("lower", 1, lambda s: s.lower() if isinstance(s, str) else s, deterministic=True)

    def on_begin(connection: Any) -> None:
        if _read_only.get():
            connection.exec_driver_sql("BEGIN")
        elif _wait_ms.get() == WAIT_MS:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            begin_soon(connection)

    def begin_soon(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_wait_ms.get()}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={WAIT_MS}")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
