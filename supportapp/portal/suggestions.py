"""Articles that may already answer, shown while a ticket is being written."""

from __future__ import annotations

from typing import Any

from flask import jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from supportapp import clock
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.files.operations import files_for_draft
from supportapp.kb import operations, queries, render
from supportapp.kb.models import Article
from supportapp.kb.search import Suggestion, suggest
from supportapp.portal import blueprint, limits
from supportapp.portal.attachments import give_up
from supportapp.portal.forms.tickets import is_token
from supportapp.portal.kept_text import note_sent
from supportapp.portal.language import language
from supportapp.portal.script_only import customer_or_401, only_reads
from supportapp.portal.session import customer_required, the_customer

MAX_BODY = 128 * 1024
MAX_SUBJECT = 400
MAX_TEXT = 10_000
SOLVED_BY = "solved_by_article"


@blueprint.post("/suggestions")
@only_reads
@customer_or_401
@limits.attempts("180 per minute", limits.account)
def suggestions() -> ResponseReturnValue:
    """Up to five articles for the subject, text and product typed so far."""
    asked = _asked()
    if asked is None:
        return jsonify(error=_("The suggestions could not be read.")), 400
    found = suggest(
        _plain(asked.get("subject"), MAX_SUBJECT),
        _plain(asked.get("text"), MAX_TEXT),
        product_id=_product_id(asked.get("product_id")),
        language=language(),
    )
    return jsonify(suggestions=[_as_json(suggestion) for suggestion in found])


@blueprint.get("/suggestions/<slug>")
@customer_or_401
def suggestion(slug: str) -> ResponseReturnValue:
    """The article to open in place, without the page around it."""
    article = queries.get_published(slug)
    return jsonify(title=article.title, html=render.to_html(article.body), language=article.language)


@blueprint.post("/suggestions/solved")
@customer_required
def solved_without_ticket() -> ResponseReturnValue:
    """«Это решило мою проблему»: counted once, and the unsent form with its files is given up."""
    customer, token = the_customer(), request.form.get("form_token", "")
    article = _article(request.form.get("article_id", ""))
    operations.record_solved(article, customer=customer, form_token=token, at=clock.now())
    if is_token(token):
        for stored in files_for_draft(customer, token):
            give_up(stored.public_id, customer)
        note_sent(token)
    session[SOLVED_BY] = article.id
    db.session.commit()
    return redirect(url_for("portal.solved_thanks"), 303)


@blueprint.get("/suggestions/thanks")
@customer_required
def solved_thanks() -> ResponseReturnValue:
    """Thank you; no ticket was made."""
    article = queries.published_by_id([session.get(SOLVED_BY, 0)]).get(session.get(SOLVED_BY, 0))
    return render_template("portal/tickets/solved.html", article=article)


def _asked() -> dict[str, Any] | None:
    if (request.content_length or 0) > MAX_BODY or "Transfer-Encoding" in request.headers:
        raise RequestEntityTooLarge
    try:
        asked = request.get_json()
    except (BadRequest, RecursionError):
        return None
    return asked if isinstance(asked, dict) else None


def _plain(text: Any, longest: int) -> str:
    """A bounded text that every part behind can encode."""
    return text[:longest].replace("\0", " ").encode("utf-8", "ignore").decode() if isinstance(text, str) else ""


def _product_id(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _article(article_id: str) -> Article:
    number = _product_id(article_id)
    if number is None:
        raise NotFound("article")
    return queries.get_published_by_id(number)


def _as_json(found: Suggestion) -> dict[str, Any]:
    return {
        "id": found.article_id,
        "title": found.title,
        "extract": found.extract,
        "page": url_for("portal.article", slug=found.slug),
        "content": url_for("portal.suggestion", slug=found.slug),
    }
