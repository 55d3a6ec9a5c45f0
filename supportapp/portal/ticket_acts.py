"""What a customer does with a ticket: each act is a POST of its own, committed once, then back to the ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.portal import blueprint, limits
from supportapp.portal.attachments import receive_files, waiting_files
from supportapp.portal.deadline_words import last_day
from supportapp.portal.forms.tickets import ReopenForm, ReplyForm
from supportapp.portal.kept_text import note_sent, typed_text_kept
from supportapp.portal.language import language
from supportapp.portal.secret_guard import guard_texts
from supportapp.portal.session import customer_required, the_customer
from supportapp.portal.ticket_page import show_ticket
from supportapp.tickets import operations, queries
from supportapp.tickets.models import Message, Ticket
from supportapp.tickets.operations.record import lock

DOUBLE_CLICK = timedelta(minutes=1)


@blueprint.get("/tickets/<reference>/<any(replies,acceptance,withdrawal,extension,reopening,certificate,opinion):act>")
@customer_required
def back_to_ticket(reference: str, act: str) -> ResponseReturnValue:
    """The address of an act, opened: after signing in again or switching the language of a page that was refused."""
    return _back(queries.get_ticket_for(the_customer(), reference))


@blueprint.post("/tickets/<reference>/replies")
@typed_text_kept
@customer_required
@limits.attempts("120 per hour", limits.account)
def reply(reference: str) -> ResponseReturnValue:
    """Write to the engineers."""
    customer, at, form = the_customer(), clock.now(), ReplyForm()
    ticket = queries.get_ticket_for(customer, reference)
    form.validate()
    receive_files(form, owner=customer, at=at)
    guard_texts(form, "body")
    if form.problems or form.asks:
        return show_ticket(ticket, reply=form)
    try:
        message = _reply_once(ticket, form)
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return show_ticket(queries.get_ticket_for(customer, reference), reply=form)
    note_sent(form.token)
    if message.ticket_id != ticket.id:
        flash(_("Your reply went to %(reference)s, where this ticket goes on.", reference=message.ticket.reference))
    else:
        flash(_("Your reply is sent."), "success")
    return _back(message.ticket, f"message-{message.id}")


@blueprint.post("/tickets/<reference>/acceptance")
@customer_required
def accept_solution(reference: str) -> ResponseReturnValue:
    """The problem is solved."""
    return _act(reference, operations.accept_solution, _("Thank you! The ticket is closed as solved."))


@blueprint.post("/tickets/<reference>/withdrawal")
@customer_required
def withdraw(reference: str) -> ResponseReturnValue:
    """The ticket is needed no longer."""
    return _act(reference, operations.withdraw, _("The ticket is withdrawn."))


@blueprint.post("/tickets/<reference>/extension")
@customer_required
def ask_for_more_time(reference: str) -> ResponseReturnValue:
    """Three more working days, once."""
    return _act(reference, operations.ask_for_more_time, _extended)


@blueprint.post("/tickets/<reference>/reopening")
@typed_text_kept
@customer_required
def reopen(reference: str) -> ResponseReturnValue:
    """Bring a closed ticket back to work, with or without words."""
    customer, form = the_customer(), ReopenForm()
    ticket = queries.get_ticket_for(customer, reference)
    form.validate()
    guard_texts(form, "body")
    if form.problems or form.asks:
        return show_ticket(ticket, reopening=form)
    try:
        operations.reopen(ticket, by=customer, at=clock.now(), body=form.body.data or "")
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return show_ticket(queries.get_ticket_for(customer, reference), reopening=form)
    flash(_("The ticket is open again. It is back in the engineers' queue."), "success")
    return _back(ticket)


@blueprint.post("/tickets/<reference>/certificate")
@customer_required
def choose_certificate(reference: str) -> ResponseReturnValue:
    """Put the ticket under another certificate; its priority and targets follow."""
    ticket, chosen = queries.get_ticket_for(the_customer(), reference), request.form.get("certificate", "")
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) <= 19 and int(chosen)):
        flash(_("Choose the certificate first."), "warning")
        return _back(ticket, "certificate-choice")
    act = partial(operations.choose_certificate, certificate_id=int(chosen))
    try:
        return _act(reference, act, _("The ticket goes under the chosen certificate; its priority follows."))
    except NotFound:
        db.session.rollback()
        flash(_("This certificate is not among yours. Choose another one."), "warning")
        return _back(ticket)


def _act(reference: str, act: Callable[..., object], done: str | Callable[[Ticket], str]) -> ResponseReturnValue:
    customer = the_customer()
    ticket = queries.get_ticket_for(customer, reference)
    try:
        act(ticket, by=customer, at=clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        flash(refused.text(language()), "warning")
    else:
        flash(done if isinstance(done, str) else done(ticket), "success")
    return _back(ticket)


def _reply_once(ticket: Ticket, form: ReplyForm) -> Message:
    """Send the reply; of a double click the second finds it said already."""
    customer, at, body = the_customer(), clock.now(), form.body.data or ""
    lock(ticket)
    files = waiting_files(form, customer)
    said = queries.conversation(ticket, internal=False)
    if said and _is_same(said[-1], customer, body, files, at=at):
        return said[-1]
    message = operations.reply(ticket, body, by=customer, at=at, files=files)
    db.session.commit()
    return message


def _is_same(last: Message, by: Customer, body: str, files: list[StoredFile], *, at: datetime) -> bool:
    if last.customer_id != by.id or last.body != body.strip() or at - last.created_at > DOUBLE_CLICK:
        return False
    return not files or [stored.name for stored in files] == [stored.name for stored in last.files]


def _extended(ticket: Ticket) -> str:
    deadline = queries.deadline_of(ticket)
    assert deadline is not None
    return str(_("The ticket stays open up to and including %(day)s.", day=last_day(deadline.last_day)))


def _back(ticket: Ticket, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("portal.ticket", reference=ticket.reference, _anchor=anchor), 303)
