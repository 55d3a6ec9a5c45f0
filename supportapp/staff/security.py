"""Who is signed in: one Flask-Login manager for two kinds of people; and what staff may do, by their roles."""

from __future__ import annotations

from typing import Any

from flask import current_app, g
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from flask_limiter import Limiter
from flask_login import current_user
from sqlalchemy import bindparam, select

from supportapp.accounts.models import Customer, StaffUser
from supportapp.extensions import db, limiter
from supportapp.staff.roles import READ, WRITE

Person = Customer | StaffUser
_RIGHTS = (
    select(Permission.name, ViewMenu.name)
    .select_from(assoc_user_role)
    .join(assoc_permissionview_role, assoc_permissionview_role.c.role_id == assoc_user_role.c.role_id)
    .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
    .join(Permission, Permission.id == PermissionView.permission_id)
    .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
    .where(assoc_user_role.c.user_id == bindparam("person"))
)


class SecurityManager(FabSecurityManager):
    """Flask-AppBuilder's security, with typed session ids and customers who have no rights in it at all."""

    user_model = StaffUser

    def create_limiter(self, app: Any) -> Limiter:
        """The application's one limiter."""
        return limiter

    def register_views(self) -> None:
        """Only our own screens: sign-in and one's password. What else Flask-AppBuilder offers stays away."""
        from supportapp.staff.password import PasswordView
        from supportapp.staff.sign_in import SignInView

        self.auth_view = self.appbuilder.add_view_no_menu(SignInView)
        self.auth_view.limit_attempts()
        self.appbuilder.add_view_no_menu(PasswordView)

    def load_user(self, session_id: str) -> Person | None:
        """The person of a session id ``kind:id:epoch``, or None once the epoch has moved on or the account is shut."""
        match str(session_id).split(":"):
            case ["customer", key, epoch] if key.isdecimal():
                person: Person | None = db.session.get(Customer, int(key))
                active = person is not None and person.is_active
            case ["staff", key, epoch] if key.isdecimal():
                person = db.session.get(StaffUser, int(key))
                active = person is not None and bool(person.active)
            case _:
                return None
        if person is None or not active or str(person.session_epoch) != epoch:
            return None
        return person

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Staff only, by their roles: neither a visitor nor a customer has any permission. A menu entry is seen by
        whoever may open what it leads to."""
        person = current_user._get_current_object()
        if not isinstance(person, StaffUser):
            return False
        if permission_name == "menu_access":
            return not _opening(view_name).isdisjoint(rights(person))
        return (permission_name, view_name) in rights(person)

    @staticmethod
    def before_request() -> None:
        g.user = current_user


def rights(person: StaffUser) -> frozenset[tuple[str, str]]:
    """The (permission, view) pairs that the person's roles hold; one query a request."""
    cached: tuple[int, frozenset[tuple[str, str]]] | None = g.get("staff_rights")
    if cached is None or cached[0] != person.id:
        rows = db.session.execute(_RIGHTS, {"person": person.id})
        cached = g.staff_rights = (person.id, frozenset((permission, view) for permission, view in rows))
    return cached[1]


def may(permission: str, view: str) -> bool:
    """Whether the staff user of this request holds ``permission`` on ``view``."""
    person = current_user._get_current_object()
    return isinstance(person, StaffUser) and (permission, view) in rights(person)


def signed_in_staff() -> StaffUser:
    """The staff user of this request; the gate has let nobody else in."""
    person = current_user._get_current_object()
    assert isinstance(person, StaffUser)
    return person


def _opening(entry: str) -> frozenset[tuple[str, str]]:
    """The rights of which each opens what a menu entry leads to, or one of the entries below it. The menu stays what it
    is once the application is made."""
    known: dict[str, frozenset[tuple[str, str]]] = current_app.extensions.setdefault("menu_rights", {})
    if entry not in known:
        item = current_app.appbuilder.menu.find(entry)  # type: ignore[attr-defined]
        targets = [] if item is None else item.childs or [item]
        views = [target.baseview.class_permission_name for target in targets if target.baseview is not None]
        known[entry] = frozenset((permission, view) for view in views for permission in (READ, WRITE, "can_act"))
    return known[entry]
