"""Articles that may already answer, shown while a ticket is being written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from supportapp import clock
from supportapp.certificates.models import Product
from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.files.operations import files_for_draft
from supportapp.kb import queries, render
from supportapp.kb.learning.operations import apart, solve
from supportapp.kb.learning.queries import was_shown
from supportapp.kb.models import Article
from supportapp.kb.search import Suggestion, suggest
from supportapp.portal import blueprint, limits, search_log
from supportapp.portal.attachments import give_up
from supportapp.portal.forms.tickets import TicketForm, is_token
from supportapp.portal.kept_text import note_sent
from supportapp.portal.language import language
from supportapp.portal.script_only import customer_or_401
from supportapp.portal.session import customer_required, the_customer
from supportapp.web import only_reads

MAX_BODY = 128 * 1024
MAX_SUBJECT = 400
HEAD, TAIL = 8_000, 2_000  # what is read of a long text: how it begins, and the last lines of a log
MOST_COVERED = 50  # products of one certificate that are looked at
SOLVED_BY, COUNTED = "solved_by_article", "solved_counted"


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
        _plain(asked.get("subject"))[:MAX_SUBJECT],
        cut(_plain(asked.get("text"))),
        product_id=_product_id(asked.get("product_id")),
        covered=_product_ids(asked.get("covered")),
        language=language(),
    )
    return jsonify(suggestions=[_as_json(suggestion) for suggestion in found])


@blueprint.post("/suggestions/seen")
@customer_or_401
@limits.attempts("60 per minute", limits.account)
def suggestions_seen() -> ResponseReturnValue:
    """What stood before the customer for a while, and what was opened of it; the form says it again when it is sent."""
    with apart():
        search_log.note_form(search_log.asking_of_form(), at=clock.now())
    db.session.commit()
    return "", 204


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
    customer, token, at = the_customer(), request.form.get("form_token", ""), clock.now()
    article = _article(request.form.get("article_id", ""))
    asking, counted = search_log.asking_of_form(), False
    with apart():
        search_log.note_form(asking, at=at)
        counted = solve(asking, article, at=at)
    if is_token(token):
        for stored in files_for_draft(customer, token):
            give_up(stored.public_id, customer)
        note_sent(token)
    session[SOLVED_BY], session[COUNTED] = article.id, counted
    db.session.commit()
    return redirect(url_for("portal.solved_thanks"), 303)


@blueprint.get("/suggestions/thanks")
@customer_required
def solved_thanks() -> ResponseReturnValue:
    """Thank you. That it was counted is said when it was: not for a form that had been sent, nor the second time."""
    article = queries.published_by_id([session.get(SOLVED_BY, 0)]).get(session.get(SOLVED_BY, 0))
    return render_template("portal/tickets/solved.html", article=article, counted=session.get(COUNTED, False))


def look_first(form: TicketForm, product: Product | None, covered: Sequence[Product], *, at: datetime) -> bool:
    """Without the page's script: whether there are articles to look at before the ticket goes. It asks once a form."""
    if form.looked.data or was_shown(form.token):
        return False
    asking = replace(search_log.asking_of_form(), token=form.token)
    subject, text = form.subject.data or "", form.body.data or ""
    form.suggested = suggest(
        subject,
        cut(text),
        product_id=product.id if product else None,
        covered=[other.id for other in covered],
        language=language(),
    )
    if form.suggested:
        form.looked.data = "1"
        search_log.note_first_look(asking, form.suggested, at=at)
        db.session.commit()
    return bool(form.suggested)


def _asked() -> dict[str, Any] | None:
    if (request.content_length or 0) > MAX_BODY or "Transfer-Encoding" in request.headers:
        raise RequestEntityTooLarge
    try:
        asked = request.get_json()
    except (BadRequest, RecursionError):
        return None
    return asked if isinstance(asked, dict) else None


def cut(text: str) -> str:
    """The part of a long text that is looked for."""
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


def _plain(text: Any) -> str:
    """A text that every part behind can encode."""
    return text.replace("\0", " ").encode("utf-8", "ignore").decode() if isinstance(text, str) else ""


def _product_id(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _product_ids(value: Any) -> list[int]:
    """The keys in a text, blanks between them; what is none is left out."""
    words = value.split(maxsplit=MOST_COVERED)[:MOST_COVERED] if isinstance(value, str) else []
    return [number for number in map(_product_id, words) if number is not None]


def _article(article_id: str) -> Article:
    number = _product_id(article_id)
    if number is None:
        raise NotFound("article")
    return queries.get_published_by_id(number)


def _as_json(found: Suggestion) -> dict[str, Any]:
    return {
        "id": found.article_id,
        "title": found.title,
        "language": found.language,
        "extract": found.extract,
        "page": url_for("portal.article", slug=found.slug),
        "content": url_for("portal.suggestion", slug=found.slug),
    }
