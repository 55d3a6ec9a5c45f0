"""Passwords: forgotten and changed."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.accounts import operations
from supportapp.accounts.models import LinkPurpose
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.portal import blueprint, limits
from supportapp.portal.forms.accounts import ChangePasswordForm, ForgotPasswordForm, ResetPasswordForm
from supportapp.portal.language import language
from supportapp.portal.session import customer_required, sign_in, sign_out, the_customer


@blueprint.route("/password/forgot", methods=["GET", "POST"])
@limits.attempts("60 per hour", limits.visitor)
@limits.attempts("5 per hour", limits.visitor_and_email)
def forgot_password() -> ResponseReturnValue:
    """Ask for a link; the page after it is the same whether the address is known or not."""
    form = ForgotPasswordForm()
    if form.validate_on_submit():
        try:
            operations.request_password_reset(form.email.data, at=clock.now(), language=language())
            db.session.commit()
            session["mail_sent_to"] = form.email.data
            return redirect(url_for("portal.forgot_password_sent"))
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
    return render_template("portal/password_forgot.html", form=form), 422 if form.problems else 200


@blueprint.get("/password/forgot/sent")
def forgot_password_sent() -> ResponseReturnValue:
    """Check your mail: for everybody who asked."""
    return render_template("portal/password_forgot_sent.html", email=session.get("mail_sent_to"))


@blueprint.route("/password/reset/<token>", methods=["GET", "POST"])
@limits.links()
def reset_password(token: str) -> ResponseReturnValue:
    """Set a new password by the mailed link."""
    form = ResetPasswordForm()
    try:
        link = operations.check_link(token, LinkPurpose.RESET_PASSWORD, at=clock.now())
        email = link.customer.email
        if form.validate_on_submit():
            operations.reset_password(token, form.new_password.data or "", at=clock.now())
            db.session.commit()
            return _after_reset()
    except Refused as refused:
        db.session.rollback()
        if refused.field is None:
            limits.count_failure()
            return render_template("portal/link_refused.html", refused=refused, remedy="reset"), 410
        form.refuse(refused)
    return render_template("portal/password_reset.html", form=form, email=email), 422 if form.problems else 200


@blueprint.route("/profile/password", methods=["GET", "POST"])
@customer_required
@limits.failures_only("10 per hour", limits.account)
def change_password() -> ResponseReturnValue:
    """Change the password; other sessions end, this one goes on."""
    form, customer = ChangePasswordForm(), the_customer()
    if form.validate_on_submit():
        try:
            old, new = form.old_password.data or "", form.new_password.data or ""
            operations.change_password(customer, old, new, at=clock.now())
            db.session.commit()
            sign_in(customer)
            flash(_("Your password is changed. All your other sessions have ended."), "success")
            return redirect(url_for("portal.profile"))
        except Refused as refused:
            db.session.rollback()
            if refused.reason == "wrong_password":
                limits.count_failure()
            form.refuse(refused)
    return render_template("portal/password_change.html", form=form), 422 if form.problems else 200


def _after_reset() -> ResponseReturnValue:
    sign_out()
    flash(_("Your new password is set. Now sign in with it."), "success")
    return redirect(url_for("portal.sign_in"))
