"""What every page of the portal has at hand: filters, labels, the person and the language."""

from __future__ import annotations

from typing import Any

from flask import Flask, g

from supportapp.extensions import settings
from supportapp.kb.render import to_html
from supportapp.portal import labels, moments
from supportapp.portal.language import chosen_language, language
from supportapp.portal.next_page import this_page
from supportapp.portal.regulation import needs_to_accept
from supportapp.portal.session import current_customer


def init_app(app: Flask) -> None:
    """One language for both doors, and what the portal's templates may ask for."""
    app.extensions["babel"].locale_selector = chosen_language
    for name in ("moment", "day", "weekday"):
        app.add_template_filter(getattr(moments, name), name)
    app.add_template_filter(to_html, "prose")
    app.context_processor(_page)


def portal_name() -> str:
    """The portal's name in the language of the page."""
    return settings.support_name(language())


def _page() -> dict[str, Any]:
    return {
        "customer": None if "bare_page" in g else current_customer(),
        "new_regulation": needs_to_accept,
        "labels": labels,
        "language": language(),
        "portal_name": portal_name,
        "this_page": this_page,
    }
