"""The tree of topics as ``topics.yaml``: each with a key that is unique among its neighbours, and its two names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supportapp.kb.exchange import front_matter
from supportapp.kb.exchange.problems import Unusable
from supportapp.kb.models import Topic
from supportapp.kb.operations.topics import MAX_NAME
from supportapp.kb.rules import is_slug
from supportapp.kb.slugs import free_slug, make_slug

POSITION = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class TopicEntry:
    """One topic; ``path`` is its keys from the root down: ``windows-server/activation``."""

    path: str
    ru: str
    en: str
    position: int

    @property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def key(self) -> str:
        return self.path.rpartition("/")[2]


def read_tree(text: str) -> list[TopicEntry]:
    """The topics of a file, parents first. Unusable names what is wrong."""
    entries: list[TopicEntry] = []
    _read_level(front_matter.load(text) or [], "", entries)
    _refuse_repeated([entry.path for entry in entries], "the key")
    _refuse_repeated([entry.ru for entry in entries], "the Russian name")
    return entries


def write_tree(entries: Sequence[TopicEntry]) -> str:
    """The file's text."""
    return front_matter.dump(_level(entries, ""))


def describe_tree(topics: Sequence[Topic]) -> dict[int, TopicEntry]:
    """The entries of the topics in the database, by id and parents first; keys are made of the English names."""
    known: dict[int, TopicEntry] = {}
    _describe_level(sorted(topics, key=lambda topic: (topic.position, topic.id)), None, known)
    return known


def _describe_level(topics: Sequence[Topic], parent: Topic | None, known: dict[int, TopicEntry]) -> None:
    taken: set[str] = set()
    for topic in topics:
        if topic.parent_id == (parent.id if parent else None):
            key = free_slug(make_slug(topic.name_en, "topic"), taken)
            taken.add(key)
            path = f"{known[parent.id].path}/{key}" if parent else key
            known[topic.id] = TopicEntry(path, topic.name_ru, topic.name_en, topic.position)
            _describe_level(topics, topic, known)


def _level(entries: Sequence[TopicEntry], parent: str) -> list[dict[str, object]]:
    level: list[dict[str, object]] = []
    for entry in entries:
        if entry.parent == parent:
            below = _level(entries, entry.path)
            facts: dict[str, object] = {"key": entry.key, "ru": entry.ru, "en": entry.en, "position": entry.position}
            level.append({**facts, "topics": below} if below else facts)
    return level


def _read_level(level: Any, parent: str, entries: list[TopicEntry]) -> None:
    if not isinstance(level, list) or not all(isinstance(facts, dict) for facts in level):
        raise Unusable(f"topics must be a list of topics{f' under {parent!r}' if parent else ''}.")
    for number, facts in enumerate(level):
        entry = _entry(facts, parent, number)
        entries.append(entry)
        _read_level(facts.get("topics") or [], entry.path, entries)


def _entry(facts: dict[str, Any], parent: str, number: int) -> TopicEntry:
    key, ru = facts.get("key", ""), facts.get("ru", "")
    en, position = facts.get("en") or ru, facts.get("position") or str(number)
    where = f"the topic {key!r}" if key else f"topic number {number + 1} under {parent or 'the root'!r}"
    unknown = facts.keys() - {"key", "ru", "en", "position", "topics"}
    if unknown:
        raise Unusable(f"{where} has a field {min(unknown)!r}; known are key, ru, en, position and topics.")
    if not isinstance(key, str) or not is_slug(key):
        raise Unusable(f"{where} needs a key of small Latin letters, digits and hyphens.")
    for name in (ru, en):
        if not isinstance(name, str) or not name.strip() or len(name.strip()) > MAX_NAME or "\0" in name:
            raise Unusable(f"{where} needs a name (ru, en) of at most {MAX_NAME} characters.")
    if not isinstance(position, str) or not POSITION.fullmatch(position):
        raise Unusable(f"{where} has a position that is no whole number of at most 9 digits.")
    return TopicEntry(f"{parent}/{key}" if parent else key, ru.strip(), en.strip(), int(position))


def _refuse_repeated(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Unusable(f"{what} {name!r} stands here twice.")
        seen.add(name)
