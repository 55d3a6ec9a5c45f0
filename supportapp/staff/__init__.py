"""The staff screens: Flask-AppBuilder."""

from __future__ import annotations

from flask import Flask
from flask_appbuilder import AppBuilder

from supportapp.extensions import db
from supportapp.staff.security import SecurityManager


def init_app(app: Flask) -> None:
    """Build the AppBuilder and register its views."""
    with app.app_context():
        AppBuilder(app, db.session, security_manager_class=SecurityManager, update_perms=False)
