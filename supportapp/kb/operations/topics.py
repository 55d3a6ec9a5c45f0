"""The tree of topics: written, moved, put in order, deleted when nothing hangs on it."""

from __future__ import annotations

from sqlalchemy import func, select

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.kb.models import Article, Topic

MAX_NAME = 120


def save_topic(topic: Topic | None, *, name_ru: str, name_en: str, parent: Topic | None) -> Topic:
    """Write a new topic or change one; new and moved ones stand last among their neighbours.

    Refused by field: empty, too_long, taken, circle.
    """
    name_ru, name_en = (name.replace("\0", "").strip() for name in (name_ru, name_en))
    known = _lock_tree()
    _check_name("name_ru", name_ru)
    _check_name("name_en", name_en)
    if any(other is not topic and other.name_ru == name_ru for other in known):
        raise Refused("taken", N_("There is one like this already."), field="name_ru")
    if topic is None or parent is not topic.parent:
        _refuse_circle(topic, parent)
        position = 1 + max((other.position for other in _children(known, parent)), default=-1)
        topic = topic or Topic()
        topic.parent, topic.position = parent, position
    topic.name_ru, topic.name_en = name_ru, name_en
    db.session.add(topic)
    db.session.flush()
    return topic


def move_topic(topic: Topic, *, up: bool) -> None:
    """Let the topic change places with its neighbour above or below; at the end of the row nothing happens."""
    row = _children(_lock_tree(), topic.parent)
    here = row.index(topic)
    there = here + (-1 if up else 1)
    if 0 <= there < len(row):
        row[here], row[there] = row[there], row[here]
    for position, neighbour in enumerate(row):
        neighbour.position = position
    db.session.flush()


def delete_topic(topic: Topic) -> None:
    """Take away a topic that is not used. Refused: has_topics, has_articles."""
    known = _lock_tree()
    if any(other.parent_id == topic.id for other in known):
        sentence = N_("The topic “%(name)s” has topics below it. Move or delete them first.")
        raise Refused("has_topics", sentence, name=topic.name_ru)
    used = db.session.scalar(select(func.count()).select_from(Article).where(Article.topic_id == topic.id))
    if used:
        sentence = N_("The topic “%(name)s” has articles: %(number)s. Give them another topic first.")
        raise Refused("has_articles", sentence, name=topic.name_ru, number=used)
    db.session.delete(topic)
    db.session.flush()


def _lock_tree() -> list[Topic]:
    """All topics as they are now, in order. Two who move topics at once come one after the other: together they could
    close a circle that neither saw."""
    rows = select(Topic).order_by(Topic.id).with_for_update().execution_options(populate_existing=True)
    with db.session.no_autoflush:
        return sorted(db.session.scalars(rows), key=lambda topic: (topic.position, topic.id))


def _children(known: list[Topic], parent: Topic | None) -> list[Topic]:
    return [topic for topic in known if topic.parent_id == (parent.id if parent else None)]


def _refuse_circle(topic: Topic | None, parent: Topic | None) -> None:
    above, seen = parent, set[int]()
    while above is not None and above.id not in seen:
        if above is topic:
            raise Refused("circle", N_("A topic cannot belong to itself."), field="parent_id")
        seen.add(above.id)
        above = above.parent


def _check_name(field: str, name: str) -> None:
    if not name:
        raise Refused("empty", N_("Fill in this field."), field=field)
    if len(name) > MAX_NAME:
        sentence = N_("At most %(limit)s characters fit here; there are %(length)s.")
        raise Refused("too_long", sentence, field=field, limit=MAX_NAME, length=len(name))
