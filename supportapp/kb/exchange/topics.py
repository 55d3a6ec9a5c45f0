"""The topics of the database, brought in line with a folder's tree."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from supportapp.extensions import db
from supportapp.kb.exchange import describing
from supportapp.kb.exchange.topic_tree import TopicEntry
from supportapp.kb.models import Topic
from supportapp.kb.operations import save_topic


def differing(entries: Mapping[str, TopicEntry], *, keep: bool) -> list[TopicEntry]:
    """The entries that are not here, or (unless those are to be kept) are here in another way; parents first."""
    names = {"": None} | {path: entry.ru for path, entry in entries.items()}
    known = {topic.name_ru: topic for topic in db.session.scalars(select(Topic))}
    return [
        entry
        for entry in entries.values()
        if entry.ru not in known or (not keep and _facts(known[entry.ru]) != _wanted(entry, names[entry.parent]))
    ]


class Topics:
    """Topics by the paths that a folder uses: its own tree goes before the one that was here."""

    def __init__(self, entries: Mapping[str, TopicEntry], *, keep: bool) -> None:
        """``keep`` leaves topics that are here as they are."""
        self._names = {entry.path: entry.ru for entry in describing.topics_here().values()}
        self._names |= {path: entry.ru for path, entry in entries.items()}
        self._known = {topic.name_ru: topic for topic in db.session.scalars(select(Topic))}
        for entry in differing(entries, keep=keep):
            parent = self.find(entry.parent)
            topic = save_topic(self._known.get(entry.ru), name_ru=entry.ru, name_en=entry.en, parent=parent)
            self._known[entry.ru] = topic
            topic.position = entry.position
            db.session.flush()

    def find(self, path: str) -> Topic | None:
        """The topic at ``path``; None for no path."""
        return self._known[self._names[path]] if path else None


def _facts(topic: Topic) -> tuple[str, int, str | None]:
    return topic.name_en, topic.position, topic.parent.name_ru if topic.parent else None


def _wanted(entry: TopicEntry, parent: str | None) -> tuple[str, int, str | None]:
    return entry.en, entry.position, parent
