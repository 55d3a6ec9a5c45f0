"""Levels and products as a register names them."""

from __future__ import annotations

import re
import unicodedata

from supportapp.certificates import queries
from supportapp.certificates.register.columns import Column, printable
from supportapp.errors import Refused
from supportapp.i18n import N_


class Names:
    """What the database knows by name, looked up once for a whole file."""

    def __init__(self) -> None:
        levels = queries.support_levels()
        self._levels = {_plain(name): level.id for level in levels for name in (level.name_en, level.name_ru)}
        self._products = {_plain(product.name): product.id for product in queries.all_products()}
        self._read: dict[str, tuple[int, ...]] = {}

    def level(self, name: str) -> int:
        """The id of the level with this Russian or English name."""
        if not name:
            raise Refused("empty", N_("Fill in this field."), field=Column.LEVEL)
        if _plain(name) not in self._levels:
            raise Refused(
                "level_unknown",
                N_("There is no support level “%(name)s”."),
                field=Column.LEVEL,
                name=printable(name),
            )
        return self._levels[_plain(name)]

    def products(self, names: str) -> tuple[int, ...]:
        """The ids of the products, which are separated by semicolons, commas or line breaks."""
        if names not in self._read:
            self._read[names] = self._ids(names)
        return self._read[names]

    def _ids(self, names: str) -> tuple[int, ...]:
        if _plain(names) in self._products:
            return (self._products[_plain(names)],)
        single = [name for name in map(str.strip, re.split(r"[;,\n]", names)) if name]
        if not single:
            raise Refused("empty", N_("Fill in this field."), field=Column.PRODUCTS)
        unknown = next((name for name in single if _plain(name) not in self._products), None)
        if unknown:
            raise Refused(
                "product_unknown",
                N_("There is no product “%(name)s”."),
                field=Column.PRODUCTS,
                name=printable(unknown),
            )
        return tuple(dict.fromkeys(self._products[_plain(name)] for name in single))


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("ё", "е").split())
