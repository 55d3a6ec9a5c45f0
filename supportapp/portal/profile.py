"""What a customer tells about himself."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh

from supportapp.accounts import operations
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.portal import blueprint
from supportapp.portal.forms.accounts import ProfileForm
from supportapp.portal.session import customer_required, the_customer


@blueprint.route("/profile", methods=["GET", "POST"])
@customer_required
def profile() -> ResponseReturnValue:
    """Name, organisation, telephone and language, and the way to everything else about the account."""
    customer = the_customer()
    form = ProfileForm(obj=customer)
    if form.validate_on_submit():
        try:
            _save(form)
            return redirect(url_for("portal.profile"))
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
    return render_template("portal/profile.html", form=form), 422 if form.problems else 200


def _save(form: ProfileForm) -> None:
    operations.update_profile(
        the_customer(),
        name=form.name.data,
        organisation=form.organisation.data or "",
        phone=form.phone.data or "",
        language=form.language.data,
    )
    db.session.commit()
    session["locale"] = form.language.data
    refresh()
    flash(_("Your profile is saved."), "success")
