"""The language switch of the staff screens."""

from __future__ import annotations

from flask import redirect, request, session
from flask.typing import ResponseReturnValue

from supportapp.i18n import LANGUAGES
from supportapp.staff.frame import blueprint
from supportapp.staff.gate import safe_next


@blueprint.post("/language", endpoint="language")
def switch_language() -> ResponseReturnValue:
    """Show everything in the chosen language from now on."""
    if request.form.get("language") in LANGUAGES:
        session["locale"] = request.form["language"]
    return redirect(safe_next(request.form.get("next")), 303)
