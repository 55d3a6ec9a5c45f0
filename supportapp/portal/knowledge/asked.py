"""What a page of the knowledge base was asked for: numbers of the query string, and the language to read in."""

from __future__ import annotations

from flask import request

from supportapp.certificates.models import Product
from supportapp.errors import NotFound
from supportapp.kb import public
from supportapp.portal.language import language

MAX_PAGE = 10_000


def readable_language() -> str | None:
    """The language of the page when something is written in it; else None, which means every language."""
    return language() if public.has_articles(language=language()) else None


def asked_number(name: str) -> int | None:
    """A positive number of the query string, None without one; NotFound for anything else."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18) or int(text) < 1:
        raise NotFound(name)
    return int(text)


def asked_page() -> int:
    """The page of a list, from 1."""
    return min(asked_number("page") or 1, MAX_PAGE)


def asked_product() -> Product | None:
    """The product that the reader chose; NotFound when nothing public is about it."""
    number = asked_number("product")
    if number is None:
        return None
    product = public.find_product(number)
    if product is None:
        raise NotFound("product")
    return product
