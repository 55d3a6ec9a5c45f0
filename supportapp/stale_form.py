"""A form that arrives after its session has ended, at either door: what was typed is shown, to be copied."""

from __future__ import annotations

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

SECRET_WORDS = ("password", "token", "draft", "code", "secret", "next")
SHORTEST_WORTH_COPYING = 20


def show_stale_form(_error: CSRFError) -> ResponseReturnValue:
    """The page with the texts of the form."""
    return render_template("stale_form.html", typed=_typed_texts(), form_page=_nearest_page()), 400


def _typed_texts() -> list[str]:
    """The texts of the form except secrets and machine values."""
    return [
        text.strip()
        for name, text in request.form.items(multi=True)
        if len(text.strip()) > SHORTEST_WORTH_COPYING and not any(word in name for word in SECRET_WORDS)
    ]


def _nearest_page() -> str:
    """The address of the form, or of what stands above it where that address only takes what is sent."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    path = request.path
    while path and not adapter.test(path, method="GET"):
        path = path.rpartition("/")[0]
    return path or url_for("portal.home")
