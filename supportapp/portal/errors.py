"""Error pages: one calm sentence and the next step, in the language of the person, never a trace."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from supportapp.errors import NotFound
from supportapp.extensions import db
from supportapp.portal.slashes import page_without_slash
from supportapp.stale_form import show_stale_form

PAGES: dict[int, tuple[Any, Any]] = {
    400: (
        _l("We could not read this request"),
        _l("Something in it is damaged or missing. Go back and try once more."),
    ),
    403: (_l("You may not open this page"), _l("Sign in with an account that has this right, or go to the home page.")),
    404: (_l("There is no such page"), _l("The address may be mistyped, or the page is not yours to see.")),
    405: (_l("This address cannot be opened like that"), _l("Go back to the page you came from and use its buttons.")),
    413: (_l("This is too large"), _l("Send fewer or smaller files: the whole of one message has a limit.")),
    429: (
        _l("Too many attempts"),
        _l("To keep accounts and certificates safe, attempts are limited. Wait a while and try again."),
    ),
    500: (
        _l("Something went wrong on our side"),
        _l("We have written it down and will look at it. Nothing you had sent before is lost. Try again in a minute."),
    ),
}


def init_app(app: Flask) -> None:
    """Answer every refusal of the web layer with a page of ours."""
    for code in PAGES:
        app.register_error_handler(code, _show)
    app.register_error_handler(404, _show_missing)
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(NotFound, lambda _error: error_page(404))
    app.register_error_handler(CSRFError, _show_stale_form)


def error_page(code: int) -> ResponseReturnValue:
    """The page for ``code``, or its sentence as JSON for a script that asked for JSON."""
    title, sentence = PAGES.get(code) or PAGES[500 if code >= 500 else 400]
    if _wants_json():
        return jsonify(error=str(sentence)), code
    return render_template("error.html", code=code, heading=title, sentence=sentence), code


def _show(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error
    if code >= 500:
        db.session.rollback()
        g.bare_page = True  # whatever failed, this page asks nothing of the database, not even who is signed in
        g._login_user = AnonymousUserMixin()
    return error_page(code)


def _show_missing(error: HTTPException) -> ResponseReturnValue:
    page = page_without_slash()
    return redirect(page, 308) if page else _show(error)


def _show_stale_form(error: CSRFError) -> ResponseReturnValue:
    return error_page(400) if _wants_json() else show_stale_form(error)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
