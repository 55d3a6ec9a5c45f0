"""The knowledge base that tests of its pages start from."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.kb.models import Article, ArticleState, Topic
from tests import factories
from tests.conftest import NOON
from tests.factories import BEFORE


def make_topic(**changes: Any) -> Topic:
    return factories._add(Topic(**{"name_ru": "Установка", "name_en": "Installation", **changes}))


def make_article(**changes: Any) -> Article:
    values = {
        "slug": "error-0x8009001d",
        "title": "Ошибка 0x8009001D",
        "body": "## Причина\n\nНе установлен криптопровайдер.\n\n## Решение\n\nУстановите его.",
        "text": "Причина\nНе установлен криптопровайдер.\nРешение\nУстановите его.",
        "state": ArticleState.PUBLISHED,
        "created_at": BEFORE,
        "updated_at": BEFORE,
        "published_at": BEFORE,
    }
    return factories._add(Article(**{**values, **changes}))


def sign_in_as_staff(client: FlaskClient, *roles: str) -> StaffUser:
    """A member of staff before the portal."""
    staff = factories.make_staff(*roles)
    with client.session_transaction() as session:
        session.update({"_user_id": staff.get_id(), "_fresh": True, "signed_in_at": NOON.timestamp()})
    return staff


def cost(client: FlaskClient, path: str) -> int:
    """How many statements the page asks of the database."""
    client.get(path)
    statements: list[str] = []
    listen = lambda *args: statements.append(args[2]) if args[2].startswith("SELECT") else None  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    return len(statements)
