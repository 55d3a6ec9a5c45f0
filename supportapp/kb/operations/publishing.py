"""Who may read an article."""

from __future__ import annotations

import logging
from datetime import datetime

from supportapp.accounts.models import StaffUser
from supportapp.kb.models import Article, ArticleAct, ArticleState
from supportapp.kb.operations.record import lock, record

log = logging.getLogger(__name__)
_ACTS = {
    ArticleState.PUBLISHED: ArticleAct.PUBLISHED,
    ArticleState.DRAFT: ArticleAct.WITHDRAWN,
    ArticleState.STAFF_ONLY: ArticleAct.KEPT_FOR_STAFF,
}


def publish(article: Article, *, by: StaffUser | None, at: datetime) -> None:
    """Show the article to everybody; it is found within seconds."""
    _move(article, ArticleState.PUBLISHED, by, at)


def withdraw(article: Article, *, by: StaffUser | None, at: datetime) -> None:
    """Make the article a draft again; nobody finds it from this commit on."""
    _move(article, ArticleState.DRAFT, by, at)


def keep_for_staff(article: Article, *, by: StaffUser | None, at: datetime) -> None:
    """Show the article on the staff screens only."""
    _move(article, ArticleState.STAFF_ONLY, by, at)


def _move(article: Article, state: ArticleState, by: StaffUser | None, at: datetime) -> None:
    lock(article)
    if article.state is state:
        return
    article.state = state
    is_public = state is ArticleState.PUBLISHED
    article.published_at, article.published_by = (at, by) if is_public else (None, None)
    record(article, _ACTS[state], by=by, at=at)
    log.info("article %s is now %s, by %s", article.slug, state.value, by.username if by else "the system")
