"""One article as readers see it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.http import is_resource_modified

from supportapp import clock
from supportapp.errors import NotFound
from supportapp.kb import public, queries, render, topics
from supportapp.kb.models import Article
from supportapp.kb.related import related
from supportapp.kb.votes import find_vote
from supportapp.portal import blueprint, search_log
from supportapp.portal.forms.knowledge import VoteForm
from supportapp.portal.knowledge.licences import licence_of
from supportapp.portal.knowledge.readers import reader_of
from supportapp.portal.language import language
from supportapp.portal.session import current_customer

HEADINGS_WORTH_A_LIST = 3
DEEPEST_LISTED = 3
NEAREST = 3


@blueprint.get("/kb/<slug>")
def article(slug: str) -> ResponseReturnValue:
    """One public article.

    A robot without a cookie is told when nothing has changed, a person's browser never: what it remembers has forms of
    a session that may have ended.
    """
    try:
        found = queries.get_published(slug)
    except NotFound:
        return missing_page(slug)
    if request.cookies or not search_log.is_robot():
        page = article_page(found)
        search_log.note_opening(found)
        return page
    marks: dict[str, Any] = {"etag": f"{found.id}-{found.revision}-{language()}", "last_modified": found.updated_at}
    if not is_resource_modified(request.environ, **marks):
        return _to_be_asked_again(Response(status=304), found, marks["etag"])
    return _to_be_asked_again(make_response(article_page(found)), found, marks["etag"])


def article_page(found: Article, form: VoteForm | None = None, *, reader: str | None = None) -> str:
    """The article with everything around it; ``form`` is one that was refused, ``reader`` who sent it."""
    customer = current_customer()
    return render_template(
        "portal/article.html",
        article=found,
        sections=sections_of(found.body),
        way=topics.above(found.topic),
        translations=public.translations_of(found),
        related=related(found, at=clock.now()),
        licence=licence_of(found.licence, language()),
        adapted_at=public.adapted_at(found) if found.licence else None,
        is_staff=current_user.is_staff if not customer and current_user.is_authenticated else False,
        vote=find_vote(found, reader=reader or reader_of(found), customer=customer),
        form=form or VoteForm(formdata=None),
    )


@lru_cache(maxsize=256)
def sections_of(body: str) -> list[tuple[int, str, str]]:
    """The (level, id, text) of the headings worth a table of contents; none for a short article."""
    listed = [entry for entry in render.headings(body) if entry[0] <= DEEPEST_LISTED]
    return listed if len(listed) >= HEADINGS_WORTH_A_LIST else []


def missing_page(slug: str) -> ResponseReturnValue:
    """The same for drafts, for what is kept for staff and for what never was: search, and public articles alike."""
    return render_template("portal/kb_missing.html", nearest=public.nearest(slug, limit=NEAREST)), 404


def _to_be_asked_again(response: Response, found: Article, etag: str) -> Response:
    response.set_etag(etag, weak=True)
    response.last_modified = found.updated_at
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(["Cookie", "Accept-Language", "User-Agent"])
    return response
