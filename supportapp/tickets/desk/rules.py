"""Pure rules of the desk: how tickets are related, and the placeholders of a prepared answer."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping

TAG_LENGTH = 40
MOST_TAGS = 20
_NAME = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")

# What may stand in a prepared answer, by either name.
PLACEHOLDERS = {
    "customer": "пользователь",
    "reference": "обращение",
    "product": "продукт",
    "deadline": "срок",
    "engineer": "инженер",
}
_MEANING = {name: name for name in PLACEHOLDERS} | {russian: name for name, russian in PLACEHOLDERS.items()}


class HeldKind(enum.StrEnum):
    """What staff send and can take back for a moment."""

    REPLY = "reply"
    INFO_REQUEST = "info_request"
    SOLUTION = "solution"
    CLOSING = "closing"
    MERGING = "merging"


class Relation(enum.StrEnum):
    """What one ticket is to another."""

    RELATED = "related"
    DUPLICATE = "duplicate"


def unknown_placeholders(text: str) -> list[str]:
    """The names in double braces that nothing can be put in for, braces that do not match included; each once."""
    unknown = [name for name in _NAME.findall(text) if name.casefold() not in _MEANING]
    rest = _NAME.sub("", text)
    unknown += [sign for sign in ("{{", "}}") if sign in rest]
    return list(dict.fromkeys(unknown))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in for their placeholders, once: what a value holds is never looked at again."""

    def value(found: re.Match[str]) -> str:
        meaning = _MEANING.get(found[1].casefold())
        return values.get(meaning, found[0]) if meaning else found[0]

    return _NAME.sub(value, text)


def tags_in(text: str) -> list[str]:
    """The tags that somebody typed, by commas; one that is empty when there is nothing else."""
    return [tag for tag in map(clean_tag, text.split(",")) if tag] or [""]


def clean_tag(text: str) -> str:
    """A tag as it is kept: lower case, single spaces, no comma."""
    return " ".join(text.replace(",", " ").split()).casefold()
