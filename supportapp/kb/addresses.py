"""The public addresses of the knowledge base, for search engines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from supportapp.extensions import db
from supportapp.kb.models import Article
from supportapp.kb.queries import IS_PUBLIC
from supportapp.kb.topics import Branch, tree

Translations = Sequence[tuple[str, str]]


class ArticleAddress(NamedTuple):
    """An article's part of its address; ``translations`` are (language, slug), its own included, when there are any."""

    slug: str
    updated_at: datetime
    translations: Translations


class TopicAddress(NamedTuple):
    """A topic with something to read; ``updated_at`` is the last change of an article in it or below."""

    topic_id: int
    updated_at: datetime


def count_articles() -> int:
    """How many articles have a public address."""
    return db.session.scalar(select(func.count()).select_from(Article).where(IS_PUBLIC)) or 0


def articles(*, limit: int, offset: int) -> Iterator[ArticleAddress]:
    """Public articles in an order that stays."""
    columns = Article.id, Article.slug, Article.updated_at, Article.translation_of_id
    chosen = select(*columns).where(IS_PUBLIC).order_by(Article.id).limit(limit).offset(offset)
    groups = _translations()
    for number, slug, updated_at, original in db.session.execute(chosen):
        yield ArticleAddress(slug, updated_at, groups.get(original or number, ()))


def topics() -> list[TopicAddress]:
    """The topics that have public articles, their own or those of sub-topics."""
    newest = select(Article.topic_id, func.max(Article.updated_at)).where(IS_PUBLIC, Article.topic_id.is_not(None))
    own = {row[0]: row[1] for row in db.session.execute(newest.group_by(Article.topic_id))}
    return [address for root in tree() for address in _below(root, own)]


def _below(branch: Branch, own: Mapping[int | None, datetime]) -> list[TopicAddress]:
    below = [address for each in branch.branches for address in _below(each, own)]
    moments = [address.updated_at for address in below]
    if branch.topic.id in own:
        moments.append(own[branch.topic.id])
    return [TopicAddress(branch.topic.id, max(moments)), *below] if moments else []


def _translations() -> Mapping[int, Translations]:
    """By the original's id, where at least two languages are public."""
    other = aliased(Article)
    is_original = select(other.id).where(other.translation_of_id == Article.id).exists()
    linked = or_(Article.translation_of_id.is_not(None), is_original)
    chosen = select(Article.id, Article.translation_of_id, Article.language, Article.slug).where(IS_PUBLIC, linked)
    groups: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for number, original, language, slug in db.session.execute(chosen.order_by(Article.id)):
        groups[original or number].append((language, slug))
    return {original: group for original, group in groups.items() if len(group) > 1}
