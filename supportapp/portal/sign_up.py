"""Sign-up, and the proof that the address is the person's own."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp import clock
from supportapp.accounts import operations, queries
from supportapp.accounts.models import LinkPurpose
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.portal import blueprint, limits
from supportapp.portal.forms.accounts import SignUpForm
from supportapp.portal.language import language
from supportapp.portal.session import current_customer, customer_required, sign_in, the_customer


@blueprint.route("/sign-up", methods=["GET", "POST"])
@limits.attempts("60 per hour", limits.visitor)
@limits.attempts("10 per hour", limits.visitor_and_email)
def sign_up() -> ResponseReturnValue:
    """Open an account. The page after it is the same whether the address was known or not."""
    if current_customer() is not None:
        return redirect(url_for("portal.home"))
    form = SignUpForm(language=language())
    if form.validate_on_submit():
        try:
            return _open_account(form)
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
    regulation = queries.current_regulation()
    form.regulation_id.data = str(regulation.id) if regulation else ""
    page = render_template("portal/sign_up.html", form=form, regulation=regulation)
    return page, 422 if form.problems else 200


@blueprint.get("/sign-up/sent")
def sign_up_sent() -> ResponseReturnValue:
    """Check your mail: for everybody who signed up."""
    return render_template("portal/sign_up_sent.html", email=session.get("mail_sent_to"))


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@limits.links()
def confirm(token: str) -> ResponseReturnValue:
    """Opening the link shows a button: a mail scanner that follows it changes nothing."""
    at = clock.now()
    try:
        if request.method == "GET":
            link = operations.check_link(token, LinkPurpose.CONFIRM_EMAIL, at=at)
            return render_template("portal/confirm.html", email=link.customer.email)
        return _confirm_account(token)
    except Refused as refused:
        db.session.rollback()
        limits.count_failure()
        return render_template("portal/link_refused.html", refused=refused, remedy="confirmation"), 410


@blueprint.post("/confirmation")
@customer_required
@limits.attempts("5 per hour", limits.account)
def send_confirmation() -> ResponseReturnValue:
    """Mail the confirmation link once more."""
    customer = the_customer()
    try:
        operations.send_confirmation(customer, at=clock.now())
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        flash(refused.text(language()), "info")
        return redirect(url_for("portal.home"))
    flash(_("We have sent the mail to %(email)s again. Only the newest link works.", email=customer.email), "success")
    return redirect(url_for("portal.home"))


def _open_account(form: SignUpForm) -> ResponseReturnValue:
    seen = form.regulation_id.data or ""
    db.session.rollback()  # hashing the password takes time, in which no transaction may be open
    operations.sign_up(
        email=form.email.data,
        password=form.password.data or "",
        name=form.name.data,
        organisation=form.organisation.data or "",
        phone=form.phone.data or "",
        language=form.language.data,
        at=clock.now(),
        regulation_id=int(seen) if seen.isdecimal() and len(seen) < 19 else None,
    )
    db.session.commit()
    session["mail_sent_to"] = form.email.data
    return redirect(url_for("portal.sign_up_sent"))


def _confirm_account(token: str) -> ResponseReturnValue:
    here = current_customer()
    customer = operations.confirm_email(token, at=clock.now())
    db.session.commit()
    if here is not None and here.id == customer.id:  # this browser has given the password and now the link
        sign_in(customer)
        flash(_("Thank you, your address is confirmed."), "success")
        return redirect(url_for("portal.home"))
    flash(_("Thank you, your address is confirmed. Now sign in with your password."), "success")
    return redirect(url_for("portal.sign_in"))
