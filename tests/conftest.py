"""Fixtures: one database for the run, rolled back after every test; a frozen clock; people who act."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, event, text

from config import Settings
from supportapp import clock, create_app
from supportapp.extensions import db, limiter
from tests import catalogues
from tests.services import bells, own_app, portal, redis_server, smtp_server  # noqa: F401 - fixtures for every test

# A busy machine makes examples slowly; that says nothing about what is tested.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


@event.listens_for(Engine, "connect")
def _promise_no_order(connection: Any, _record: Any) -> None:
    """Rows nobody ordered come last first on SQLite: PostgreSQL promises no order, and gives another every time."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects=ON")


NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)  # Friday 20 November 2026, 14:00 in Moscow


def make_settings(folder: Path, **changes: object) -> Settings:
    """Settings for a test application: an own folder, no Redis, a database by TEST_DATABASE_URL or SQLite."""
    values: dict[str, object] = {
        "SECRET_KEY": "only-for-tests-0123456789abcdefghijklmnop",
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder / 'test.db'}",
        "REDIS_URL": f"unix://{folder}/no-redis-here.sock",
        "VAR_DIR": str(folder),
        "INDEX_DIR": str(folder / "search_index"),
        "PUBLIC_BASE_URL": "http://localhost",
        "MAIL_GATHER_SECONDS": 0,  # who looks into gathering says so
        "SEMANTIC_SEARCH": False,  # a ranking must not depend on what is installed
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, worker_database: None) -> Iterator[Flask]:
    """The application on an empty database."""
    catalogues.compile_stale()
    app = create_app(make_settings(tmp_path_factory.mktemp("portal")))
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    limiter.enabled = False
    with app.app_context():
        db.drop_all()
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def worker_database() -> None:
    """With pytest-xdist on PostgreSQL every worker gets a database of its own."""
    url, worker = os.environ.get("TEST_DATABASE_URL"), os.environ.get("PYTEST_XDIST_WORKER")
    if not url or not worker:
        return
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url

    name = f"{make_url(url).database}_{worker}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    os.environ["TEST_DATABASE_URL"] = make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(autouse=True)
def no_rate_limits() -> None:
    """Tests sign in often; those about limits switch them on. Every application that is made switches them on, too."""
    limiter.enabled = False
    counters = getattr(limiter, "_fallback_storage", None)  # there is none before the first application
    if counters is not None:  # what an earlier test has used up
        counters.reset()


@pytest.fixture
def at() -> Iterator[datetime]:
    """The moment it is: Friday 20 November 2026, 14:00 in Moscow; the clock stands still."""
    with clock.frozen(NOON):
        yield NOON


@pytest.fixture
def session(app: Flask, at: datetime) -> Iterator[object]:
    """A database session inside an application context; everything is undone after the test, commits included."""
    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        transaction = connection.begin()
        engines = db._app_engines[app]
        engines[None] = connection  # type: ignore[assignment]
        try:
            yield db.session
        finally:
            db.session.remove()
            engines[None] = engine
            transaction.rollback()
            connection.close()


class Browser(FlaskClient):
    """A browser without JavaScript. Every request has its own application context, as on a server, so that nobody
    stays signed in through ``g``; what the test has prepared is committed first and read anew afterwards."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.commit()
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        db.session.expire_all()
        return answer


@pytest.fixture
def client(app: Flask, session: object) -> FlaskClient:
    """A browser on the test's own transaction."""
    app.test_client_class = Browser
    return app.test_client()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where nothing may be skipped (REQUIRE_ALL=1, as in .ci/run), a skip is a failure."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
