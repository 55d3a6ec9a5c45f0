"""Reads of the knowledge base. What the portal shows comes from the ``published`` look-ups alone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.orm import load_only

from supportapp.certificates.models import Product
from supportapp.database import GREATEST_ID
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.kb.models import Article, ArticleState, SolvedWithoutTicket, Topic, article_product

_IS_PUBLISHED = Article.state == ArticleState.PUBLISHED


def published_articles(
    *,
    topic: Topic | None = None,
    product: Product | None = None,
    language: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Article]:
    """Public articles by title, narrowed by topic, product and language where given."""
    chosen = _published(topic=topic, product=product, language=language)
    return list(db.session.scalars(chosen.order_by(Article.title, Article.id).limit(limit).offset(offset)))


def latest_articles(*, language: str | None = None, limit: int = 5) -> list[Article]:
    """The public articles that were published last."""
    chosen = _published(language=language).order_by(Article.published_at.desc(), Article.id.desc())
    return list(db.session.scalars(chosen.limit(limit)))


def count_published(*, topic: Topic | None = None, product: Product | None = None, language: str | None = None) -> int:
    """How many articles ``published_articles`` would give without a limit."""
    chosen = _published(topic=topic, product=product, language=language)
    return db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0


def published_among(ids: Collection[int]) -> set[int]:
    """Those of ``ids`` that are public at this moment."""
    return set(db.session.scalars(select(Article.id).where(_IS_PUBLISHED, Article.id.in_(ids)))) if ids else set()


def published_by_id(ids: Collection[int]) -> dict[int, Article]:
    """The public articles among ``ids``, with what a list of results shows."""
    shown = load_only(Article.slug, Article.title, Article.text, Article.language)
    chosen = select(Article).where(_IS_PUBLISHED, Article.id.in_(ids)).options(shown)
    return {article.id: article for article in db.session.scalars(chosen)} if ids else {}


def get_published(slug: str) -> Article:
    """The public article under this address; NotFound for drafts and staff-only ones as for missing ones."""
    article = None
    if slug.isascii() and "\0" not in slug:
        article = db.session.scalar(select(Article).where(_IS_PUBLISHED, Article.slug == slug))
    if article is None:
        raise NotFound("article")
    return article


def get_published_by_id(article_id: int) -> Article:
    """The public article with this id; NotFound for any other."""
    article = get_article(article_id)
    if not article.is_published:
        raise NotFound("article")
    return article


def get_article(article_id: int) -> Article:
    """The article in whatever state, for staff."""
    article = db.session.get(Article, article_id) if 0 < article_id <= GREATEST_ID else None
    if article is None:
        raise NotFound("article")
    return article


def topics(*, language: str | None = None) -> list[tuple[Topic, int]]:
    """Topics that have public articles, with their number, in the order staff gave them."""
    counted = select(Topic, func.count(Article.id)).join(Article, Article.topic_id == Topic.id).where(_IS_PUBLISHED)
    if language:
        counted = counted.where(Article.language == language)
    ordered = counted.group_by(Topic.id).order_by(Topic.position, Topic.id)
    return [(topic, number) for topic, number in db.session.execute(ordered)]


def get_topic(topic_id: int) -> Topic:
    """The topic; NotFound when there is none."""
    topic = db.session.get(Topic, topic_id) if 0 < topic_id <= GREATEST_ID else None
    if topic is None:
        raise NotFound("topic")
    return topic


def count_solved(article: Article) -> int:
    """How many times somebody left the ticket form because of this article."""
    solved = select(func.count()).where(SolvedWithoutTicket.article_id == article.id)
    return db.session.scalar(solved) or 0


def _published(
    *, topic: Topic | None = None, product: Product | None = None, language: str | None = None
) -> Select[Article]:
    chosen = select(Article).where(_IS_PUBLISHED)
    if topic:
        chosen = chosen.where(Article.topic_id == topic.id)
    if product:
        of_product = select(article_product.c.article_id).where(article_product.c.product_id == product.id)
        chosen = chosen.where(Article.id.in_(of_product))
    return chosen.where(Article.language == language) if language else chosen
