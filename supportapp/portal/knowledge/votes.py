"""«Помогла ли статья?»: an answer without a script, changed as often as the reader likes."""

from __future__ import annotations

from datetime import datetime

from flask import abort, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.kb import queries
from supportapp.kb.models import Article
from supportapp.kb.votes import vote
from supportapp.portal import blueprint, limits
from supportapp.portal.forms.knowledge import VoteForm
from supportapp.portal.knowledge import readers
from supportapp.portal.knowledge.articles import article_page
from supportapp.portal.session import current_customer

ANSWERS = {"yes": True, "no": False}


@blueprint.post("/kb/<slug>/vote")
@limits.attempts("60 per hour", limits.account)
def vote_for_article(slug: str) -> ResponseReturnValue:
    """Yes or no, and perhaps a few words. Staff are told that theirs does not count."""
    article = queries.get_published(slug)
    helped = ANSWERS.get(request.form.get("helped", ""))
    if helped is None:
        abort(400)
    back = redirect(url_for("portal.article", slug=slug, _anchor="vote"), 303)
    customer = current_customer()
    if customer is None and current_user.is_authenticated:
        flash(_("You are signed in as staff: your answer is not counted."), "warning")
        return back
    form, at = VoteForm(), clock.now()
    cookie = readers.known_cookie() or (None if customer else readers.new_cookie())
    reader = readers.reader_of(article, cookie)
    vote(article, reader=reader, customer=customer, helped=helped, at=at)
    if _comment(article, form, reader, customer, helped=helped, at=at):
        answer = make_response(back)
    else:  # the answer counts, whatever is wrong with the words
        answer = make_response(article_page(article, form, reader=reader), 422)
    db.session.commit()
    if cookie and not customer:
        readers.remember(answer, cookie)
    return answer


def _comment(
    article: Article, form: VoteForm, reader: str | None, customer: Customer | None, *, helped: bool, at: datetime
) -> bool:
    """Keep the words, if any came; False with the problem in the form when they cannot be kept."""
    if "comment" not in request.form:
        return True
    if not form.validate():
        return False
    try:
        vote(article, reader=reader, customer=customer, helped=helped, comment=form.comment.data or "", at=at)
    except Refused as refused:
        form.refuse(refused)
        return False
    return True
