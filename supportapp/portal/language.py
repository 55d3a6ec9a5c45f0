"""The language of the page: one switch for the portal and the staff screens."""

from __future__ import annotations

from flask import g, has_request_context, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from supportapp.i18n import DEFAULT_LANGUAGE, LANGUAGES
from supportapp.portal import blueprint
from supportapp.portal.next_page import requested_next
from supportapp.portal.session import current_customer


def chosen_language() -> str:
    """What the person chose with the switch, else the customer's own language, else the browser's, else Russian."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if session.get("locale") in LANGUAGES:
        return str(session["locale"])
    customer = None if "bare_page" in g else current_customer()
    if customer is not None:
        return customer.language
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE


def language() -> str:
    """The language in which this page is shown: "ru" or "en"."""
    return str(get_locale())


@blueprint.post("/language")
def switch_language() -> ResponseReturnValue:
    """Show everything in the chosen language from now on."""
    wanted = request.form.get("language")
    if wanted in LANGUAGES:
        session.permanent = True
        session["locale"] = wanted
    return redirect(requested_next() or url_for("portal.home"))
