"""A ticket that staff submit on behalf of a customer, who telephoned for instance."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.accounts.queries import find_customer_by_email
from supportapp.certificates.queries import active_products, choosable_certificates, today
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.staff.forms import show_refusal
from supportapp.staff.frame import StaffScreen, language
from supportapp.staff.interface import readable_id
from supportapp.staff.secret_guard import SecretWarning, guard_texts, posted_warning
from supportapp.staff.security import signed_in_staff
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket


class NewTicketForm(FlaskForm):
    customer = HiddenField()
    form_token = HiddenField()
    certificate = SelectField(_l("Certificate"))
    product = SelectField(_l("Product"))
    product_version = StringField(_l("Version of the product"))
    operating_system = StringField(_l("Operating system"))
    subject = StringField(_l("Subject"))
    body = TextAreaField(_l("Description"), render_kw={"rows": 12})


class NewTicketPage(StaffScreen):
    """First the customer by e-mail address, then the ticket."""

    route_base = "/staff/tickets"
    default_view = "new"

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("act")
    def new(self) -> ResponseReturnValue:
        email = request.values.get("customer", "").strip()
        customer = find_customer_by_email(email) if email else None
        if customer is None:
            return self.render_template("staff/tickets/new_customer.html", email=email, unknown=bool(email))
        form, warning = _form(customer), posted_warning()
        if form.validate_on_submit():
            ticket = _submitted(form, customer, warning)
            if ticket is not None:
                flash(_("The ticket is submitted and the customer is told."), "success")
                return redirect(url_for("TicketPage.show", reference=ticket.reference), 303)
        page = self.render_template("staff/tickets/new.html", form=form, customer=customer, secrets=warning)
        return page, 422 if request.method == "POST" else 200


def _form(customer: Customer) -> NewTicketForm:
    form = NewTicketForm(data={"customer": customer.email, "form_token": uuid.uuid4().hex})
    certificates = choosable_certificates(customer, today=today(clock.now()))
    form.certificate.choices = [("", _("no certificate: the lowest priority"))] + [
        (str(certificate.id), f"{certificate.number} · {certificate.level.name(language())}")
        for certificate in certificates
    ]
    form.product.choices = [("", "—"), *((str(product.id), product.name) for product in active_products())]
    return form


def _submitted(form: NewTicketForm, customer: Customer, warning: SecretWarning) -> Ticket | None:
    texts = {"subject": form.subject.data or "", "body": form.body.data or ""}
    labels = {"subject": form.subject.label.text, "body": form.body.label.text}
    texts = dict(guard_texts(warning, texts, labels, customer.language))
    form.subject.data, form.body.data = texts["subject"], texts["body"]
    if warning.asks:
        return None
    products: dict[str, Any] = {str(product.id): product for product in active_products()}
    try:
        ticket = operations.submit(
            customer=customer,
            subject=form.subject.data or "",
            body=form.body.data or "",
            product=products.get(form.product.data or ""),
            product_version=form.product_version.data or "",
            operating_system=form.operating_system.data or "",
            certificate_id=readable_id(form.certificate.data or ""),
            form_token=(form.form_token.data or uuid.uuid4().hex)[:64],
            by=signed_in_staff(),
            at=clock.now(),
        )
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        show_refusal(form, refused)
        return None
    except NotFound:
        db.session.rollback()
        flash(_("The form was used for another customer. Start again."), "danger")
        return None
    return ticket
