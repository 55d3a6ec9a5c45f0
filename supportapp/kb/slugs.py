"""Addresses made of Russian titles. Standard library only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_SLUG = 80
_LETTERS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh sch _ y _ e yu ya".replace("_", "").split(" "),
        strict=True,
    )
)


def make_slug(title: str, fallback: str = "article") -> str:
    """``title`` in Latin letters, digits and hyphens: «Ошибка 0x80090016» becomes ``oshibka-0x80090016``."""
    latin = "".join(_LETTERS.get(letter, letter) for letter in title.lower())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(words) > MAX_SLUG:
        words = words[: MAX_SLUG + 1].rpartition("-")[0] or words[:MAX_SLUG]
    return words or fallback


def free_slug(wanted: str, taken: Iterable[str]) -> str:
    """``wanted``, or the first of ``wanted-2``, ``wanted-3`` ... that is not in ``taken``."""
    used, slug, number = set(taken), wanted, 1
    while slug in used:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
