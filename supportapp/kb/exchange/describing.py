"""Articles of the database, said as a file would say them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import load_only, selectinload

from supportapp.extensions import db
from supportapp.kb.exchange.article_file import ArticleFile, lines
from supportapp.kb.exchange.folder import plain
from supportapp.kb.exchange.topic_tree import TopicEntry, describe_tree
from supportapp.kb.models import Article, Topic

BATCH = 200
T = TypeVar("T")


def topics_here() -> dict[int, TopicEntry]:
    """The tree of topics in the database, by id."""
    return describe_tree(db.session.scalars(select(Topic)).all())


def describe(article: Article, topics: Mapping[int, TopicEntry]) -> ArticleFile:
    """The article as a file; links are still those of the portal."""
    return ArticleFile(
        slug=article.slug,
        title=plain(article.title),
        body=plain(article.body),
        language=article.language,
        state=article.state,
        topic=topics[article.topic_id].path if article.topic_id else "",
        products=tuple(sorted(product.name for product in article.products)),
        phrases=lines(article.phrases),
        translation_of=article.translation_of.slug if article.translation_of else "",
        review_on=article.review_on,
        source=article.source,
        licence=article.licence,
        attribution=article.attribution,
        published_at=article.published_at.replace(microsecond=0) if article.published_at else None,
        updated_at=article.updated_at.replace(microsecond=0),
    )


def articles_by_slug(slugs: Collection[str]) -> dict[str, Article]:
    """The articles with these slugs, with all that ``describe`` reads."""
    return {article.slug: article for article in db.session.scalars(_described().where(Article.slug.in_(slugs)))}


def articles_in_batches(ids: Sequence[int]) -> Iterator[Sequence[Article]]:
    """Articles by id, so few at a time that they do not fill the memory."""
    for some in batches(ids):
        yield db.session.scalars(_described().where(Article.id.in_(some)).order_by(Article.slug)).all()


def batches(items: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """``items`` in groups of ``size``."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _described() -> Select[Article]:
    original = selectinload(Article.translation_of).options(load_only(Article.slug))
    return select(Article).options(selectinload(Article.products), selectinload(Article.images), original)
