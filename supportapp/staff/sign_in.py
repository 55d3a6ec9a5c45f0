"""Signing in and out at the staff door."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.security.views import AuthDBView
from flask_babel import lazy_gettext as _l
from flask_limiter import RequestLimit
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.audit.operations import Object, object_of, record
from supportapp.audit.queries import was_locked_out
from supportapp.audit.rules import Act
from supportapp.extensions import db, limiter
from supportapp.staff import changes, people
from supportapp.staff.frame import StaffScreen
from supportapp.staff.gate import safe_next
from supportapp.web import visitor

PER_ADDRESS = "20 per 5 minutes"
PER_NAME = "10 per 15 minutes"
LOCKOUT = timedelta(minutes=15)


class SignInForm(FlaskForm):
    username = StringField(_l("User name"), [InputRequired(_l("Enter your user name.")), Length(max=200)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), Length(max=1000)])


class SignInView(StaffScreen, AuthDBView):
    """The only door; its name is what Flask-AppBuilder redirects strangers to."""

    route_base = "/staff"
    default_view = "login"

    def limit_attempts(self) -> None:
        """Failed attempts are counted for the address, and for the name tried from it: never for the name alone, or
        any stranger could lock a colleague out."""
        for limit, key in ((PER_ADDRESS, visitor), (PER_NAME, _visitor_and_name)):
            limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=_failed, on_breach=_note_lockout)(
                self.blueprint
            )

    @expose("/sign-in/", methods=["GET", "POST"])
    def login(self) -> ResponseReturnValue:
        target = safe_next(request.args.get("next"))
        if isinstance(current_user._get_current_object(), StaffUser) and request.method == "GET":
            return redirect(target)
        form, refused = SignInForm(), False
        if form.validate_on_submit():
            person = people.authenticate(form.username.data or "", form.password.data or "")
            if person is not None:
                _begin_session(person)
                return redirect(target, 303)
            refused = True
            _note_failure(form.username.data or "")
        page = self.render_template("staff/sign_in.html", form=form, refused=refused)
        return page, 200 if request.method == "GET" else 422

    @expose("/sign-out", methods=["POST"])
    def logout(self) -> ResponseReturnValue:
        _forget_session()
        return redirect(url_for("SignInView.login"), 303)


def renew_session(person: StaffUser) -> None:
    """A session of ``person`` with nothing in it from before but the language."""
    _forget_session()
    login_user(person)
    session.permanent = True
    session["signed_in_at"] = clock.unshifted().timestamp()


def _begin_session(person: StaffUser) -> None:
    people.note_sign_in(person, at=clock.now())
    record(Act.SIGNED_IN, object_of(person), by=person, at=clock.now(), address=visitor())
    db.session.commit()
    renew_session(person)


def _note_failure(username: str) -> None:
    """Whose account it was; a name that nobody has is not kept, since it may be a password in the wrong field."""
    person = people.find_by_username(username)
    changes.note_visit(Act.SIGN_IN_FAILED, object_of(person) if person else Object("StaffUser"))
    db.session.commit()


def _note_lockout(_limit: RequestLimit) -> None:
    """Once a quarter of an hour for an address, however often it knocks."""
    if not was_locked_out(visitor(), at=clock.now(), within=LOCKOUT):
        person = people.find_by_username(request.form.get("username", ""))
        changes.note_visit(Act.LOCKED_OUT, object_of(person) if person else Object("StaffUser"))
        db.session.commit()


def _forget_session() -> None:
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale


def _failed(response: object) -> bool:
    return getattr(response, "status_code", 0) == 422


def _visitor_and_name() -> str:
    return f"{visitor()}|staff-name:{people.normalise_username(request.form.get('username', ''))[:200]}"
