"""The wizard that registers a certificate: number, activation code, check and confirm.

What was entered waits in the session between the steps, so that going back loses nothing. Every step asks the
register anew.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.certificates import operations, queries
from supportapp.certificates.models import Certificate
from supportapp.certificates.rules import CertificateKind
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.portal import blueprint, limits
from supportapp.portal.forms.certificates import CodeForm, NumberForm
from supportapp.portal.regulation import regulation_required
from supportapp.portal.session import customer_required, the_customer

NOTES = "certificate_wizard"


@blueprint.route("/certificates/new", methods=["GET", "POST"])
@customer_required
@regulation_required
def new_certificate() -> ResponseReturnValue:
    """Step 1: certificate or contract, and its number."""
    notes = session.get(NOTES, {})
    form = NumberForm(kind=notes.get("kind", str(CertificateKind.CERTIFICATE)), number=notes.get("number", ""))
    if form.validate_on_submit():
        session[NOTES] = {**notes, "kind": form.kind.data, "number": form.number.data}
        return redirect(url_for("portal.new_certificate_code"))
    return render_template("portal/wizard_number.html", form=form, step=1), 422 if form.problems else 200


@blueprint.route("/certificates/new/code", methods=["GET", "POST"])
@customer_required
@limits.failures_only("60 per hour", limits.visitor)
@limits.failures_only("10 per hour", limits.account)
def new_certificate_code() -> ResponseReturnValue:
    """Step 2: the activation code. Wrong ones are counted."""
    notes = session.get(NOTES, {})
    if not notes.get("number"):
        return redirect(url_for("portal.new_certificate"))
    form = CodeForm(code=notes.get("code", ""))
    refused = None
    if form.validate_on_submit():
        session[NOTES] = notes = {**notes, "code": form.code.data}
        try:
            _look_up(notes)
            return redirect(url_for("portal.check_certificate"))
        except Refused as refusal:
            refused = _put_next_to_the_code(form, refusal)
    page = render_template("portal/wizard_code.html", form=form, step=2, notes=notes, refused=refused)
    return page, 422 if form.problems else 200


@blueprint.route("/certificates/new/check", methods=["GET", "POST"])
@customer_required
@limits.failures_only("60 per hour", limits.visitor)
@limits.failures_only("10 per hour", limits.account)
def check_certificate() -> ResponseReturnValue:
    """Step 3: what was found, and the button that registers it."""
    notes = session.get(NOTES, {})
    if not notes.get("code"):
        return redirect(url_for("portal.new_certificate"))
    form = CodeForm(formdata=None, code=notes["code"])
    try:
        certificate = _look_up(notes)
        return _register(certificate) if request.method == "POST" else _show(certificate)
    except Refused as refusal:
        db.session.rollback()
        refused = _put_next_to_the_code(form, refusal)
        return render_template("portal/wizard_code.html", form=form, step=2, notes=notes, refused=refused), 422


def _look_up(notes: dict[str, str]) -> Certificate:
    try:
        kind = CertificateKind(notes["kind"])
        return operations.look_up(kind, notes["number"], notes["code"], customer=the_customer(), at=clock.now())
    except Refused as refused:
        if refused.reason == "not_found_or_wrong_code":
            limits.count_failure()
        raise


def _put_next_to_the_code(form: CodeForm, refused: Refused) -> Refused:
    form.refuse(Refused(refused.reason, refused.sentence, field="code", **refused.params))
    return refused


def _show(certificate: Certificate) -> ResponseReturnValue:
    free = queries.free_seats(certificate)
    return render_template("portal/wizard_check.html", certificate=certificate, step=3, free_seats=free)


def _register(certificate: Certificate) -> ResponseReturnValue:
    operations.register(certificate, by=the_customer(), at=clock.now())
    db.session.commit()
    session.pop(NOTES, None)
    if certificate.kind is CertificateKind.CONTRACT:
        sentence = _("Contract %(number)s is successfully registered.", number=certificate.number)
    else:
        sentence = _("Certificate %(number)s is successfully registered.", number=certificate.number)
    flash(sentence, "success")
    return redirect(url_for("portal.certificates"))
