"""How Alembic reaches the database: the application's own engine and metadata, one transaction for the whole upgrade."""

from contextlib import contextmanager

from alembic import context
from flask import current_app

from supportapp.migrations.comparison import OPTIONS

db = current_app.extensions["migrate"].db


@contextmanager
def tables_may_be_made_anew(connection):
    """SQLite changes a table by copying it and dropping the old one, and a drop cascades to the rows that refer to it.

    So foreign keys rest meanwhile, and are checked as a whole before the commit (https://sqlite.org/lang_altertable.html#otheralter).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")  # without a transaction: inside one it would do nothing
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def check_foreign_keys(connection):
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"the migration would leave rows that refer to nothing: {broken[:5]}")


if context.is_offline_mode():
    context.configure(url=db.engine.url, target_metadata=db.metadata, literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()
else:
    with db.engine.connect() as connection, tables_may_be_made_anew(connection):
        context.configure(connection=connection, target_metadata=db.metadata, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()
            check_foreign_keys(connection)
