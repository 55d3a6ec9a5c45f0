"""Articles to start from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from supportapp.extensions import db
from supportapp.kb import jobs, operations
from supportapp.kb.models import Article

AT = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def make_article(title: str = "Истёк сертификат подписи", *, published: bool = True, **changes: Any) -> Article:
    """A public article, unless asked otherwise. Not indexed yet."""
    values: dict[str, Any] = {"body": "Проверьте срок действия сертификата.", "by": None, "at": AT}
    article = operations.save_article(None, title=title, **{**values, **changes})
    if published:
        operations.publish(article, by=None, at=AT)
    return article


def index_all() -> None:
    db.session.commit()
    jobs.reindex()
