"""Transactions as the databases see them."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DataError, OperationalError

from supportapp.certificates.models import Product
from supportapp.extensions import db

OFTEN = 7  # psycopg prepares what was asked five times


def count_products(connection: Connection) -> int | None:
    return connection.scalar(select(func.count()).select_from(Product))


def test_what_was_written_and_taken_back_is_gone(own_app: Flask) -> None:
    with own_app.app_context(), db.engine.connect() as connection:
        count_products(connection)
        connection.execute(insert(Product).values(name="Token", versions="", active=True))
        count_products(connection)
        connection.rollback()
        assert count_products(connection) == 0


if os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"):
    PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM product'")

    def test_statements_that_were_only_read_with_stay_prepared(own_app: Flask) -> None:
        with own_app.app_context(), db.engine.connect() as connection:
            for _ in range(OFTEN):
                count_products(connection)
                connection.rollback()
            assert connection.scalar(PREPARED) == 1

    def test_a_reading_that_failed_ends_like_any_other(own_app: Flask) -> None:
        with own_app.app_context(), db.engine.connect() as connection:
            with pytest.raises(DataError):
                connection.execute(text("SELECT 1 / 0"))
            connection.rollback()
            assert count_products(connection) == 0

    @pytest.mark.parametrize("noticed", [True, False])
    def test_a_connection_that_the_server_has_ended_is_replaced(own_app: Flask, noticed: bool) -> None:
        with own_app.app_context():
            count_products(db.session.connection())
            with db.engine.connect() as other:
                other.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :it"), {"it": _backend()}
                )
            if noticed:
                with pytest.raises(OperationalError):
                    count_products(db.session.connection())
            with suppress(OperationalError):
                db.session.remove()
            assert count_products(db.session.connection()) == 0

    def _backend() -> int:
        driver: Any = db.session.connection().connection.dbapi_connection
        return int(driver.info.backend_pid)
