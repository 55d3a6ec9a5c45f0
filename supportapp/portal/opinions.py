"""Whether the customer is satisfied: asked on the page of a closed ticket, and after a signed link has closed it."""

from __future__ import annotations

from flask import flash, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import csrf, db
from supportapp.portal import answer, blueprint, limits
from supportapp.portal.forms.tickets import OpinionForm
from supportapp.portal.secret_guard import guard_texts
from supportapp.portal.session import customer_required, the_customer
from supportapp.portal.ticket_page import show_ticket
from supportapp.tickets import queries
from supportapp.tickets.links import AnswerPurpose
from supportapp.tickets.models import Ticket
from supportapp.tickets.opinions import give_opinion
from supportapp.tickets.rules import Satisfied

THANKS = "opinion_given"


@blueprint.post("/tickets/<reference>/opinion")
@customer_required
@limits.attempts("60 per hour", limits.account)
def give(reference: str) -> ResponseReturnValue:
    """The answer of the customer who is signed in."""
    customer, form = the_customer(), OpinionForm()
    ticket = queries.get_ticket_for(customer, reference)
    if not _given(ticket, form):
        return show_ticket(queries.get_ticket_for(customer, reference), opinion=form)
    flash(_("Thank you for your answer."), "success")
    return redirect(url_for("portal.ticket", reference=ticket.reference, _anchor="opinion"), 303)


@blueprint.post("/answered/opinion")
@limits.attempts("60 per hour", limits.visitor)
def give_after_link() -> ResponseReturnValue:
    """The answer of the person whose signed link has just closed the ticket; nobody need be signed in."""
    ticket_id, purpose = session.get(answer.DONE) or (0, "")
    ticket = queries.find_ticket(ticket_id)
    if ticket is None or purpose != AnswerPurpose.SOLVED:
        return redirect(url_for("portal.home"), 303)
    form = OpinionForm()
    with answer.in_language_of(ticket):
        if not _given(ticket, form):
            page = answer.what_was_done(queries.find_ticket(ticket_id) or ticket, AnswerPurpose.SOLVED, form=form)
            return answer.quiet((page, 422))
        flash(_("Thank you for your answer."), "success")
    return answer.quiet(redirect(url_for("portal.answered"), 303))


# As the signed links themselves: a page without referrer fails the global check, and the form checks the same token.
csrf.exempt(give_after_link)


def _given(ticket: Ticket, form: OpinionForm) -> bool:
    if form.validate():
        guard_texts(form, "comment")
        if not form.asks:
            try:
                give_opinion(
                    ticket,
                    Satisfied(form.answer.data),
                    form.comment.data or "",
                    by=ticket.customer,
                    at=clock.now(),
                )
                db.session.commit()
                return True
            except Refused as refused:
                db.session.rollback()
                form.refuse(refused)
    if "csrf_token" in form.errors:
        form.add_problem(_("This page was open for too long. Please press the button once more."))
    return False
