"""The customers' door: the public blueprint."""

from __future__ import annotations

from flask import Blueprint, Flask

blueprint = Blueprint("portal", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")


def init_app(app: Flask) -> None:
    """Register the blueprint with its pages."""
    app.register_blueprint(blueprint)
