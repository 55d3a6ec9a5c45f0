"""Another address is another account (user guide, section 1): explained first, confirmed from the new address."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.accounts import operations
from supportapp.accounts.models import LinkPurpose
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.portal import blueprint, limits
from supportapp.portal.forms.accounts import ChangeEmailForm
from supportapp.portal.session import customer_required, sign_out, the_customer


@blueprint.route("/profile/email", methods=["GET", "POST"])
@customer_required
@limits.attempts("10 per hour", limits.account)
def change_email() -> ResponseReturnValue:
    """What a change means, the new address, and the password."""
    form = ChangeEmailForm()
    if form.validate_on_submit():
        try:
            operations.request_email_change(
                the_customer(), form.new_email.data, form.password.data or "", at=clock.now()
            )
            db.session.commit()
            session["mail_sent_to"] = form.new_email.data
            return redirect(url_for("portal.change_email_sent"))
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
    page = render_template("portal/email_change.html", form=form, keeps_history=settings.EMAIL_CHANGE_KEEPS_HISTORY)
    return page, 422 if form.problems else 200


@blueprint.get("/profile/email/sent")
@customer_required
def change_email_sent() -> ResponseReturnValue:
    """Check the mail at the new address."""
    return render_template("portal/email_change_sent.html", email=session.get("mail_sent_to"))


@blueprint.route("/email-change/<token>", methods=["GET", "POST"])
@limits.links()
def confirm_email_change(token: str) -> ResponseReturnValue:
    """Opening the link explains once more and shows one button; pressing it makes the new account."""
    try:
        if request.method == "POST":
            return _move(token)
        link = operations.check_link(token, LinkPurpose.CHANGE_EMAIL, at=clock.now())
    except Refused as refused:
        db.session.rollback()
        limits.count_failure()
        return render_template("portal/link_refused.html", refused=refused, remedy="email"), 410
    keeps_history = settings.EMAIL_CHANGE_KEEPS_HISTORY
    return render_template("portal/email_change_confirm.html", link=link, keeps_history=keeps_history)


def _move(token: str) -> ResponseReturnValue:
    successor = operations.confirm_email_change(token, at=clock.now())
    db.session.commit()
    sign_out()
    flash(_("Your new account is %(email)s. Sign in with it and your old password.", email=successor.email), "success")
    return redirect(url_for("portal.sign_in"))
