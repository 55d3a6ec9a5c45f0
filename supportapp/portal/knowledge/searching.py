"""«Результаты поиска»."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from supportapp.certificates.models import Product
from supportapp.kb import public, topics
from supportapp.kb.search import search
from supportapp.portal import search_log
from supportapp.portal.knowledge.asked import asked_product, readable_language
from supportapp.portal.language import language

MAX_QUERY = 300
MAX_HITS = 20


def found_page(text: str) -> ResponseReturnValue:
    """The page for what was asked; a chosen product brings its articles up and hides no other's."""
    return _found(text[:MAX_QUERY], asked_product(), shortened=len(text) > MAX_QUERY)


def _found(query: str, product: Product | None, *, shortened: bool) -> ResponseReturnValue:
    hits = search(query, language=language(), limit=MAX_HITS, products=[product.id] if product else [])
    found, number, spoken = [hit.article_id for hit in hits], product.id if product else None, readable_language()
    page = render_template(
        "portal/kb_search.html",
        q=query,
        shortened=shortened,
        hits=hits,
        most=MAX_HITS,
        places=public.places_of(found),
        products=public.products_with_articles(language=spoken),
        product=product,
        spoken=spoken,
        branches=[] if hits else [branch for branch in topics.tree() if branch.number(spoken)],
    )
    search_log.note_search(query, found, product_id=number)
    return page
