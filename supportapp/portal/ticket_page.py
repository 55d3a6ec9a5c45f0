"""The page of one ticket, shown after looking and after an act that was refused."""

from __future__ import annotations

from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue

from supportapp import clock
from supportapp.extensions import settings
from supportapp.portal import ticket_story
from supportapp.portal.attachments import waiting_files
from supportapp.portal.entitlements import choices_for, promise_words
from supportapp.portal.forms.tickets import OpinionForm, ReopenForm, ReplyForm
from supportapp.portal.labels import SATISFIED
from supportapp.portal.session import the_customer
from supportapp.tickets import queries, rules
from supportapp.tickets.models import Ticket
from supportapp.tickets.opinions import find_opinion, is_asked
from supportapp.tickets.rules import AWAITING_CUSTOMER, CloseReason
from supportapp.tickets.waiting import EXTENSION_DAYS, REACTION_DAYS


def show_ticket(
    ticket: Ticket,
    *,
    reply: ReplyForm | None = None,
    reopening: ReopenForm | None = None,
    opinion: OpinionForm | None = None,
    seen_at: datetime | None = None,
) -> ResponseReturnValue:
    """The page; a form that was refused is shown with its problems and everything typed. ``seen_at`` is when the
    customer last looked before now: what support wrote since is marked as new."""
    at, customer = clock.now(), the_customer()
    refused = next(
        (form for form in (reply, reopening, opinion) if form is not None and (form.problems or form.asks)), None
    )
    reply = reply or ReplyForm(formdata=None)
    reopening = reopening or ReopenForm(formdata=None, body=reply.body.data)
    choices = choices_for(customer, at=at) if ticket.is_open else []
    page = render_template(
        "portal/tickets/ticket.html",
        ticket=ticket,
        reply=reply,
        reopening=reopening,
        opinion_words=SATISFIED,
        opinion=(opinion or opinion_form(ticket)) if is_asked(ticket) else None,
        said=find_opinion(ticket) if is_asked(ticket) else None,
        refused=refused,
        files=waiting_files(reply, customer) if ticket.is_open else [],
        messages=queries.conversation(ticket, internal=False),
        seen_at=seen_at,
        events=ticket_story.events(ticket),
        mails=ticket_story.mails(ticket),
        deadline=queries.deadline_of(ticket),
        choices=[choice for choice in choices if choice.certificate.id != ticket.certificate_id],
        promise=promise_words,
        can_reopen=rules.can_reopen(ticket.status, ticket.close_reason, ticket.closed_at, at, settings.REOPEN_DAYS),
        merged=ticket.merged_into if ticket.close_reason is CloseReason.MERGED else None,
        reopen_days=settings.REOPEN_DAYS,
        reaction_days=REACTION_DAYS,
        extension_days=EXTENSION_DAYS,
        awaiting=ticket.status in AWAITING_CUSTOMER,
        now=at,
    )
    return page, 422 if refused else 200


def opinion_form(ticket: Ticket) -> OpinionForm:
    """The question whether the customer is satisfied, filled with what he has said of this closing."""
    said = find_opinion(ticket)
    if said is None:
        return OpinionForm(formdata=None)
    return OpinionForm(formdata=None, answer=said.answer.value, comment=said.comment)
