"""The tree of topics, as readers see it: with the number of public articles, sub-topics included."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select

from supportapp.certificates.models import Product
from supportapp.extensions import db
from supportapp.kb.models import Article, ArticleState, Topic, article_product


@dataclass(frozen=True)
class Branch:
    """A topic with what grows from it. ``numbers`` are public articles by language, those of sub-topics included."""

    topic: Topic
    branches: tuple[Branch, ...]
    numbers: Mapping[str, int]

    def number(self, language: str | None) -> int:
        """How many public articles there are in ``language``; None means in any."""
        return self.numbers.get(language, 0) if language else sum(self.numbers.values())

    def inhabited(self, language: str | None) -> list[Branch]:
        """The sub-topics with something to read."""
        return [branch for branch in self.branches if branch.number(language)]


def tree(*, product: Product | None = None) -> list[Branch]:
    """All topics from the roots on, in the order staff gave them; one statement. Of a product its articles count."""
    children: dict[int | None, list[Topic]] = defaultdict(list)
    numbers: dict[int, Counter[str]] = defaultdict(Counter)
    for topic, language, number in db.session.execute(_counted(product)):
        if language is not None:
            numbers[topic.id][language] = number
        if topic not in children[topic.parent_id]:
            children[topic.parent_id].append(topic)
    return [_branch(topic, children, numbers) for topic in children[None]]


def way_to(topic_id: int, branches: Sequence[Branch]) -> list[Branch]:
    """From the root to this topic, itself the last; empty when it is not in the tree."""
    return next(_ways(topic_id, branches), [])


def above(topic: Topic | None) -> list[Topic]:
    """From the root to ``topic``, itself the last: one statement, however deep it lies."""
    if topic is None:
        return []
    known = {each.id: each for each in db.session.scalars(select(Topic))}
    way: list[Topic] = []
    step: Topic | None = topic
    while step is not None and step not in way:
        way.insert(0, step)
        step = known.get(step.parent_id) if step.parent_id else None
    return way


def _counted(product: Product | None) -> Select[Topic, str, int]:
    belongs = [Article.topic_id == Topic.id, Article.state == ArticleState.PUBLISHED]
    if product:
        of_product = select(article_product.c.article_id).where(article_product.c.product_id == product.id)
        belongs.append(Article.id.in_(of_product))
    counted = select(Topic, Article.language, func.count(Article.id)).outerjoin(Article, and_(*belongs))
    return counted.group_by(Topic.id, Article.language).order_by(Topic.position, Topic.id)


def _branch(topic: Topic, children: Mapping[int | None, list[Topic]], own: Mapping[int, Counter[str]]) -> Branch:
    branches = tuple(_branch(child, children, own) for child in children.get(topic.id, ()))
    numbers = Counter(own.get(topic.id, {}))
    for branch in branches:
        numbers.update(branch.numbers)
    return Branch(topic, branches, numbers)


def _ways(topic_id: int, branches: Sequence[Branch]) -> Iterator[list[Branch]]:
    for branch in branches:
        if branch.topic.id == topic_id:
            yield [branch]
        yield from ([branch, *way] for way in _ways(topic_id, branch.branches))
