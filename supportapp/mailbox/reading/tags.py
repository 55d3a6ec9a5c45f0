"""HTML as it comes in mails, cut into words and tags in one pass: no tree, no depth, no time beyond its length."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_OPENING = re.compile(r"<(?:!--|[!?]|/?[a-zA-Z])")
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:]{0,30})")
_QUOTED_TAG = re.compile(r"""<[^<>"']*+(?:(?:"[^"<>]*+"|'[^'<>]*+')[^<>"']*+)*+>""")
_SIMPLE_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30}) ?/?>")
_ATTRIBUTE = re.compile(
    r"""(?<![\w-])([a-zA-Z][a-zA-Z-]{0,30}+)\s{0,5}+=\s{0,5}+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++))"""
)
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")
_UNREAD = ("script", "style", "title", "head", "noscript", "xml")
_TAG_CHARACTERS = 8_000


@dataclass(frozen=True, slots=True)
class Tag:
    """``name`` in lower case; attributes by lower-case name, entities resolved."""

    name: str
    is_closing: bool = False
    attributes: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def says(self, name: str, *words: str) -> bool:
        """Whether one of ``words`` is among those of an attribute (class, id)."""
        return not {word.lower() for word in self.get(name).split()}.isdisjoint(words)


def words_and_tags(source: str) -> Iterator[str | Tag]:
    """Text with its entities resolved, and tags; comments, scripts and styles left out. Unfinished tags are text."""
    position, end, unclosed = 0, len(source), set[str]()
    while position < end:
        match = _OPENING.search(source, position)
        if not match:
            break
        if match.start() > position:
            yield _resolved(source[position : match.start()])
        after = _comment_end(source, match.start(), unclosed) if source[match.end() - 1] in "-!?" else -1
        if after < 0:
            tag, after = _tag(source, match.start(), unclosed)
            if tag:
                yield tag
                if tag.name in _UNREAD and not tag.is_closing:
                    after = _end_of_unread(source, tag.name, after, unclosed)
            else:
                yield source[match.start() : after]
        position = after
    if position < end:
        yield _resolved(source[position:])


def _resolved(text: str) -> str:
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text))


def _comment_end(source: str, start: int, unclosed: set[str]) -> int:
    """Behind a comment or a declaration; -1 where it never ends."""
    sign = "-->" if source.startswith("<!--", start) else ">"
    end = -1 if sign in unclosed else source.find(sign, start)
    if end < 0:
        unclosed.add(sign)
        return start + 4 if sign == "-->" else -1
    return end + len(sign)


def _tag(source: str, start: int, unclosed: set[str]) -> tuple[Tag | None, int]:
    """The tag at ``start`` and the place behind it; None for a bracket that opens no tag."""
    simple = _SIMPLE_TAG.match(source, start)
    if simple:
        return Tag(simple[2].lower(), bool(simple[1])), simple.end()
    match = _QUOTED_TAG.match(source, start, start + _TAG_CHARACTERS)
    end = match.end() if match else _plain_end(source, start, unclosed)
    name = _NAME.match(source, start)
    if not name or end < 0:
        return None, start + 1
    is_closing = source.startswith("</", start)
    attributes = {} if is_closing else _attributes(source[name.end() : end][:_TAG_CHARACTERS])
    return Tag(name[1].lower(), is_closing, attributes), end


def _plain_end(source: str, start: int, unclosed: set[str]) -> int:
    if ">" in unclosed:
        return -1
    end = source.find(">", start)
    if end < 0:
        unclosed.add(">")
    return end + 1 if end >= 0 else -1


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        found.setdefault(match[1].lower(), _resolved(match[2] or match[3] or match[4] or ""))
    return found


def _end_of_unread(source: str, name: str, start: int, unclosed: set[str]) -> int:
    """Behind what is not for reading; where that never ends, nothing is skipped."""
    closing = f"</{name}"
    match = None if closing in unclosed else re.compile(re.escape(closing), re.IGNORECASE).search(source, start)
    if not match:
        unclosed.add(closing)
        return start
    return match.start()
