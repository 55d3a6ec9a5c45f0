"""Where the links of a Markdown text lead, and the same text with other destinations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from markdown_it.token import Token

from supportapp.kb.render import parser

# An inline destination or that of a reference, in angle brackets or not; whether it is a link, the parser says.
_DESTINATION = re.compile(r"((?:\]\(|^ {0,3}\[[^\]\n]+\]:)\s*<?)([^\s<>()]+)", re.MULTILINE)


def destinations(markdown: str) -> list[str]:
    """Where links and pictures lead, as it is written, in order and once each; what stands in code is no link."""
    written = dict.fromkeys(found.group(2) for found in _DESTINATION.finditer(markdown))
    if not any(_is_ours(one) for one in written):
        return []
    real = set(_real(parser.parse(markdown)))
    return [one for one in written if _is_ours(one) and parser.normalizeLink(one) in real]


def redirect(markdown: str, other: Callable[[str], str]) -> str:
    """The text in which every destination of ``destinations`` is replaced by ``other`` of it."""
    new = {one: other(one) for one in destinations(markdown)}
    if all(one == replaced for one, replaced in new.items()):
        return markdown
    return _DESTINATION.sub(lambda found: found.group(1) + new.get(found.group(2), found.group(2)), markdown)


def _is_ours(destination: str) -> bool:
    """Whether it can lead to a file of the folder or to an article or picture of the portal."""
    return not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|\?", destination)


def _real(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        for name in ("href", "src"):
            if name in token.attrs:
                yield str(token.attrs[name])
        yield from _real(token.children or [])
