"""What every staff screen has: the frame, error pages, filters for templates; nothing kept between requests."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView
from flask_babel import format_date, format_decimal, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from jinja2.utils import urlize
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from supportapp.errors import NotFound
from supportapp.extensions import db, settings
from supportapp.files.excerpts import has_excerpt
from supportapp.guard.findings import from_column, name_of
from supportapp.i18n import known_language
from supportapp.stale_form import show_stale_form

BASE_TEMPLATE = "staff/layout.html"
blueprint = Blueprint(
    "staff",
    __name__,
    url_prefix="/staff",
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets",
)

ADDRESS = re.compile(r"://|www\.|@|\.(?:com|net|int|edu|gov|org|info|mil)\b", re.I)  # Jinja makes links of nothing else
ERRORS: dict[int, Any] = {
    400: _l("The address or the form contains something that cannot be read."),
    403: _l("Your role does not include this."),
    404: _l("There is nothing at this address."),
    409: _l("Somebody else was faster: what you saw has changed."),
    413: _l("The files are too large together."),
    429: _l("Too many attempts. Wait a few minutes."),
}


class StaffScreen(BaseView):
    """A view in the staff frame: its errors look like the other screens, and Back does not live in the cookie."""

    def create_blueprint(self, *args: Any, **kwargs: Any) -> Blueprint:
        own: Blueprint = super().create_blueprint(*args, **kwargs)
        for code in ERRORS:
            own.register_error_handler(code, _show_error)
        own.register_error_handler(CSRFError, show_stale_form)
        own.register_error_handler(NotFound, lambda _error: error_page(404))
        return own

    def render_template(self, template: str, **context: Any) -> str:
        return str(super().render_template(template, **context))

    def update_redirect(self) -> None:
        """The history of pages is the browser's business."""

    def get_redirect(self) -> str:
        """Where a finished act leads: the view's own first page."""
        return url_for(f"{self.endpoint}.{self.default_view}")


def error_page(code: int) -> ResponseReturnValue:
    """The page for ``code`` in the staff frame."""
    return render_template("staff/error.html", code=code, sentence=ERRORS[code]), code


def language() -> str:
    """The language of this page: "ru" or "en"."""
    return known_language(str(get_locale()))


def portal_name() -> str:
    """The portal's name in the language of this page."""
    return settings.support_name(language())


def init_app(app: Flask) -> None:
    """Register the static files, the templates and what they may ask for. Must come before the AppBuilder, whose
    templates of the same name ours replace."""
    app.register_blueprint(blueprint)
    app.add_template_filter(show_moment, "staff_moment")
    app.add_template_filter(show_day, "staff_day")
    app.add_template_filter(link, "linked")
    app.add_template_filter(show_size, "staff_size")
    app.add_template_filter(_secret_names, "secret_names")
    app.add_template_global(has_excerpt)
    app.context_processor(
        lambda: {"staff_language": language, "staff_portal_name": portal_name, "base_template": BASE_TEMPLATE}
    )


def show_moment(moment: datetime | None) -> str:
    """A moment in the support desk's time zone, alike in every language."""
    return f"{moment.astimezone(settings.timezone):%d.%m.%Y %H:%M}" if moment else ""


def link(text: str) -> Markup:
    """What people wrote, its addresses as links. Most texts have none, and Jinja looks at each word of them."""
    if not ADDRESS.search(text):
        return escape(text)
    return Markup(urlize(text, rel="noopener noreferrer nofollow", target="_blank"))  # noqa: S704 - it escapes


def show_day(day: date | None) -> str:
    """A day with its weekday."""
    return format_date(day, "EEEEEE dd.MM.yyyy" if language() == "ru" else "EEE dd.MM.yyyy") if day else ""


def show_size(size: int) -> str:
    """A number of bytes for people, in the words of the portal's pages."""
    if size < 1024:
        return str(_("%(size)s bytes", size=size))
    if size < 1024 * 1024:
        return str(_("%(size)s KB", size=round(size / 1024)))
    return str(_("%(size)s MB", size=format_decimal(round(size / 1024 / 1024, 1))))


def _secret_names(column: str | None) -> str:
    """The kinds of secrets that a message or a file was let through with, in words."""
    return ", ".join(name_of(kind, language()) for kind in from_column(column))


def _show_error(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return {"error": str(ERRORS[error.code or 400])}, error.code or 400
    return error_page(error.code or 400)
