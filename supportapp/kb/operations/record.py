"""What every act on an article has in common: the lock before it, the version and the new revision after it."""

from __future__ import annotations

from datetime import datetime

from supportapp.accounts.models import StaffUser
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.jobs.queue import ring_after_commit
from supportapp.kb.models import Article, ArticleAct, ArticleVersion


def lock(article: Article, seen_revision: int | None = None) -> None:
    """Take the row as it is now, and let nobody else change it until the transaction ends."""
    db.session.refresh(article, with_for_update=True)
    if seen_revision is not None and seen_revision != article.revision:
        sentence = N_("Somebody else has changed this article meanwhile. Compare and save again.")
        raise Refused("changed_meanwhile", sentence)


def record(article: Article, act: ArticleAct, *, by: StaffUser | None, at: datetime, note: str = "") -> Article:
    """Move the revision, keep what the article says now as a version, and let the search follow after the commit."""
    article.revision += 1
    article.updated_at, article.updated_by = at, by
    db.session.add(article)
    db.session.flush()
    texts = {"title": article.title, "body": article.body, "phrases": article.phrases}
    db.session.add(ArticleVersion(article_id=article.id, **texts, act=act, note=note, saved_at=at, saved_by=by))
    db.session.flush()
    db.session.expire(article, ["versions"])  # loading them all to add one would read megabytes
    ring_after_commit("supportapp.kb.jobs.index_article", article.id, queue="index")
    return article
