"""One's own password."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired

from supportapp.audit.rules import Act
from supportapp.errors import Refused
from supportapp.extensions import db, limiter
from supportapp.staff import changes, people
from supportapp.staff.forms import show_refusal
from supportapp.staff.frame import StaffScreen
from supportapp.staff.security import signed_in_staff
from supportapp.staff.sign_in import renew_session


class PasswordForm(FlaskForm):
    old_password = PasswordField(_l("Current password"), [InputRequired()])
    password = PasswordField(
        _l("New password"), [InputRequired()], description=_l("10 to 128 characters; a few unrelated words are good.")
    )
    again = PasswordField(_l("New password again"), [EqualTo("password", _l("The two do not match."))])


class PasswordView(StaffScreen):
    """Changing it ends every other session of the account."""

    route_base = "/staff/password"
    default_view = "change"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def change(self) -> ResponseReturnValue:
        form = PasswordForm()
        if form.validate_on_submit() and _changed(form):
            flash(_("Your password is changed. Other sessions of your account have ended."), "success")
            return redirect(url_for("HomeView.index"), 303)
        page = self.render_template("staff/form_page.html", title=_("Change password"), form=form)
        return page, 422 if form.errors else 200


@limiter.limit("10 per 15 minutes", key_func=lambda: f"staff-password:{signed_in_staff().id}")
def _changed(form: PasswordForm) -> bool:
    person = signed_in_staff()
    try:
        people.change_password(person, form.old_password.data or "", form.password.data or "")
        changes.note(Act.PASSWORD_CHANGED, person)
    except Refused as refused:
        db.session.rollback()
        show_refusal(form, refused)
        return False
    db.session.commit()
    renew_session(person)
    return True
