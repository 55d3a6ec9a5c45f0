"""Migrations make the tables that the models describe; the commands that prepare a database can be repeated."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from supportapp import create_app
from supportapp.accounts.models import Customer, StaffUser
from supportapp.commands.database import prepare_database
from supportapp.extensions import db
from supportapp.migrations.comparison import OPTIONS
from supportapp.staff import people
from supportapp.staff.roles import ROLES, rights_of
from supportapp.tickets.models import Ticket
from supportapp.tickets.search import contains_words
from tests.conftest import make_settings
from tests.factories import make_certificate, make_customer, make_registration, make_ticket

ROOT = Path(__file__).parent.parent
PASSWORD = "five unrelated words here"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """An empty database of its own, of the kind that the run is on."""
    wanted = os.environ.get("TEST_DATABASE_URL")
    if not wanted:
        yield f"sqlite:///{tmp_path / 'new' / 'portal.db'}"
        return
    name = f"migrations_{os.getpid()}"
    plain = wanted.replace("postgresql://", "postgresql+psycopg://").replace("postgres://", "postgresql+psycopg://")
    engine = create_engine(plain, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(wanted).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture
def empty(tmp_path: Path, url: str) -> Iterator[Flask]:
    app = create_app(make_settings(tmp_path, DATABASE_URL=url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_models_and_migrations_agree(empty: Flask) -> None:
    prepare_database()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={**OPTIONS, "target_metadata": db.metadata})
        assert compare_metadata(context, db.metadata) == []


def test_a_fresh_database_takes_rows_of_every_table_with_a_key(empty: Flask) -> None:
    """On PostgreSQL Flask-AppBuilder's sequences must exist under the names that its models use."""
    prepare_database()
    person = people.create_staff(
        username="root", email="root@localhost", first_name="", last_name="", password=PASSWORD, role_names=["Admin"]
    )
    db.session.commit()
    assert person.id == 1


def test_init_db_can_be_repeated_and_writes_the_roles(empty: Flask) -> None:
    from flask_appbuilder.security.sqla.models import Role

    prepare_database()
    prepare_database()
    for name in ROLES:
        role = db.session.query(Role).filter_by(name=name).one()
        assert {(pair.permission.name, pair.view_menu.name) for pair in role.permissions} == rights_of(name)


def test_the_tables_go_as_they_came(empty: Flask) -> None:
    prepare_database()
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def run(url: str, folder: Path, *arguments: str, **options: object) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "VAR_DIR": str(folder),
        "SECRET_KEY": "only-for-tests-0123456789abcdefghijklmnop",
        "REDIS_URL": f"unix://{folder}/no-redis-here.sock",
        "INDEX_DIR": str(folder / "index"),
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def test_two_processes_prepare_one_database_at_once(url: str, tmp_path: Path, empty: Flask) -> None:
    both = [run(url, tmp_path, "init-db") for _ in range(2)]
    for process in both:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
    assert db.session.query(StaffUser).count() == 0


def test_the_first_administrator_comes_from_the_command_line(url: str, tmp_path: Path, empty: Flask) -> None:
    prepare_database()
    for expected, said in ((0, "Staff account boss (Admin) created."), (1, "username: Another staff account has it")):
        process = run(
            url, tmp_path, "create-staff", "Boss", "--role", "Admin", "--password-stdin", stdin=subprocess.PIPE
        )
        output, _ = process.communicate(f"{PASSWORD}\n", timeout=60)
        assert process.returncode == expected, output
        assert said in output
    assert people.authenticate("BOSS", PASSWORD) is not None


def test_a_password_that_may_not_be_is_refused_at_the_command_line(empty: Flask) -> None:
    prepare_database()
    result = empty.test_cli_runner().invoke(
        args=["create-staff", "boss", "--role", "Admin", "--password-stdin"], input="short\n"
    )
    assert result.exit_code == 1
    assert "password: The password needs at least 10 characters." in result.output


def test_an_upgrade_keeps_the_rows_that_refer_to_a_table_which_is_made_anew(empty: Flask) -> None:
    prepare_database()
    db.session.remove()
    flask_migrate.downgrade(revision="0001")
    moment = "'2026-11-20 10:00:00'"
    db.session.execute(
        text(
            "INSERT INTO article (id, slug, title, body, text, phrases, language, state, source, licence, revision,"
            f" created_at, updated_at) VALUES (1, 'a', 'A', 'b', 'b', '', 'ru', 'draft', '', '', 1, {moment}, {moment})"
        )
    )
    db.session.execute(
        text(f"INSERT INTO article_version (id, article_id, title, body, saved_at) VALUES (1, 1, 'A', 'b', {moment})")
    )
    db.session.commit()
    flask_migrate.upgrade()
    assert db.session.execute(text("SELECT act FROM article_version")).scalars().all() == ["saved"]
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE article SET translation_of_id = 99"))
    db.session.rollback()


def test_tickets_of_before_the_search_are_found_after_it(empty: Flask) -> None:
    prepare_database()
    ticket = make_ticket(subject="Контейнер не найден")
    db.session.execute(text("DELETE FROM ticket_words"))
    db.session.commit()
    prepare_database()
    found = contains_words("контейнеры")
    assert found is not None
    assert db.session.scalars(select(Ticket.id).where(found)).all() == [ticket.id]


def test_customers_of_before_are_found_in_small_letters(empty: Flask) -> None:
    prepare_database()
    make_customer(name="Юлия Ёлкина", email="julia@example.com", organisation="ООО «Вектор»")
    db.session.commit()
    db.session.remove()
    flask_migrate.downgrade(revision="0009")
    flask_migrate.upgrade()
    assert db.session.scalars(select(Customer.found_by)).all() == ["юлия ёлкина\njulia@example.com\nооо «вектор»"]


def test_after_the_upgrade_nobody_is_reminded_and_other_choices_of_mails_stay(empty: Flask) -> None:
    prepare_database()
    keys = [make_customer().id for _ in range(3)]
    db.session.commit()
    db.session.remove()
    flask_migrate.downgrade(revision="0006")
    chosen = text("SELECT muted_mails FROM customer ORDER BY id")
    assert db.session.execute(chosen).scalars().all() == ["", "", ""]
    for key, muted in zip(keys, ("", "status", "status,reminders,certificates"), strict=True):
        db.session.execute(
            text("UPDATE customer SET muted_mails = :muted WHERE id = :key"), {"key": key, "muted": muted}
        )
    db.session.commit()
    db.session.remove()
    flask_migrate.upgrade()
    after = db.session.execute(chosen).scalars().all()
    assert after == ["reminders", "status,reminders", "status,reminders,certificates"]


def test_targets_missed_before_there_were_notices_count_as_told(empty: Flask) -> None:
    prepare_database()
    customer, certificate = make_customer(), make_certificate()
    make_registration(customer, certificate)
    make_ticket(customer, certificate_id=certificate.id)
    db.session.commit()
    db.session.remove()
    flask_migrate.downgrade(revision="0004")
    flask_migrate.upgrade()
    assert sorted(db.session.execute(text("SELECT promise, stage FROM escalation")).all()) == [
        ("first", "missed"),
        ("resolution", "missed"),
    ]
