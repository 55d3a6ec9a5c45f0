"""The calendar in force: corrections of staff, and years that nobody knows yet."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from supportapp import create_app
from supportapp.extensions import db
from supportapp.worktime.models import CalendarCorrection
from supportapp.worktime.official import official_calendar
from supportapp.worktime.queries import current_calendar, unknown_year_warning
from tests.conftest import make_settings

MONDAY = date(2026, 11, 23)


def correct(day: date, *, working: bool, at: datetime | None = None) -> CalendarCorrection:
    row = CalendarCorrection(day=day, working=working, source="Приказ", changed_at=at)
    db.session.add(row)
    db.session.flush()
    return row


@pytest.mark.usefixtures("session")
def test_without_corrections_the_official_calendar_is_in_force() -> None:
    assert current_calendar() is official_calendar()


@pytest.mark.usefixtures("session")
def test_a_correction_is_in_force_at_once(at: datetime) -> None:
    assert current_calendar().is_working(MONDAY)
    correct(MONDAY, working=False, at=at)
    assert not current_calendar().is_working(MONDAY)


@pytest.mark.usefixtures("session")
def test_a_changed_correction_is_in_force_even_when_nobody_noted_the_time() -> None:
    row = correct(MONDAY, working=False)
    assert not current_calendar().is_working(MONDAY)
    row.working = True
    assert current_calendar().is_working(MONDAY)


@pytest.mark.usefixtures("session")
def test_a_correction_taken_back_leaves_the_official_day(at: datetime) -> None:
    row = correct(MONDAY, working=False, at=at)
    assert not current_calendar().is_working(MONDAY)
    db.session.delete(row)
    assert current_calendar().is_working(MONDAY)


@pytest.mark.usefixtures("session")
def test_an_unchanged_calendar_is_not_built_again(at: datetime) -> None:
    correct(MONDAY, working=False, at=at)
    assert current_calendar() is current_calendar()


@pytest.mark.usefixtures("session")
def test_the_calendar_costs_one_query() -> None:
    statements: list[str] = []
    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    current_calendar()
    assert len(statements) == 1


def test_a_correction_made_by_another_process_is_seen_in_the_next_transaction(tmp_path: Path) -> None:
    file = tmp_path / "portal.db"
    app = create_app(make_settings(tmp_path, DATABASE_URL=f"sqlite:///{file}"))
    with app.app_context():
        db.create_all()
        assert current_calendar().is_working(MONDAY)
        db.session.rollback()
        with closing(sqlite3.connect(file)) as elsewhere, elsewhere:
            elsewhere.execute("INSERT INTO calendar_correction (day, working, source) VALUES ('2026-11-23', 0, '')")
        assert not current_calendar().is_working(MONDAY)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("at", "year"),
    [
        (datetime(2026, 11, 20, 11, tzinfo=UTC), None),
        (datetime(2026, 12, 31, 20, tzinfo=UTC), None),  # 2027 is known
        (datetime(2027, 12, 1, 20, 59, tzinfo=UTC), None),  # 1 December in Moscow: 30 days later it is 31 December
        (datetime(2027, 12, 1, 21, 0, tzinfo=UTC), 2028),  # 2 December in Moscow
        (datetime(2027, 12, 31, 22, 0, tzinfo=UTC), 2028),
        (datetime(2030, 6, 1, tzinfo=UTC), 2030),
    ],
)
def test_staff_are_warned_thirty_days_before_a_year_nobody_knows(app: Flask, at: datetime, year: int | None) -> None:
    with app.app_context():
        assert unknown_year_warning(at) == year
