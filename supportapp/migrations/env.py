"""How Alembic reaches the database: the application's own engine and metadata, one transaction for the whole upgrade."""

from alembic import context
from flask import current_app

from supportapp.migrations.comparison import OPTIONS

db = current_app.extensions["migrate"].db

if context.is_offline_mode():
    context.configure(url=db.engine.url, target_metadata=db.metadata, literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()
else:
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()
