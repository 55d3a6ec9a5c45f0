"""Writing, publishing and withdrawing articles, and counting what they solved."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Product
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import LANGUAGES, N_
from supportapp.jobs.queue import ring_after_commit
from supportapp.kb.models import Article, ArticleState, ArticleVersion, SolvedWithoutTicket, Topic
from supportapp.kb.render import to_text
from supportapp.kb.slugs import free_slug, make_slug

log = logging.getLogger(__name__)

MAX_TITLE = 200
MAX_BODY = 200_000
MAX_PHRASES = 20_000


def save_article(
    article: Article | None,
    *,
    title: str,
    body: str,
    phrases: str = "",
    language: str = "ru",
    topic: Topic | None = None,
    products: Sequence[Product] = (),
    by: StaffUser | None,
    at: datetime,
    seen_revision: int | None = None,
) -> Article:
    """Write a new article (a draft) or change one; a version is kept of each title and body.

    The address of an article never changes with its title. Refused: empty, too_long, unknown_language, and
    changed_meanwhile when the article has moved on from ``seen_revision``.
    """
    title, body, phrases = (text.replace("\0", "").strip() for text in (title, body, phrases))
    _check(title, body, phrases, language)
    if article is None:
        article = _new_article(title, at)
    else:
        _lock(article, seen_revision)
    if article.id is None or (article.title, article.body) != (title, body):
        article.versions.insert(0, ArticleVersion(title=title, body=body, saved_at=at, saved_by=by))
    article.title, article.body, article.text, article.phrases = title, body, to_text(body), phrases
    article.language, article.topic, article.products = language, topic, list(products)
    db.session.add(article)
    return _changed(article, at)


def publish(article: Article, *, by: StaffUser | None, at: datetime) -> None:
    """Show the article to everybody; it is found within seconds."""
    _move(article, ArticleState.PUBLISHED, by, at)


def withdraw(article: Article, *, by: StaffUser | None, at: datetime) -> None:
    """Make the article a draft again; nobody finds it from this commit on."""
    _move(article, ArticleState.DRAFT, by, at)


def keep_for_staff(article: Article, *, by: StaffUser | None, at: datetime) -> None:
    """Show the article on the staff screens only."""
    _move(article, ArticleState.STAFF_ONLY, by, at)


def record_solved(article: Article, *, customer: Customer | None, form_token: str, at: datetime) -> bool:
    """Count that the article answered and no ticket was sent: once per form and article; whether it was counted now."""
    if not form_token or len(form_token) > 64 or "\0" in form_token:
        return False
    told = SolvedWithoutTicket.article_id == article.id, SolvedWithoutTicket.form_token == form_token
    if db.session.scalar(select(SolvedWithoutTicket.id).where(*told)) is not None:
        return False
    try:
        with db.session.begin_nested():
            row = SolvedWithoutTicket(article_id=article.id, form_token=form_token, at=at)
            row.customer_id = customer.id if customer else None
            db.session.add(row)
    except IntegrityError:  # the second of two clicks
        return False
    return True


def _check(title: str, body: str, phrases: str, language: str) -> None:
    for field, text, limit in (
        ("title", title, MAX_TITLE),
        ("body", body, MAX_BODY),
        ("phrases", phrases, MAX_PHRASES),
    ):
        if not text and field != "phrases":
            raise Refused("empty", N_("Fill in this field."), field=field)
        if len(text) > limit:
            sentence = N_("At most %(limit)s characters fit here; there are %(length)s.")
            raise Refused("too_long", sentence, field=field, limit=limit, length=len(text))
    if language not in LANGUAGES:
        raise Refused("unknown_language", N_("Choose Russian or English."), field="language")


def _lock(article: Article, seen_revision: int | None) -> None:
    """Take the row as it is now, and let nobody else save it until the transaction ends."""
    db.session.refresh(article, with_for_update=True)
    if seen_revision is not None and seen_revision != article.revision:
        sentence = N_("Somebody else has changed this article meanwhile. Compare and save again.")
        raise Refused("changed_meanwhile", sentence)


def _new_article(title: str, at: datetime) -> Article:
    wanted = make_slug(title)
    taken = db.session.scalars(select(Article.slug).where(Article.slug.startswith(wanted, autoescape=True)))
    return Article(slug=free_slug(wanted, taken), created_at=at, revision=0, state=ArticleState.DRAFT)


def _move(article: Article, state: ArticleState, by: StaffUser | None, at: datetime) -> None:
    if article.state is state:
        return
    article.state = state
    article.published_at = at if state is ArticleState.PUBLISHED else None
    log.info("article %s is now %s, by %s", article.slug, state.value, by.username if by else "the system")
    _changed(article, at)


def _changed(article: Article, at: datetime) -> Article:
    article.revision += 1
    article.updated_at = at
    db.session.flush()
    ring_after_commit("supportapp.kb.jobs.index_article", article.id, queue="index")
    return article
