"""Brings Flask-AppBuilder's permission tables in line with ``staff.roles``."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import select

from supportapp.extensions import db
from supportapp.staff import roles


def sync_roles() -> None:
    """Make the four roles hold exactly what the table says; flushes, and changes nothing when called again.

    Permissions that the table no longer knows are deleted, from every role.
    """
    held = {role: roles.rights_of(role) for role in roles.ROLES}
    wanted = set().union(*held.values())
    pairs = _pairs(wanted)
    for name in roles.ROLES:
        role = _named(Role, {name})[name]
        new = {pairs[pair] for pair in held[name]}
        if set(role.permissions) != new:
            role.permissions = list(new)
    db.session.flush()
    for pair in _all_pairs():
        if pair not in pairs.values():
            db.session.delete(pair)
    db.session.flush()


def _pairs(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    permissions = _named(Permission, {permission for permission, _ in wanted})
    views = _named(ViewMenu, {view for _, view in wanted})
    found = {(pair.permission.name, pair.view_menu.name): pair for pair in _all_pairs()}
    for permission, view in sorted(wanted - found.keys()):
        pair = PermissionView(permission=permissions[permission], view_menu=views[view])
        db.session.add(pair)
        found[permission, view] = pair
    db.session.flush()
    return {pair: found[pair] for pair in wanted}


def _all_pairs() -> list[Any]:
    return list(db.session.scalars(select(PermissionView)))


def _named(model: Any, names: set[str]) -> dict[str, Any]:
    """The rows of ``model`` with these names; missing ones are made."""
    found = {row.name: row for row in db.session.scalars(select(model).where(model.name.in_(names)))}
    for name in sorted(names - found.keys()):
        found[name] = model(name=name)
        db.session.add(found[name])
    db.session.flush()
    return found
