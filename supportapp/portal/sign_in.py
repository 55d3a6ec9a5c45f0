"""Sign-in, sign-out."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock, database
from supportapp.accounts import operations
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.portal import blueprint, limits, session
from supportapp.portal.forms.accounts import SignInForm
from supportapp.portal.next_page import requested_next


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limits.failures_only("100 per 10 minutes", limits.visitor)
@limits.failures_only("10 per 10 minutes", limits.visitor_and_email)
def sign_in() -> ResponseReturnValue:
    """E-mail and password; afterwards the page that was asked for."""
    wanted = requested_next()
    if session.current_customer() is not None:
        return redirect(wanted or url_for("portal.home"))
    form = SignInForm()
    if form.validate_on_submit():
        try:
            _authenticate(form)
            return redirect(wanted or url_for("portal.home"))
        except Refused as refused:
            limits.count_failure()
            form.refuse(refused)
    return render_template("portal/sign_in.html", form=form, next=wanted), 422 if form.problems else 200


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    session.sign_out()
    flash(_("You have signed out."), "info")
    return redirect(url_for("portal.home"))


@blueprint.post("/profile/sign-out-everywhere")
@session.customer_required
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the customer but this one."""
    customer = session.the_customer()
    operations.sign_out_everywhere(customer)
    db.session.commit()
    session.sign_in(customer)
    flash(_("All your other sessions have ended. Only this browser is still signed in."), "success")
    return redirect(url_for("portal.profile"))


def _authenticate(form: SignInForm) -> None:
    """Hashing the password takes time; nobody waits for it, since the transaction only reads."""
    with database.reading():
        db.session.rollback()
        session.sign_in(operations.authenticate(form.email.data, form.password.data or "", at=clock.now()))
        db.session.rollback()
