"""Texts that would keep a page waiting: the marks of Markdown in thousands. Pure rules."""

from __future__ import annotations

import re

from supportapp.errors import Refused
from supportapp.i18n import N_

MAX_LINKS = 2_000
MAX_CELLS = 20_000
MAX_BLOCKS = 10_000
MAX_MARKS = 15_000

_BLOCK = re.compile(r"^[ \t]{0,20}(?:#|>|[-*+][ \t]|\d{1,9}[.)][ \t])", re.M)
_RULE = re.compile(r"[ \t>:|-]*-[ \t:|-]*")


def require_plain(markdown: str) -> None:
    """Refused (too_intricate) when the text has more links, cells, list items or other marks than a page can bear."""
    if is_intricate(markdown):
        sentence = N_("The text has too many links, table cells or other marks. Divide it into several articles.")
        raise Refused("too_intricate", sentence, field="body")


def is_intricate(markdown: str) -> bool:
    """Whether the marks, counted and not understood, are too many."""
    return (
        markdown.count("[") > MAX_LINKS
        or sum(map(markdown.count, "*_`~<&")) > MAX_MARKS
        or len(_BLOCK.findall(markdown)) > MAX_BLOCKS
        or _cells(markdown) > MAX_CELLS
    )


def _cells(markdown: str) -> int:
    """A row has the cells that the rule below the head has, however short it is written."""
    columns = cells = 0
    for line in markdown.split("\n"):
        if not line.strip():
            columns = 0
        elif "|" in line and _RULE.fullmatch(line):
            columns = max(columns, line.count("|") + 1)
        cells += max(columns, line.count("|"))
    return cells
