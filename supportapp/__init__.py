"""The support portal."""

from __future__ import annotations

from flask import Flask

from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; without ``settings`` they come from the environment (ConfigError when they are wrong)."""
    from supportapp import cli, page_words, portal, staff, web, wiring

    settings = settings or Settings.from_environment()
    app = Flask(__name__)
    app.config.from_mapping(settings.flask())
    wiring.connect_clock(settings)
    wiring.connect_extensions(app, settings)
    wiring.connect_features()
    web.init_app(app, settings)
    staff.init_app(app)
    portal.init_app(app)
    page_words.init_app(app)
    cli.init_app(app)
    return app
