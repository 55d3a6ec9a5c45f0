"""Certificates and contracts: written by ``certificates.operations``; the activation code is for managers."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from supportapp import clock
from supportapp.audit.rules import Act
from supportapp.certificates import operations
from supportapp.certificates.models import Certificate, Product, SupportLevel
from supportapp.certificates.queries import find_registration_of, free_seats, today
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.staff import changes, labels
from supportapp.staff.forms import row_choices, sentence, show_refusal, stripped
from supportapp.staff.interface import StaffInterface, readable_id
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import WRITE
from supportapp.staff.security import may, signed_in_staff


class CertificateForm(DynamicForm):
    kind = SelectField(_l("Kind"), choices=labels.choices(CertificateKind))
    number = StringField(_l("Number"), [InputRequired(), Length(max=64)], filters=[stripped])
    activation_code = StringField(_l("Activation code"), [InputRequired(), Length(max=64)], filters=[stripped])
    level = SelectField(_l("Support level"), [InputRequired()])
    products = SelectMultipleField(_l("Products"))
    holder = StringField(_l("Holder"), [InputRequired(), Length(max=200)], filters=[stripped])
    valid_from = DateField(_l("Valid from"), [InputRequired()])
    valid_to = DateField(_l("Valid to"), [InputRequired()])
    seats = IntegerField(
        _l("Seats"), [InputRequired(), NumberRange(1, 100_000)], default=1, description=_l("A certificate has one.")
    )

    @classmethod
    def refresh(cls, obj: Any = None) -> CertificateForm:
        form = cls(obj=obj) if not isinstance(obj, Certificate) else cls()
        form.level.choices = row_choices(SupportLevel)
        form.products.choices = row_choices(Product, blank=False)
        return form


class RevocationForm(FlaskForm):
    reason = TextAreaField(_l("Reason, for staff"), [InputRequired(_l("Say why.")), Length(max=200)])


class CertificateView(StaffModelView):
    datamodel = StaffInterface(Certificate)
    route_base = "/staff/certificates"
    exclude_route_methods = StaffModelView.exclude_route_methods | {"delete"}
    list_title, add_title, edit_title = _l("Certificates and contracts"), _l("New certificate"), _l("Certificate")
    list_template = "staff/certificates.html"
    show_template = "staff/certificate.html"
    label_columns = {
        "number": _l("Number"),
        "kind": _l("Kind"),
        "holder": _l("Holder"),
        "level": _l("Support level"),
        "products": _l("Products"),
        "valid_from": _l("Valid from"),
        "valid_to": _l("Valid to"),
        "seats": _l("Seats"),
        "revoked_at": _l("Revoked"),
        "revocation_reason": _l("Reason of the revocation"),
        "created_at": _l("Entered"),
        "created_by": _l("Entered by"),
    }
    list_columns = ["number", "kind", "holder", "level", "valid_from", "valid_to", "seats", "revoked_at"]
    show_columns = list(label_columns)
    search_columns = ["number", "holder", "kind", "level", "products", "valid_to"]
    order_columns = ["number", "holder", "valid_from", "valid_to"]
    base_order = ("id", "desc")
    add_form = edit_form = CertificateForm

    def show_context(self, item: Any) -> dict[str, Any]:
        manager = may(WRITE, "CertificateView")
        return {
            "state": item.state(today(clock.now())),
            "label": labels.label,
            "free": free_seats(item),
            "activation_code": item.activation_code if manager else None,
            "may_revoke": manager and not item.is_revoked,
            "may_release": manager,
        }

    def create(self, form: FlaskForm) -> Certificate:
        return operations.enter_certificate(**_written(form), by=signed_in_staff(), at=clock.now())

    def change(self, item: Any, form: FlaskForm) -> None:
        operations.update_certificate(item, **_written(form), by=signed_in_staff(), at=clock.now())

    def prefill(self, form: FlaskForm, item: Any) -> None:
        for name in ("number", "activation_code", "holder", "valid_from", "valid_to", "seats"):
            form[name].data = getattr(item, name)
        form["kind"].data = item.kind.value
        form["level"].data = str(item.level_id)
        form["products"].data = [str(product.id) for product in item.products]

    @expose("/<pk>/revocation", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def revoke(self, pk: str) -> ResponseReturnValue:
        certificate = self.datamodel.get(pk) or abort(404)
        form, back = RevocationForm(), self.show_url(certificate)
        if form.validate_on_submit() and _revoked(form, certificate):
            flash(_("The certificate is revoked."), "success")
            return redirect(back, 303)
        title = _("Revoke %(number)s", number=certificate.number)
        lead = _("It can no longer be registered or chosen, for good. Tickets sent under it keep their priority.")
        page = self.render_template(
            "staff/form_page.html", title=title, lead=lead, form=form, back=back, button=_("Revoke"), style="btn-danger"
        )
        return page, 422 if request.method == "POST" else 200

    @expose("/<pk>/registrations/<key>/release", methods=["POST"])
    @has_access
    @permission_name("write")
    def release(self, pk: str, key: str) -> ResponseReturnValue:
        certificate = self.datamodel.get(pk) or abort(404)
        registration = find_registration_of(certificate, readable_id(key) or 0) or abort(404)
        try:
            operations.take_seat_back(registration, by=signed_in_staff(), at=clock.now())
            changes.note(Act.SEAT_RELEASED, certificate, str(registration.customer))
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
        else:
            flash(_("The seat is free, and the customer is told by mail."), "success")
        return redirect(self.show_url(certificate), 303)


def _revoked(form: RevocationForm, certificate: Certificate) -> bool:
    before = changes.snapshot(certificate)
    try:
        operations.revoke(certificate, form.reason.data or "", by=signed_in_staff(), at=clock.now())
        changes.note("revoked", certificate, before=before)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        show_refusal(form, refused)
        return False
    return True


def _written(form: FlaskForm) -> dict[str, Any]:
    level = readable_id(form["level"].data or "")
    products = [int(key) for key in form["products"].data or []]
    plain = ("number", "activation_code", "holder", "valid_from", "valid_to", "seats")
    return {
        "kind": CertificateKind(form["kind"].data),
        "level": db.session.get(SupportLevel, level) if level else None,
        "products": list(db.session.scalars(select(Product).where(Product.id.in_(products)))),
        **{name: form[name].data for name in plain},
    }
