"""What the ticket list offers to choose from: few rows of several tables, read with one statement a page."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, Select, String, cast, func, literal, literal_column, select, union_all

from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product, SupportLevel
from supportapp.extensions import db
from supportapp.staff.frame import language
from supportapp.tickets.models import CannedReply

Choices = list[tuple[int, str]]


def products() -> Choices:
    """By name."""
    return sorted(_read("product"), key=_word)


def levels() -> Choices:
    """The most urgent first."""
    return _read("level")


def staff() -> Choices:
    """By name, with those who have left: they have had tickets."""
    return sorted(_read("staff"), key=_word)


def canned() -> Choices:
    """The titles of the prepared answers."""
    return sorted(_read("canned"), key=_word)


def _word(choice: tuple[int, str]) -> str:
    return choice[1].casefold()


def _read(kind: str) -> Choices:
    spoken = language()
    known: tuple[str, dict[str, Choices]] | None = g.get("ticket_choices")
    if known is None or known[0] != spoken:
        found = dict[str, Choices]()
        for of, key, words in db.session.execute(_all(spoken)):
            found.setdefault(of, []).append((key, words))
        known = g.ticket_choices = spoken, found
    return known[1].get(kind, [])


@cache
def _all(spoken: str) -> Any:
    level = SupportLevel.name_ru if spoken == "ru" else SupportLevel.name_en
    name = func.trim(StaffUser.first_name + " " + StaffUser.last_name)
    parts = (
        _part("product", Product.id, Product.name),
        _part("level", SupportLevel.id, level, SupportLevel.priority.expression),
        _part("staff", StaffUser.id, func.coalesce(func.nullif(name, ""), StaffUser.username)),
        _part("canned", CannedReply.id, CannedReply.title),
    )
    every = union_all(*parts).subquery()
    return select(every.c.kind, every.c.key, every.c.words).order_by(every.c.place)


def _part(kind: str, key: Any, words: Any, place: ColumnElement[int] | None = None) -> Select[Any]:
    order = literal_column("0") if place is None else place
    return select(
        literal(kind).label("kind"), key.label("key"), cast(words, String).label("words"), order.label("place")
    )
