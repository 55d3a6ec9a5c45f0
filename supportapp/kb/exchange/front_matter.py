"""YAML as people write it in front of a text: every value is read as the text it is, or as a list of texts."""

from __future__ import annotations

from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler
from yaml.events import CollectionEndEvent, CollectionStartEvent
from yaml.nodes import MappingNode

from supportapp.kb.exchange.problems import Unusable

try:
    from yaml import CBaseLoader as BaseLoader
    from yaml import CSafeDumper as SafeDumper
except ImportError:  # PyYAML without libyaml: the same, slower
    from yaml import BaseLoader, SafeDumper  # type: ignore[assignment]

MAX_DEPTH = 30
_handler = YAMLHandler()


class _Texts(BaseLoader):
    """No scalar becomes anything else: 0x80090016 is no number, 12:30 no count of seconds, "no" no falsehood."""

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if not isinstance(key.value, str) or key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, "a name stands here twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _Dumper(SafeDumper):
    """The same text gives the same bytes, and no alias stands for a text that occurs twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def split(text: str) -> tuple[dict[str, Any], str, str]:
    """The fields, the text after them, and the YAML itself; Unusable when there is no front matter or it is broken."""
    if not _handler.detect(text):
        raise Unusable("has no front matter: its first line must be ---, followed by the fields and another ---.")
    try:
        head, body = _handler.split(text)
    except ValueError as error:
        raise Unusable("has no --- after its front matter.") from error
    fields = load(head)
    if not isinstance(fields, dict):
        raise Unusable('has no fields in its front matter; write them as "name: value".')
    return fields, body.strip(), head


def join(fields: dict[str, object], body: str) -> str:
    """A text with ``fields`` in front of it, ended by a line feed."""
    return f"---\n{dump(fields)}---\n\n{body}\n"


def load(text: str) -> Any:
    """The YAML in ``text``; Unusable names the line in which it is broken."""
    try:
        _check_depth(text)
        return yaml.load(text, Loader=_Texts)  # noqa: S506 - it makes nothing but texts, lists and dicts
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}" if mark else ""
        raise Unusable(f"is not YAML: {error.problem}.", place) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Unusable("is not YAML.") from error


def _check_depth(text: str) -> None:
    """libyaml's events come without recursion; composing a deep tree of them would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Texts):
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Unusable(f"is YAML that is nested more than {MAX_DEPTH} deep.")


def dump(content: object) -> str:
    """``content`` as YAML with one value a line, however long."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)


def line_of(field: str, head: str) -> int | None:
    """The line of the file in which ``field`` stands, when it can be told."""
    lines = head.split("\n")
    return next((number for number, line in enumerate(lines, 1) if line.split(":")[0].strip(" \"'") == field), None)
