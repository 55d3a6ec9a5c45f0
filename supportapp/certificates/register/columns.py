"""Which column of a file is which: by its title, Russian or English, in any order."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from supportapp.errors import Refused
from supportapp.i18n import N_, Terms


class Column(enum.StrEnum):
    """The facts of one certificate, named like the fields of the form."""

    KIND = "kind"
    NUMBER = "number"
    ACTIVATION_CODE = "activation_code"
    LEVEL = "level"
    PRODUCTS = "products"
    HOLDER = "holder"
    VALID_FROM = "valid_from"
    VALID_TO = "valid_to"
    SEATS = "seats"


TITLES: Mapping[Column, str] = {
    Column.KIND: N_("Kind"),
    Column.NUMBER: N_("Number"),
    Column.ACTIVATION_CODE: N_("Activation code"),
    Column.LEVEL: N_("Support level"),
    Column.PRODUCTS: N_("Products"),
    Column.HOLDER: N_("Holder"),
    Column.VALID_FROM: N_("Valid from"),
    Column.VALID_TO: N_("Valid to"),
    Column.SEATS: N_("Seats"),
}

_KNOWN: Mapping[Column, str] = {
    Column.KIND: "вид, тип, вид документа, тип документа, kind, type",
    Column.NUMBER: "номер, номер сертификата, номер договора, номер сертификата договора, no, number, "
    "certificate number, contract number",
    Column.ACTIVATION_CODE: "код, код активации, activation code, code",
    Column.LEVEL: "уровень, уровень поддержки, level, support level",
    Column.PRODUCTS: "продукт, продукты, product, products",
    Column.HOLDER: "владелец, держатель, организация, holder, organisation, organization, company",
    Column.VALID_FROM: "действует с, начало, дата начала, начало действия, valid from, from, start, start date",
    Column.VALID_TO: "действует до, действует по, окончание, конец, дата окончания, окончание действия, valid to, "
    "valid until, to, until, end, end date",
    Column.SEATS: "места, мест, число мест, количество мест, seats, number of seats",
}
_BY_TITLE = {title.strip(): column for column, titles in _KNOWN.items() for title in titles.split(",")}
_OPTIONAL = frozenset({Column.SEATS})
_ENOUGH = 3


def known_columns(cells: Iterable[Any]) -> list[Column]:
    """The columns that these cells are titles of."""
    return [_BY_TITLE[title] for title in map(_plain, cells) if title in _BY_TITLE]


def is_header(cells: Sequence[Any]) -> bool:
    """Whether this line is the one with the titles, and not a heading above the table."""
    return len(set(known_columns(cells))) >= _ENOUGH


def layout(cells: Sequence[Any]) -> dict[Column, int]:
    """The place of every column; Refused when one is missing or stands there twice."""
    places: dict[Column, int] = {}
    for place, cell in enumerate(cells):
        column = _BY_TITLE.get(_plain(cell))
        if column in places:
            raise Refused(
                "register_column_twice",
                N_("Two columns of the file mean the same: %(column)s. Remove one of them."),
                column=Terms([TITLES[column]]),
            )
        if column:
            places[column] = place
    missing = [TITLES[column] for column in Column if column not in places and column not in _OPTIONAL]
    if missing:
        raise Refused("register_columns", N_("The file lacks these columns: %(columns)s."), columns=Terms(missing))
    return places


def ignored_titles(cells: Sequence[Any]) -> list[str]:
    """Titles that mean nothing to us, as they are written; those columns are left out."""
    return [printable(str(cell)) for cell in cells if _plain(cell) and _plain(cell) not in _BY_TITLE]


def printable(words: str) -> str:
    """Words of a file, short and without control characters, so that a sentence may quote them."""
    shown = "".join(character if character.isprintable() else " " for character in words).strip()
    return shown if len(shown) <= 80 else f"{shown[:79]}…"


def _plain(cell: Any) -> str:
    text = unicodedata.normalize("NFKC", str(cell or "")).casefold().replace("ё", "е")
    return " ".join(re.findall(r"\w+", text))
