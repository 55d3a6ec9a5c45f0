"""Markdown to HTML that is safe to show, and to plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from supportapp.kb.slugs import make_slug

parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
# fmt: off
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}
# fmt: on
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "code": {"class"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}


_PICTURE = re.compile(r"/kb/images/([0-9a-f]{32})")


@lru_cache(maxsize=256)
def to_html(markdown: str) -> Markup:
    """Safe HTML: no raw HTML, no scripts, pictures only of our own; headings carry ids to link to."""
    return preview(markdown)


def preview(markdown: str) -> Markup:
    """``to_html`` of a text that is shown once: nothing is remembered."""
    tokens = parser.parse(markdown)
    _mark_headings(tokens)
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # noqa: S704 - nh3 has just cleaned it


def to_text(markdown: str) -> str:
    """The words of ``markdown`` without marks, a line a block."""
    return "\n".join(line for line in (_words(token) for token in parser.parse(markdown)) if line)


def headings(markdown: str) -> list[tuple[int, str, str]]:
    """The (level, id, text) of every heading, for a table of contents."""
    tokens = parser.parse(markdown)
    _mark_headings(tokens)
    return [(int(opening.tag[1]), str(opening.attrs["id"]), _words(inline)) for opening, inline in _headings(tokens)]


def picture_ids(markdown: str) -> list[str]:
    """The public ids of the stored pictures that the text shows, once each, in order."""
    return list(dict.fromkeys(found.group(1) for src, _ in pictures(markdown) if (found := _PICTURE.fullmatch(src))))


def pictures(markdown: str) -> list[tuple[str, str]]:
    """The (address, description) of every picture that the text shows."""
    if "![" not in markdown:
        return []
    children = (child for token in parser.parse(markdown) for child in token.children or ())
    return [(str(child.attrs["src"]), child.content) for child in children if child.type == "image"]


def _mark_headings(tokens: Sequence[Token]) -> None:
    """Give every heading an id; the page's own title is the only h1."""
    taken: set[str] = set()
    last: dict[str, int] = {}  # a text may have thousands of headings of one name
    for opening, inline in _headings(tokens):
        wanted = f"s-{make_slug(_words(inline), 'section')}"
        slug, number = wanted, last.get(wanted, 1)
        while slug in taken:
            number += 1
            slug = f"{wanted}-{number}"
        taken.add(slug)
        last[wanted] = number
        opening.attrs["id"] = slug
    for token in tokens:
        if token.type in ("heading_open", "heading_close") and token.tag == "h1":
            token.tag = "h2"


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            yield opening, inline


def _words(token: Token) -> str:
    if token.type in ("fence", "code_block"):
        return token.content.strip()
    if token.type != "inline":
        return ""
    return "".join(_inline(child) for child in token.children or ()).strip()


def _inline(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type == "image":
        return token.content
    return token.content if token.type in ("text", "code_inline") else ""


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if value.startswith("/") and not value.startswith(("//", "/\\")) else None
    return value
