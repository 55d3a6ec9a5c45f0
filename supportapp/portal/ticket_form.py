"""«Отправить обращение»."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.certificates.models import Product
from supportapp.certificates.queries import get_registered_certificate, today
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.portal import blueprint, limits, search_log
from supportapp.portal.attachments import receive_files, waiting_files
from supportapp.portal.entitlements import Choice, choices_for, products_for, promise_words
from supportapp.portal.forms.tickets import NO_CERTIFICATE, TicketForm
from supportapp.portal.kept_text import note_sent, typed_text_kept
from supportapp.portal.regulation import regulation_required
from supportapp.portal.secret_guard import guard_texts
from supportapp.portal.session import customer_required, the_customer
from supportapp.portal.suggestions import look_first
from supportapp.tickets import operations, queries, rules
from supportapp.tickets.models import Ticket


@blueprint.route("/tickets/new", methods=["GET", "POST"])
@typed_text_kept
@customer_required
@regulation_required
@limits.attempts("60 per hour", limits.account)
def new_ticket() -> ResponseReturnValue:
    """The form; sent twice, it leads to the one ticket that it made."""
    customer, at = the_customer(), clock.now()
    choices = choices_for(customer, at=at)
    products = products_for(choices)
    form = _form(choices, products)
    if request.method == "POST":
        made = queries.find_ticket_of_form(customer, form.token)
        ticket = made or _send(form, customer, products, at=at)
        if ticket is not None:
            return _show_sent(ticket, form, again=made is not None)
    files = waiting_files(form, customer)
    page = render_template(
        "portal/tickets/new.html", form=form, choices=choices, products=products, files=files, promise=promise_words
    )
    return page, 422 if form.problems or form.asks else 200


def _form(choices: list[Choice], products: list[Product]) -> TicketForm:
    certificate = _asked_for(choices)
    covered = certificate.certificate.products if certificate else []
    form = TicketForm(
        certificate=str(certificate.certificate.id) if certificate else None if choices else NO_CERTIFICATE,
        product=str(covered[0].id) if len(covered) == 1 else "",
        subject=request.args.get("subject", "")[: rules.SUBJECT_LENGTH],
    )
    form.product.choices = [("", _("Not named")), *((str(product.id), product.name) for product in products)]
    return form


def _asked_for(choices: list[Choice]) -> Choice | None:
    """The certificate that the link here named, or the only one there is."""
    wanted = request.args.get("certificate")
    named = [choice for choice in choices if str(choice.certificate.id) == wanted]
    if named:
        return named[0]
    return choices[0] if len(choices) == 1 else None


def _send(form: TicketForm, customer: Customer, products: list[Product], *, at: datetime) -> Ticket | None:
    """The new ticket, or None with the problems written into the form. Files are kept either way."""
    form.validate()
    certificate_id = _chosen_certificate(form, customer, at=at)
    receive_files(form, owner=customer, at=at)
    guard_texts(form, "subject", "body", "product_version", "operating_system")
    if form.problems or form.asks:
        return None
    covered = _covered(customer, certificate_id, at=at)
    product = _chosen_product(form, covered, products)
    if look_first(form, product, covered, at=at):
        return None
    try:
        ticket = operations.submit(
            customer=customer,
            subject=form.subject.data or "",
            body=form.body.data or "",
            product=product,
            product_version=form.product_version.data or "",
            operating_system=form.operating_system.data or "",
            certificate_id=certificate_id,
            files=waiting_files(form, customer),
            form_token=form.token,
            at=at,
        )
        search_log.note_ticket(search_log.asking_of_form(), ticket, at=at)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        form.refuse(refused)
        return None
    return ticket


def _chosen_certificate(form: TicketForm, customer: Customer, *, at: datetime) -> int | None:
    """Its id, or None for a ticket without one. A foreign one and one that ended meanwhile are told at the field."""
    chosen = form.certificate.data
    if not chosen or chosen == NO_CERTIFICATE:
        return None
    try:
        number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) <= 19 else 0
        return get_registered_certificate(customer, number, today=today(at)).id
    except NotFound:
        form.add_problem(_("This certificate is not among yours. Choose another one."), "certificate")
    except Refused as refused:
        form.refuse(refused)
    return None


def _covered(customer: Customer, certificate_id: int | None, *, at: datetime) -> list[Product]:
    """The products of the chosen certificate."""
    return get_registered_certificate(customer, certificate_id, today=today(at)).products if certificate_id else []


def _chosen_product(form: TicketForm, covered: list[Product], products: list[Product]) -> Product | None:
    """The product that was named, or the only one that the certificate covers."""
    for product in products:
        if str(product.id) == form.product.data:
            return product
    return covered[0] if len(covered) == 1 else None


def _show_sent(ticket: Ticket, form: TicketForm, *, again: bool) -> ResponseReturnValue:
    note_sent(form.token)
    if again:
        sentence = _("This form was sent already: here is its ticket %(reference)s.", reference=ticket.reference)
        flash(f"{sentence} {_('For another question open a new form.')}", "info")
    else:
        flash(
            _(
                "Ticket %(reference)s is sent. A confirmation goes to %(email)s.",
                reference=ticket.reference,
                email=ticket.customer.email,
            ),
            "success",
        )
    return redirect(url_for("portal.ticket", reference=ticket.reference), 303)
