"""The door: nobody but staff passes it, and nothing that cannot be read."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from supportapp.accounts.models import StaffUser

OPEN_ENDPOINTS = frozenset({"SignInView.login", "staff.static", "staff.language"})
NUMBER_ARGUMENT = re.compile(r"(page|psize)_.*")
SMALL_NUMBER = re.compile(r"[0-9]{1,9}")


def init_app(app: Flask) -> None:
    """Ask before every request below /staff."""
    app.before_request(_staff_only)
    app.before_request(_readable)


def is_staff_path() -> bool:
    """Whether this request is for the staff screens."""
    return request.path == "/staff" or request.path.startswith("/staff/")


def safe_next(target: str | None) -> str:
    """``target`` when it is a page of the staff screens, else their first page."""
    if target and target.startswith("/staff/") and not re.search(r"[\\\x00-\x20\x7f]", target):
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc:
            return target
    return url_for("HomeView.index")


def _staff_only() -> ResponseReturnValue | None:
    if not is_staff_path() or request.endpoint in OPEN_ENDPOINTS or request.endpoint is None:
        return None
    if isinstance(current_user._get_current_object(), StaffUser):
        return None
    if request.method == "POST" and request.form.keys() - {"csrf_token"}:
        raise CSRFError("The session has ended.")  # its page shows what was typed, to be copied
    target = request.full_path.removesuffix("?") if request.method == "GET" else None
    return redirect(url_for("SignInView.login", next=target), 303)


def _readable() -> None:
    """Page numbers are numbers, and no argument holds what no database stores."""
    if not is_staff_path():
        return
    for name, value in request.args.items(multi=True):
        if "\0" in name + value or not (name + value).isprintable():
            abort(400)
        if NUMBER_ARGUMENT.fullmatch(name) and not SMALL_NUMBER.fullmatch(value):
            abort(400)
    if any("\ufffd" in name for name in request.form):
        abort(400)
    if g.get("damaged_fields"):
        flash(_("Characters that cannot be saved were taken out of what you sent. Please check it."), "warning")
