"""«Помогла ли статья?»: an answer without a script, changed as often as the reader likes."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from supportapp import clock
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.kb import queries
from supportapp.kb.votes import vote
from supportapp.portal import blueprint, limits
from supportapp.portal.forms.knowledge import VoteForm
from supportapp.portal.knowledge import readers
from supportapp.portal.knowledge.articles import article_page, missing_page
from supportapp.portal.session import current_customer

ANSWERS = {"yes": True, "no": False}


@blueprint.post("/kb/<slug>/vote")
@limits.attempts("60 per hour", limits.account)
def vote_for_article(slug: str) -> ResponseReturnValue:
    """Yes or no, and perhaps a few words. Staff are told that theirs does not count."""
    try:
        article = queries.get_published(slug)
    except NotFound:
        return missing_page(slug)
    helped = ANSWERS.get(request.form.get("helped", ""))
    if helped is None:
        abort(400)
    back = redirect(url_for("portal.article", slug=slug, _anchor="vote"), 303)
    customer = current_customer()
    if customer is None and current_user.is_authenticated:
        flash(_("You are signed in as staff: your answer is not counted."), "warning")
        return back
    form = VoteForm()
    if not form.validate():
        return article_page(article, form), 422
    cookie = readers.known_cookie() or (None if customer else readers.new_cookie())
    reader, said = readers.reader_of(article, cookie), form.comment.data if "comment" in request.form else None
    try:
        vote(article, reader=reader, customer=customer, helped=helped, comment=said, at=clock.now())
    except Refused as refused:
        form.refuse(refused)
        return article_page(article, form), 422
    db.session.commit()
    if cookie and not customer:
        readers.remember(back, cookie)
    return back
