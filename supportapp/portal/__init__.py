"""The customers' door: the public blueprint."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask

blueprint = Blueprint(
    "portal", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
)

# One module a page group; each puts its pages on the blueprint when it is imported.
PAGES: tuple[str, ...] = (
    "home",
    "language",
    "sign_up",
    "sign_in",
    "password",
    "profile",
    "mails",
    "email_change",
    "regulation",
    "certificates",
    "wizard",
    "knowledge",
    "attachments",
    "deadline_words",
    "kept_text",
    "people_text",
    "ticket_form",
    "tickets",
    "ticket_acts",
    "uploads",
    "downloads",
    "originals",
    "suggestions",
    "answer",
    "opinions",
)


def init_app(app: Flask) -> None:
    """Register the blueprint with its pages, the template filters and the error pages."""
    from supportapp.kb.search import warm
    from supportapp.portal import errors, frame

    for name in PAGES:
        import_module(f"supportapp.portal.{name}")
    app.register_blueprint(blueprint)
    app.before_request(warm)
    frame.init_app(app)
    errors.init_app(app)
