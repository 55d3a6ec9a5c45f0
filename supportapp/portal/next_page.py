"""Where to go after signing in or switching the language: only ever to a page of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

MAX_LENGTH = 2000


def safe_path(target: str | None) -> str | None:
    """``target`` when it is a path on this site, else None: an address of somebody else's is never followed."""
    if not target or len(target) > MAX_LENGTH or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(sign) < 32 or ord(sign) == 127 for sign in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target


def requested_next() -> str | None:
    """The safe ``next`` of this request, from the form or the query."""
    return safe_path(request.form.get("next") or request.args.get("next"))


def this_page() -> str:
    """The path of the page being shown, with its query, to come back to. Also when that is no text: such a request is
    refused, and the refusal is a page too."""
    query = request.query_string.decode(errors="replace") if request.method in ("GET", "HEAD") else ""
    return f"{request.path}?{query}" if query else request.path
