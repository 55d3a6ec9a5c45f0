"""Who is signed in: one Flask-Login manager for two kinds of people."""

from __future__ import annotations

from flask import g
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager
from flask_login import current_user

from supportapp.accounts.models import Customer, StaffUser
from supportapp.extensions import db

Person = Customer | StaffUser


class SecurityManager(FabSecurityManager):
    """Flask-AppBuilder's security, with typed session ids and customers who have no rights in it at all."""

    user_model = StaffUser

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
        """Staff only, by their roles: neither a visitor nor a customer has any permission."""
        if not isinstance(current_user._get_current_object(), StaffUser):
            return False
        return bool(super().has_access(permission_name, view_name))

    @staticmethod
    def before_request() -> None:
        g.user = current_user
