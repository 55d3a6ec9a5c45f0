"""The first page: the knowledge base, the Regulation, the way in, and for a customer what awaits him."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from supportapp.portal import blueprint


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Where everybody starts."""
    return render_template("portal/home.html")
