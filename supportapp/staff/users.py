"""Staff accounts and what the roles hold: for administrators alone."""

from __future__ import annotations

from typing import Any

from flask import flash
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.accounts.queries import find_staff
from supportapp.accounts.rules import normalise_email
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.staff import people
from supportapp.staff.forms import stripped
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import ADMIN, ROLES
from supportapp.staff.security import signed_in_staff
from supportapp.tickets import operations
from supportapp.tickets.assigning.absences import stands_in_later
from supportapp.tickets.assigning.queries import desk

QUEUE = "queue"


class StaffUserForm(DynamicForm):
    username = StringField(_l("User name"), [InputRequired(), Length(max=64)], filters=[stripped])
    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)], filters=[stripped])
    first_name = StringField(_l("First name"), [InputRequired(), Length(max=64)], filters=[stripped])
    last_name = StringField(_l("Last name"), [InputRequired(), Length(max=64)], filters=[stripped])
    roles = SelectMultipleField(_l("Roles"), choices=[(name, name) for name in ROLES])
    active = BooleanField(_l("Active"), default=True)
    password = PasswordField(_l("Password"), [Length(max=128)], description=_l("10 to 128 characters."))


class EditedStaffUserForm(StaffUserForm):
    tickets_to = SelectField(
        _l("Who gets the open tickets"),
        choices=lambda: heirs(),
        default="",
        description=_l("Asked when somebody who has open tickets is switched off or no longer works on tickets."),
    )
    password = PasswordField(
        _l("New password"), [Length(max=128)], description=_l("Empty: unchanged. A new one ends all sessions.")
    )


class StaffUserView(StaffModelView):
    """People are switched off, not deleted: their tickets and their history keep a name."""

    datamodel = StaffInterface(StaffUser)
    route_base = "/staff/users"
    exclude_route_methods = StaffModelView.exclude_route_methods | {"delete", "userinfo"}
    list_title, add_title, edit_title = _l("Staff"), _l("New staff account"), _l("Staff account")
    label_columns = {
        "username": _l("User name"),
        "first_name": _l("First name"),
        "last_name": _l("Last name"),
        "email": _l("E-mail"),
        "roles": _l("Roles"),
        "active": _l("Active"),
        "last_login": _l("Last sign-in"),
    }
    list_columns = ["username", "first_name", "last_name", "email", "roles", "active"]
    show_columns = list_columns
    search_columns = ["username", "last_name", "email", "active"]
    order_columns = ["username", "last_name", "email"]
    base_order = ("username", "asc")
    add_form, edit_form = StaffUserForm, EditedStaffUserForm

    def create(self, form: FlaskForm) -> StaffUser:
        person = people.create_staff(
            username=form["username"].data,
            email=form["email"].data,
            first_name=form["first_name"].data,
            last_name=form["last_name"].data,
            password=form["password"].data or "",
            role_names=form["roles"].data or [],
        )
        person.active = form["active"].data
        return person

    def change(self, item: Any, form: FlaskForm) -> None:
        was_at_desk = item in desk()
        self._write(item, form)
        if was_at_desk and item not in desk():
            _hand_over(item, form["tickets_to"].data or "")
            _name_deputyships(item)

    def _write(self, item: Any, form: FlaskForm) -> None:
        username, email = people.normalise_username(form["username"].data), normalise_email(form["email"].data)
        people.check_identity(username, email, person_id=item.id)
        roles = people.roles_named(form["roles"].data or [])
        _refuse_locking_oneself_out(item, form)
        if item.active and not form["active"].data:
            item.session_epoch += 1
        item.username, item.email, item.active = username, email, form["active"].data
        item.first_name, item.last_name = form["first_name"].data, form["last_name"].data
        if {role.name for role in item.roles} != {role.name for role in roles}:
            item.roles = roles
        if form["password"].data:
            people.set_password(item, form["password"].data)

    def prefill(self, form: FlaskForm, item: Any) -> None:
        form["roles"].data = [role.name for role in item.roles]

    def after_change(self, item: Any) -> None:
        if not db.session.query(StaffUser).filter(StaffUser.active, StaffUser.roles.any(name=ADMIN)).count():
            raise Refused("last_admin", N_("At least one active administrator must remain."), field="roles")


class RoleView(StaffModelView):
    """What each role holds; it is written by "flask init-db" and changed with the program."""

    datamodel = StaffInterface(Role)
    route_base = "/staff/roles"
    include_route_methods = {"list", "show"}
    list_title = _l("Roles")
    label_columns = {"name": _l("Title"), "permissions": _l("Permissions")}
    list_columns = ["name"]
    show_columns = ["name", "permissions"]
    search_columns = ["name"]
    order_columns = ["name"]
    add_columns = edit_columns = ["name"]


def heirs() -> list[tuple[str, Any]]:
    """To whom the tickets of somebody who leaves can go."""
    people = [(str(person.id), person.display_name) for person in desk()]
    return [("", "—"), (QUEUE, _("nobody: back to the queue")), *people]


def _hand_over(person: StaffUser, to: str) -> None:
    """The open tickets of ``person``, who leaves the desk, go to the one that was chosen; Refused when nobody was."""
    number = operations.count_held(person)
    if number and not to:
        sentence = N_("%(name)s has open tickets: %(number)s. Say who gets them.")
        raise Refused("has_tickets", sentence, field="tickets_to", name=person.display_name, number=number)
    if not number:
        return
    heir = None if to == QUEUE else find_staff(int(to))
    try:
        operations.hand_over(person, heir, by=signed_in_staff(), at=clock.now())
    except Refused as refused:
        raise Refused(refused.reason, refused.sentence, field="tickets_to", **refused.params) from None


def _name_deputyships(person: StaffUser) -> None:
    """Who leaves is nobody's deputy any more: somebody has to choose another one."""
    for absence in stands_in_later(person, at=clock.now()):
        flash(_("Another deputy is needed: %(absence)s.", absence=str(absence)), "warning")


def _refuse_locking_oneself_out(person: StaffUser, form: FlaskForm) -> None:
    if person.id == signed_in_staff().id and not (form["active"].data and ADMIN in (form["roles"].data or [])):
        raise Refused("own_account", N_("You cannot take your own account or its Admin role away."), field="roles")
