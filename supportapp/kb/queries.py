"""Reads of the knowledge base. What the portal shows comes from the ``published`` look-ups alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import defer, joinedload, load_only

from supportapp.certificates.models import Product
from supportapp.database import GREATEST_ID
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb.models import (
    Article,
    ArticleState,
    ArticleVersion,
    SolvedWithoutTicket,
    Topic,
    article_image,
    article_product,
)
from supportapp.kb.pictures import MARK

IS_PUBLIC = Article.state == ArticleState.PUBLISHED


def count_published(*, topic: Topic | None = None, product: Product | None = None, language: str | None = None) -> int:
    """How many articles are public, narrowed by topic, product and language where given."""
    chosen = select(func.count()).select_from(Article).where(IS_PUBLIC)
    if topic:
        chosen = chosen.where(Article.topic_id == topic.id)
    if product:
        of_product = select(article_product.c.article_id).where(article_product.c.product_id == product.id)
        chosen = chosen.where(Article.id.in_(of_product))
    return db.session.scalar(chosen.where(Article.language == language) if language else chosen) or 0


def published_among(ids: Collection[int]) -> set[int]:
    """Those of ``ids`` that are public at this moment."""
    return set(db.session.scalars(select(Article.id).where(IS_PUBLIC, Article.id.in_(ids)))) if ids else set()


def published_by_id(ids: Collection[int]) -> dict[int, Article]:
    """The public articles among ``ids``, with what a list of results shows."""
    shown = load_only(Article.slug, Article.title, Article.text, Article.language)
    chosen = select(Article).where(IS_PUBLIC, Article.id.in_(ids)).options(shown)
    return {article.id: article for article in db.session.scalars(chosen)} if ids else {}


def get_published(slug: str) -> Article:
    """The public article under this address; NotFound for drafts and staff-only ones as for missing ones."""
    article = None
    if slug.isascii() and "\0" not in slug:
        article = db.session.scalar(select(Article).where(IS_PUBLIC, Article.slug == slug))
    if article is None:
        raise NotFound("article")
    return article


def get_published_by_id(article_id: int) -> Article:
    """The public article with this id; NotFound for any other."""
    article = get_article(article_id)
    if not article.is_published:
        raise NotFound("article")
    return article


def find_article(article_id: int) -> Article | None:
    """The article in whatever state, for staff."""
    return db.session.get(Article, article_id) if 0 < article_id <= GREATEST_ID else None


def get_article(article_id: int) -> Article:
    """The same; NotFound when there is none."""
    article = find_article(article_id)
    if article is None:
        raise NotFound("article")
    return article


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


def versions_of(article: Article, *, limit: int, offset: int = 0) -> list[ArticleVersion]:
    """The article's versions without their long texts, the newest first."""
    chosen = select(ArticleVersion).where(ArticleVersion.article_id == article.id)
    light = defer(ArticleVersion.body), defer(ArticleVersion.phrases), joinedload(ArticleVersion.saved_by)
    return list(
        db.session.scalars(chosen.options(*light).order_by(ArticleVersion.id.desc()).limit(limit).offset(offset))
    )


def count_versions(article: Article) -> int:
    """How many versions the article has."""
    return db.session.scalar(select(func.count()).where(ArticleVersion.article_id == article.id)) or 0


def latest_version(article: Article) -> ArticleVersion:
    """What the article says now, and who made it so; NotFound when it was never saved."""
    found = versions_of(article, limit=1)
    if not found:
        raise NotFound("version")
    return found[0]


def get_version(article: Article, version_id: int) -> ArticleVersion:
    """The version, when it is one of this article; NotFound for any other."""
    version = db.session.get(ArticleVersion, version_id) if 0 < version_id <= GREATEST_ID else None
    if version is None or version.article_id != article.id:
        raise NotFound("version")
    return version


def translations_of(article: Article) -> list[Article]:
    """The same article in other languages, in whatever state, for staff."""
    original = article.translation_of_id or article.id
    same = or_(Article.id == original, Article.translation_of_id == original)
    return list(db.session.scalars(select(Article).where(same, Article.id != article.id).order_by(Article.id)))


def originals(*, language: str, besides: Article | None = None, limit: int = 1000) -> list[Article]:
    """The articles in other languages that an article in ``language`` may translate, by title."""
    chosen = select(Article).where(Article.translation_of_id.is_(None), Article.language != language)
    if besides is not None:
        chosen = chosen.where(Article.id != besides.id)
    light = load_only(Article.title, Article.language)
    return list(db.session.scalars(chosen.options(light).order_by(Article.title, Article.id).limit(limit)))


def due_for_review(*, today: date, limit: int) -> list[Article]:
    """What somebody wanted to be checked again by ``today``, the longest overdue first; drafts are not in use."""
    due = Article.review_on <= today, Article.state != ArticleState.DRAFT
    return list(db.session.scalars(select(Article).where(*due).order_by(Article.review_on, Article.id).limit(limit)))


def articles_from_ticket(ticket_id: int) -> list[Article]:
    """The articles that were made from this ticket, for staff."""
    return list(db.session.scalars(select(Article).where(Article.from_ticket_id == ticket_id).order_by(Article.id)))


def pictures_by_id(public_ids: Sequence[str]) -> dict[str, StoredFile]:
    """Those of the files that were stored for articles, saved or not, by public id; no other file is given out."""
    in_use = select(article_image.c.file_id)
    ours = or_(StoredFile.draft.startswith(MARK), StoredFile.id.in_(in_use))
    chosen = select(StoredFile).where(StoredFile.public_id.in_(public_ids), ours)
    return {stored.public_id: stored for stored in db.session.scalars(chosen)} if public_ids else {}


def topic_rows() -> list[tuple[Topic, int, int]]:
    """Every topic in the order of the tree, with its depth from 0 and the number of its own articles in any state."""
    counted = select(Topic, func.count(Article.id)).outerjoin(Article, Article.topic_id == Topic.id).group_by(Topic.id)
    numbers: dict[Topic, int] = {}
    below: dict[int | None, list[Topic]] = {}
    for topic, number in db.session.execute(counted.order_by(Topic.position, Topic.id)):
        numbers[topic] = number
        below.setdefault(topic.parent_id, []).append(topic)
    return [(topic, depth, numbers[topic]) for topic, depth in _branch(below, None, 0)]


def _branch(below: dict[int | None, list[Topic]], parent: int | None, depth: int) -> list[tuple[Topic, int]]:
    rows: list[tuple[Topic, int]] = []
    for topic in below.get(parent, ()):
        rows += [(topic, depth), *_branch(below, topic.id, depth + 1)]
    return rows
