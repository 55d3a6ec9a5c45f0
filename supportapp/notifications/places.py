"""Where values come to stand on the page that a text of staff becomes, however its Markdown is written.

The text is worked out with a mark in the place of every value, and the page is read as a mail program reads it.
"""

from __future__ import annotations

import enum
import re
from html.parser import HTMLParser
from typing import Any

from supportapp.notifications import markup, sandbox
from supportapp.notifications.wordings import PORTAL_URL

MARK, PORTAL_MARK = "zqvaluezq", "zqportalzq"  # letters alone: they stay what they are in an address
PORTAL = f"https://{PORTAL_MARK}.example"
_OUTPUT = re.compile(r"\{\{.*?\}\}")


class BadPlace(enum.Enum):
    """What would not come out as it was meant: a value in a link's address, which it would choose, or in code, which
    shows no escapes; and a link that stays text."""

    LINK = "link"
    CODE = "code"
    UNMADE = "unmade"  # no value, but a link that is not made: its address is none that a mail may have


def find_bad_places(source: str, values: dict[str, Any]) -> list[BadPlace]:
    """The bad places of this text with these values, in order."""
    page = _Page()
    page.feed(str(markup.html_of(sandbox.render(source, values, _marked))))
    page.close()
    return page.found


def line_of(place: BadPlace, source: str, values: dict[str, Any]) -> int:
    """The first line whose values come to stand in such a place; the first line where that cannot be told."""
    lines, number = source.split("\n"), find_bad_places(source, values).count(place)
    for index, line in enumerate(lines):
        without = [*lines[:index], _OUTPUT.sub("x", line), *lines[index + 1 :]]
        if line != without[index] and find_bad_places("\n".join(without), values).count(place) < number:
            return index + 1
    return 1


def _marked(value: Any) -> str:
    return markup.escape_markdown(PORTAL) if value == PORTAL_URL else MARK


def _has_value(words: str) -> bool:
    return MARK in words or PORTAL_MARK in words


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[BadPlace] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A link, or code begins."""
        self._code += tag == "code"
        address = dict(attrs).get("href") or ""
        into_the_portal = address == PORTAL or address.startswith(f"{PORTAL}/")
        if tag == "a" and not address:
            self.found.append(BadPlace.UNMADE)
        elif tag == "a" and _has_value(address) and not into_the_portal:
            self.found.append(BadPlace.LINK)

    def handle_endtag(self, tag: str) -> None:
        """Code ends."""
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._code and _has_value(data):
            self.found.append(BadPlace.CODE)
        elif not self._code and "](" in data:
            self.found.append(BadPlace.UNMADE)
