"""How Alembic reaches the database: the application's own engine and metadata, one transaction for the whole upgrade."""

from alembic import context
from flask import current_app
from sqlalchemy import Enum

from supportapp.database import UtcDateTime

db = current_app.extensions["migrate"].db


def render_item(kind, item, _autogen_context):
    """Migrations speak plain SQL types: they must not change when our classes do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


def include_object(item, name, kind, _reflected, _compared):
    """The search tables of SQLite belong to their own feature."""
    return not (kind == "table" and "_fts" in name)


def compare_type(_context, _inspected, _column, inspected_type, metadata_type):
    """Enums are kept as text of the same length; everything else is compared as usual."""
    if isinstance(metadata_type, Enum):
        return getattr(inspected_type, "length", None) != metadata_type.length
    return None


OPTIONS = {
    "target_metadata": db.metadata,
    "render_as_batch": True,
    "render_item": render_item,
    "compare_type": compare_type,
    "include_object": include_object,
    "transactional_ddl": True,  # on SQLite too: we say BEGIN ourselves (supportapp.database)
}

if context.is_offline_mode():
    context.configure(url=db.engine.url, literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()
else:
    with db.engine.connect() as connection:
        context.configure(connection=connection, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()
