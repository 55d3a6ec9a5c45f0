"""Reads for the readers' pages beyond a single article: lists, translations, pictures. Public articles alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, func, literal, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from supportapp.certificates.models import Product
from supportapp.database import GREATEST_ID
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb.leads import SCANNED, lead
from supportapp.kb.models import (
    Article,
    ArticleAct,
    ArticleVersion,
    Topic,
    article_image,
    article_product,
)
from supportapp.kb.pictures import MARK
from supportapp.kb.queries import IS_PUBLIC

_SAME_START = 5  # letters that two spellings of a word share
_ALIKE = 0.6
_COMPARED = 50
_LONGEST_SLUG = 120  # of an article; a longer address is like none for what follows


class Listed(NamedTuple):
    """An article as a list shows it."""

    id: int
    slug: str
    title: str
    language: str
    beginning: str

    @property
    def lead(self) -> str:
        return lead(self.beginning)


def listed(
    *, topic: Topic | None = None, product: Product | None = None, language: str | None, limit: int, offset: int = 0
) -> list[Listed]:
    """Public articles by title, narrowed where something is given."""
    chosen = _ids(language).order_by(Article.title, Article.id).limit(limit).offset(offset)
    if topic:
        chosen = chosen.where(Article.topic_id == topic.id)
    if product:
        chosen = chosen.where(_of_products([product.id]))
    return _shown(chosen)


def latest(*, language: str | None, limit: int) -> list[Listed]:
    """What was published last."""
    return _shown(_ids(language).order_by(Article.published_at.desc(), Article.id.desc()).limit(limit))


def popular(*, language: str | None, limit: int) -> list[Listed]:
    """What helped readers most by ``learning.rules``, which let nobody raise an article alone; the best first."""
    chosen = _ids(language).where(Article.usefulness > 0)
    return _shown(chosen.order_by(Article.usefulness.desc(), Article.title, Article.id).limit(limit))


def neighbours(article: Article, *, limit: int) -> list[Listed]:
    """Other articles of its topic or products in its language; those that share both stand first."""
    same_topic = Article.topic_id == article.topic_id if article.topic_id else false()
    same_product = _of_products([product.id for product in article.products]) if article.products else false()
    shared = case((same_topic, 1), else_=0) + case((same_product, 1), else_=0)
    chosen = _ids(article.language).where(Article.id != article.id, or_(same_topic, same_product))
    return _shown(chosen.order_by(shared.desc(), Article.published_at.desc(), Article.id).limit(limit))


def listed_by_id(ids: Sequence[int]) -> list[Listed]:
    """The public ones among ``ids``, in that order."""
    if not ids:
        return []
    beginning = func.substr(Article.text, 1, SCANNED)
    chosen = select(Article.id, Article.slug, Article.title, Article.language, beginning)
    found = {row[0]: Listed(*row) for row in db.session.execute(chosen.where(IS_PUBLIC, Article.id.in_(ids)))}
    return [found[number] for number in ids if number in found]


def translations_of(article: Article) -> list[Listed]:
    """The same article in other languages."""
    original = article.translation_of_id or article.id
    same = or_(Article.id == original, Article.translation_of_id == original)
    return _shown(_ids(None).where(same, Article.id != article.id).order_by(Article.language, Article.id))


def nearest(slug: str, *, limit: int) -> list[Listed]:
    """Public articles whose address reads much like ``slug``, the likest first."""
    slug = slug[:_LONGEST_SLUG].lower()
    starts = [word[:_SAME_START] for word in re.findall(r"[a-z0-9]{3,}", slug)][:8]
    if not starts:
        return []
    shared = sum((case((Article.slug.contains(start), 1), else_=0) for start in starts), literal(0))
    chosen = select(Article.id, Article.slug).where(IS_PUBLIC, shared * 2 >= len(starts))
    known = db.session.execute(chosen.order_by(shared.desc(), Article.id).limit(_COMPARED)).all()
    likeness = {number: SequenceMatcher(None, slug, other).ratio() for number, other in known}
    alike = [number for number in likeness if likeness[number] >= _ALIKE]
    return listed_by_id(sorted(alike, key=lambda number: -likeness[number])[:limit])


def products_with_articles(*, language: str | None, topic: Topic | None = None) -> list[Product]:
    """The products that public articles (those of ``topic`` itself) are about, by name."""
    told = select(article_product.c.product_id).join(Article, Article.id == article_product.c.article_id)
    told = told.where(IS_PUBLIC, *([Article.language == language] if language else []))
    if topic:
        told = told.where(Article.topic_id == topic.id)
    return list(db.session.scalars(select(Product).where(Product.id.in_(told)).order_by(Product.name, Product.id)))


def find_product(number: int) -> Product | None:
    """The product with this key; None when no public article is about it."""
    told = select(article_product.c.product_id).join(Article, Article.id == article_product.c.article_id)
    chosen = select(Product).where(Product.id == number, Product.id.in_(told.where(IS_PUBLIC)))
    return db.session.scalar(chosen) if number <= GREATEST_ID else None


def has_articles(*, language: str) -> bool:
    """Whether anything public is written in ``language``."""
    return db.session.scalar(select(Article.id).where(IS_PUBLIC, Article.language == language).limit(1)) is not None


def places_of(ids: Collection[int]) -> dict[int, Article]:
    """The public articles among ``ids`` with their topic and products, for a list of hits."""
    if not ids:
        return {}
    chosen = select(Article).where(IS_PUBLIC, Article.id.in_(ids))
    chosen = chosen.options(
        load_only(Article.slug, Article.topic_id), joinedload(Article.topic), selectinload(Article.products)
    )
    return {article.id: article for article in db.session.scalars(chosen)}


def adapted_at(article: Article) -> datetime | None:
    """When an article that came by import was last rewritten here; None when it says what its source says."""
    rewritten = ArticleVersion.act.in_([ArticleAct.SAVED, ArticleAct.RESTORED])
    of_article = ArticleVersion.article_id == article.id
    imported = select(func.max(ArticleVersion.id)).where(of_article, ArticleVersion.act == ArticleAct.IMPORTED)
    after = of_article & rewritten & (ArticleVersion.id > imported.scalar_subquery())
    return db.session.scalar(select(func.max(ArticleVersion.saved_at)).where(after))


def find_image(public_id: str, *, for_staff: bool) -> StoredFile | None:
    """A picture that a public article shows; for staff, one of any article or of one that is being written."""
    shown = select(Article.id).join(article_image, article_image.c.article_id == Article.id)
    shown = shown.where(article_image.c.file_id == StoredFile.id)
    written = StoredFile.draft.startswith(MARK, autoescape=True) & StoredFile.staff_id.is_not(None)
    allowed = or_(shown.exists(), written) if for_staff else shown.where(IS_PUBLIC).exists()
    return db.session.scalar(select(StoredFile).where(StoredFile.public_id == public_id, allowed))


def _ids(language: str | None) -> Select[int]:
    """Public articles; lists are chosen and put in order by these alone, since the texts are long."""
    chosen = select(Article.id).where(IS_PUBLIC)
    return chosen.where(Article.language == language) if language else chosen


def _shown(chosen: Select[int]) -> list[Listed]:
    return listed_by_id(db.session.scalars(chosen).all())


def _of_products(ids: Collection[int]) -> ColumnElement[bool]:
    return Article.id.in_(select(article_product.c.article_id).where(article_product.c.product_id.in_(ids)))
