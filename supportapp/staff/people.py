"""Staff accounts: their names, their passwords, their sign-in. Flushes, never commits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import func, or_, select

from supportapp.accounts.hashing import hash_password, password_matches
from supportapp.accounts.models import StaffUser
from supportapp.accounts.rules import normalise_email, password_problem
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.staff.roles import ROLES

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")

PASSWORD_PROBLEMS = {
    "password_required": N_("Enter a password."),
    "password_control_characters": N_("The password contains characters that cannot be typed."),
    "password_too_short": N_("The password needs at least 10 characters."),
    "password_too_long": N_("The password may have at most 128 characters."),
    "password_is_email": N_("The password must not be the e-mail address."),
    "password_guessable": N_("This password is among the first that would be tried. Choose another one."),
}


def normalise_username(text: str) -> str:
    """The user name as an identity: ``Cust`` and ``CUST`` are one person."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def find_by_username(text: str) -> StaffUser | None:
    """The account of that user name, whatever its case; nobody signs in by e-mail here."""
    username = normalise_username(text)
    if not USERNAME.fullmatch(username):
        return None
    return db.session.scalars(select(StaffUser).where(StaffUser.username == username)).one_or_none()


def authenticate(username: str, password: str) -> StaffUser | None:
    """The active staff user of that name and password; the answer takes as long for unknown names."""
    person = find_by_username(username)
    person_id = person.id if person else None
    password_hash = person.password if person and person.active else None
    db.session.rollback()  # nobody waits for the write lock while a password is checked
    if not password_matches(password_hash, password):
        return None
    return db.session.get(StaffUser, person_id)


def create_staff(
    *, username: str, email: str, first_name: str, last_name: str, password: str, role_names: Iterable[str]
) -> StaffUser:
    """A new staff account; Refused next to its field when something is wrong or taken."""
    username, email = normalise_username(username), normalise_email(email)
    check_identity(username, email)
    check_password(password, email)
    person = StaffUser(
        username=username,
        email=email,
        first_name=first_name.strip() or username,
        last_name=last_name.strip(),
        password=hash_password(password),
        active=True,
        roles=roles_named(role_names),
    )
    db.session.add(person)
    db.session.flush()
    return person


def roles_named(names: Iterable[str]) -> list[Role]:
    """The roles of those names; Refused when one is not a role of ours or none is given."""
    wanted = set(names)
    if not wanted or wanted - set(ROLES):
        raise Refused("unknown_role", N_("Choose at least one role."), field="roles")
    return list(db.session.scalars(select(Role).where(Role.name.in_(wanted))))


def check_identity(username: str, email: str, *, person_id: int | None = None) -> None:
    """Refused unless both are well formed and nobody else's."""
    if not USERNAME.fullmatch(username):
        raise Refused(
            "bad_username",
            N_("Use latin letters, digits, dots, hyphens and underscores; begin and end with a letter or digit."),
            field="username",
        )
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email) or len(email) > 254:
        raise Refused("bad_email", N_("This is not an e-mail address."), field="email")
    taken = db.session.scalars(
        select(StaffUser).where(or_(StaffUser.username == username, func.lower(StaffUser.email) == email))
    )
    for other in taken:
        if other.id != person_id:
            field = "username" if other.username == username else "email"
            raise Refused("taken", N_("Another staff account has it already."), field=field)


def check_password(password: str, email: str) -> None:
    """Refused, next to the field ``password``, when it may not be used."""
    problem = password_problem(password, email)
    if problem is not None:
        raise Refused(problem, PASSWORD_PROBLEMS[problem], field="password")


def change_password(person: StaffUser, old: str, new: str) -> None:
    """Set one's own new password; every other session of the account ends."""
    if not password_matches(person.password, old):
        raise Refused("wrong_password", N_("The current password is not right."), field="old_password")
    set_password(person, new)


def set_password(person: StaffUser, password: str) -> None:
    """Set a new password and end every session of the account."""
    check_password(password, person.email)
    person.password = hash_password(password)
    person.session_epoch += 1
    db.session.flush()


def note_sign_in(person: StaffUser, *, at: datetime) -> None:
    """Remember when the account was last used, in Flask-AppBuilder's columns (naive UTC)."""
    person.last_login = at.replace(tzinfo=None)  # type: ignore[attr-defined]
    person.login_count = (person.login_count or 0) + 1  # type: ignore[attr-defined]
    db.session.flush()
