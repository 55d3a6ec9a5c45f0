"""Signed links from mails: opening one shows a page with one button, and only the button acts. No sign-in.

The address is the secret, so these pages send no referrer at all. Flask-WTF's global check insists on one over https;
hence the view is exempt from it, and the form checks the same token itself.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import csrf, db
from supportapp.portal import blueprint, limits
from supportapp.portal.answer_words import outcome
from supportapp.portal.forms.tickets import AnswerForm, OpinionForm
from supportapp.portal.labels import SATISFIED
from supportapp.portal.language import language
from supportapp.portal.secret_guard import guard_texts
from supportapp.portal.ticket_page import opinion_form
from supportapp.portal.ticket_standing import standing
from supportapp.tickets import operations, queries
from supportapp.tickets.links import AnswerLink, AnswerPurpose, read_link
from supportapp.tickets.models import Ticket
from supportapp.tickets.opinions import find_opinion, is_asked

DONE = "answered"
WITH_WORDS = (AnswerPurpose.NOT_SOLVED, AnswerPurpose.REOPEN)
LEADS_NOWHERE = "link_unknown"


@blueprint.route("/answer/<token>", methods=["GET", "POST"])
@limits.links()
@limits.attempts("60 per hour", limits.visitor)
def answer(token: str) -> ResponseReturnValue:
    """What the link does, and the button that does it."""
    at = clock.now()
    try:
        link = read_link(token, at=at)
    except Refused as refused:
        limits.count_failure()
        return quiet(_refused(refused, None))
    form = AnswerForm()
    try:
        if request.method == "POST" and form.validate():
            guard_texts(form, "body")
            if not form.asks:
                return quiet(_act(link, form))
        if "csrf_token" in form.errors:
            form.add_problem(_("This page was open for too long. Please press the button once more."))
        ticket = operations.check_answer(link, at=at)
    except Refused as refused:
        db.session.rollback()
        if refused.field is None:
            return quiet(_refused(refused, link))
        form.refuse(refused)
        ticket = operations.check_answer(link, at=at)
    with in_language_of(ticket):
        page = render_template(
            "portal/answer/ask.html", form=form, ticket=ticket, purpose=link.purpose, words=link.purpose in WITH_WORDS
        )
    return quiet((page, 422 if form.problems or form.asks else 200))


csrf.exempt(answer)


@blueprint.get("/answered")
def answered() -> ResponseReturnValue:
    """What the button did."""
    ticket_id, purpose = session.get(DONE) or (0, "")
    ticket = queries.find_ticket(ticket_id)
    if ticket is None:
        return redirect(url_for("portal.home"))
    with in_language_of(ticket):
        return quiet(what_was_done(ticket, AnswerPurpose(purpose)))


def what_was_done(ticket: Ticket, purpose: AnswerPurpose, *, form: OpinionForm | None = None) -> str:
    """The page that follows the button; who has closed the ticket is asked whether he is satisfied."""
    asked = purpose is AnswerPurpose.SOLVED and is_asked(ticket)
    return render_template(
        "portal/answer/done.html",
        ticket=ticket,
        outcome=outcome(purpose, ticket),
        opinion_words=SATISFIED,
        opinion=(form or opinion_form(ticket)) if asked else None,
        said=find_opinion(ticket) if asked else None,
        address=url_for("portal.give_after_link"),
    )


def _act(link: AnswerLink, form: AnswerForm) -> ResponseReturnValue:
    body = (form.body.data or "") if link.purpose in WITH_WORDS else ""
    ticket = operations.answer(link, at=clock.now(), body=body)
    db.session.commit()
    session[DONE] = [ticket.id, link.purpose.value]
    return redirect(url_for("portal.answered"), 303)


def _refused(refused: Refused, link: AnswerLink | None) -> ResponseReturnValue:
    """A link that is genuine and no longer acts tells how the ticket stands: nobody knows by what door it got there."""
    is_unknown = refused.reason == LEADS_NOWHERE
    ticket = queries.find_ticket(link.ticket_id) if link and not is_unknown else None
    with in_language_of(ticket):
        page = render_template(
            "portal/answer/refused.html",
            is_unknown=is_unknown,
            ticket=ticket,
            standing=standing(ticket, at=clock.now()) if ticket else None,
            sentence=refused.text(language()),
        )
    return page, 200 if ticket else 404 if is_unknown else 410


def in_language_of(ticket: Ticket | None) -> AbstractContextManager[Any]:
    """The language of the mail that brought the person here, unless he has chosen one with the switch."""
    if ticket is None or "locale" in session:
        return nullcontext()
    locale: AbstractContextManager[Any] = force_locale(ticket.customer.language)
    return locale


def quiet(page: ResponseReturnValue) -> Response:
    """The address must not travel: no referrer, no search engine, no cache."""
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
