"""Words of people and Markdown of ours: how the two meet in a mail without one becoming the other."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_BLANKS = re.compile(r"\s+")
# characters that reorder or hide text; a mail has no use for them
_HIDDEN = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF])
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h1", "h2", "h3", "hr", "blockquote", "code", "pre"}
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}

_TEXT = "margin:0 0 16px 0;"
_STYLES = {
    "p": _TEXT,
    "ul": _TEXT + "padding-left:24px;",
    "ol": _TEXT + "padding-left:24px;",
    "li": "margin:0 0 6px 0;",
    "h1": "margin:0 0 16px 0;font-size:22px;line-height:28px;",
    "h2": "margin:24px 0 12px 0;font-size:18px;line-height:24px;",
    "h3": "margin:16px 0 8px 0;font-size:16px;line-height:24px;",
    "a": "color:#0b57a4;text-decoration:underline;",
    "blockquote": "margin:0 0 16px 0;padding:4px 0 4px 14px;border-left:3px solid #8a94a0;",
    "table": "margin:0 0 16px 0;border-collapse:collapse;",
    "th": "padding:6px 12px;border:1px solid #c4cad1;text-align:left;",
    "td": "padding:6px 12px;border:1px solid #c4cad1;",
    "hr": "margin:16px 0;border:0;border-top:1px solid #c4cad1;",
}
_BARE_TAG = re.compile(r"<(" + "|".join(_STYLES) + r")(?=[ >])")


def one_line(value: Any) -> str:
    """``value`` as printable text without line breaks, control or reordering characters; None is nothing."""
    text = "" if value is None else str(value)
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    return _BLANKS.sub(" ", visible.translate(_HIDDEN)).strip()


def escape_markdown(value: Any) -> str:
    """``value`` so that Markdown shows it letter by letter, whatever it contains."""
    return _PUNCTUATION.sub(r"\\\1", one_line(value))


def html_of(markdown: str) -> Markup:
    """Our Markdown as HTML for a mail: few tags, safe links, inline styles."""
    html = nh3.clean(
        _MARKDOWN.render(markdown),
        tags=_TAGS | _TABLE_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return Markup(_BARE_TAG.sub(lambda m: f'<{m[1]} style="{_STYLES[m[1]]}"', html))  # noqa: S704 - cleaned above


def quote_html(words: str) -> Markup:
    """Somebody's text, escaped, with its line breaks."""
    return Markup("<br>\n").join(escape(line) for line in _lines(words))


def quote_text(words: str) -> str:
    """Somebody's text with a mark before every line."""
    return "\n".join(f"> {line}".rstrip() for line in _lines(words))


def _lines(words: str) -> list[str]:
    return [_without_controls(line) for line in words.strip().splitlines()]


def _without_controls(line: str) -> str:
    shown = "".join(c for c in line.expandtabs(4) if unicodedata.category(c) not in ("Cc", "Cs"))
    return shown.translate(_HIDDEN).rstrip()
