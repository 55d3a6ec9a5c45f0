"""The staff screens: Flask-AppBuilder."""

from __future__ import annotations

from flask import Flask

from supportapp.extensions import db


def init_app(app: Flask) -> None:
    """Build the AppBuilder and register its views."""
    from supportapp.staff import frame, gate, language  # noqa: F401 - language puts its route on the frame
    from supportapp.staff.builder import StaffBuilder
    from supportapp.staff.menu import add_views
    from supportapp.staff.navigation import staff_menu
    from supportapp.staff.security import SecurityManager

    frame.init_app(app)
    gate.init_app(app)
    with app.app_context():
        builder = StaffBuilder(
            app,
            db.session,
            base_template=frame.BASE_TEMPLATE,
            security_manager_class=SecurityManager,
            update_perms=False,
        )
        add_views(builder)
    app.jinja_env.globals["staff_menu"] = staff_menu
