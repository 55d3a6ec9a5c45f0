"""The knowledge base: search, topics, articles. Everybody may read it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from supportapp.errors import NotFound
from supportapp.kb import queries, render
from supportapp.kb.search import search
from supportapp.portal import blueprint
from supportapp.portal.language import language

MAX_QUERY = 300
MAX_HITS = 20
PAGE_SIZE = 20
MAX_PAGE = 10_000
HEADINGS_WORTH_A_LIST = 3


@blueprint.get("/kb/")
def knowledge_base() -> ResponseReturnValue:
    """Search, or the topics with the articles of one of them."""
    text = request.args.get("q", "").strip()
    if text:
        return _found(text)
    topic = queries.get_topic(_number("topic")) if request.args.get("topic") else None
    page = min(_number("page") if request.args.get("page") else 1, MAX_PAGE)
    chosen: dict[str, Any] = {"topic": topic, "language": readable_language()}
    total = queries.count_published(**chosen)
    return render_template(
        "portal/kb.html",
        topic=topic,
        topics=queries.topics(language=chosen["language"]),
        articles=queries.published_articles(**chosen, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE),
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
    )


@blueprint.get("/kb/<slug>")
def article(slug: str) -> ResponseReturnValue:
    """One published article."""
    found = queries.get_published(slug)
    sections = [entry for entry in render.headings(found.body) if entry[0] <= HEADINGS_WORTH_A_LIST]
    if len(sections) < HEADINGS_WORTH_A_LIST:
        sections = []
    return render_template("portal/article.html", article=found, sections=sections)


def readable_language() -> str | None:
    """The language of the page when something is written in it; else None, which means every language."""
    return language() if queries.count_published(language=language()) else None


def _found(text: str) -> ResponseReturnValue:
    cut = text[:MAX_QUERY]
    hits = search(cut, language=language(), limit=MAX_HITS)
    return render_template("portal/kb_search.html", q=cut, shortened=len(text) > MAX_QUERY, hits=hits)


def _number(name: str) -> int:
    """A positive number of the query string that a database can hold; NotFound for anything else."""
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 18) or int(text) < 1:
        raise NotFound(name)
    return int(text)
