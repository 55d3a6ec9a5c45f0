"""What both doors share: security headers, transactions that only read on GET, one visitor's address, and health."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, abort, current_app, g, request, session
from sqlalchemy import text as sql
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings
from supportapp import clock, database
from supportapp.extensions import csrf, db, limiter, redis

View = TypeVar("View", bound=Callable[..., Any])
SESSION_HOURS = 12
JSON_READERS = frozenset({"portal.suggestions"})  # everywhere else a JSON body would pass for a form
FILE_FIELDS = frozenset({"file", "files", "register"})  # in any other field a file would pass for a text


def init_app(app: Flask, settings: Settings) -> None:
    """Install the request hooks and the health pages."""
    if settings.TRUSTED_PROXIES:
        hops = settings.TRUSTED_PROXIES
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_refuse_damaged_text)
    app.before_request(_begin)
    app.after_request(_protect)
    app.teardown_request(lambda _error: database.start_reading(False))
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    for rule, view in (("/healthz", healthz), ("/readyz", readyz)):
        app.add_url_rule(rule, view_func=limiter.exempt(csrf.exempt(view)))
    if settings.secure:
        app.config["PREFERRED_URL_SCHEME"] = "https"


def csp_nonce() -> str:
    """The nonce that this response's scripts and styles carry."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def only_reads(view: View) -> View:
    """Mark a view whose POST changes nothing: it must not wait for those that write, from its first statement on."""
    view.only_reads = True  # type: ignore[attr-defined]
    return view


def visitor() -> str:
    """The address of the visitor; of IPv6 the network, since one household owns all of it."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


def healthz() -> Response:
    """The process answers. Nothing else is asked, so that a sick database does not get the web server killed."""
    return Response("ok\n", mimetype="text/plain")


def readyz() -> tuple[Response, int]:
    """Whether this node can serve: the database must answer; Redis is reported, since the portal works without it."""
    try:
        db.session.execute(sql("SELECT 1"))
    except Exception:
        return Response("database: unreachable\n", mimetype="text/plain"), 503
    try:
        redis.ping()
        bell = "ok"
    except Exception:
        bell = "unreachable (mails wait for the sweep)"
    return Response(f"database: ok\nredis: {bell}\n", mimetype="text/plain"), 200


def _refuse_damaged_text() -> None:
    """NUL bytes and broken UTF-8 end here: no database column takes them, and no person types them.

    In a form a NUL is taken out and its field remembered, so that the door can say so and nothing is lost.
    """
    _require_text(request.environ.get("PATH_INFO", "").encode("latin-1", "replace"))
    _require_text(unquote_to_bytes(request.query_string.replace(b"+", b" ")))
    if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return
    # Such a form is read into memory at once; and who is not signed in has no files to send.
    if request.mimetype == "application/x-www-form-urlencoded" or "_user_id" not in session:
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    if request.is_json and request.endpoint not in JSON_READERS:
        abort(415)
    if not FILE_FIELDS.issuperset(request.files):
        abort(400)
    damaged = {name for name, text in request.form.items(multi=True) if "\0" in name or "\0" in text}
    if not damaged:
        return
    if any("\0" in name for name in damaged):
        abort(400)
    g.damaged_fields = damaged
    cleaned = ImmutableMultiDict((name, text.replace("\0", "")) for name, text in request.form.items(multi=True))
    request.__dict__["form"] = cleaned


def _require_text(raw: bytes) -> None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        abort(400)
    if "\0" in text:
        abort(400)


def _begin() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    database.start_reading(request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "only_reads", False))
    if "_user_id" not in session:
        return
    started = session.get("signed_in_at", 0)
    if clock.unshifted().timestamp() - started > SESSION_HOURS * 3600:
        locale = session.get("locale")
        session.clear()
        if locale:
            session["locale"] = locale


def _protect(response: Response) -> Response:
    nonce = csp_nonce()
    # Flask-AppBuilder's pages carry inline style attributes; scripts and style elements need the nonce.
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; "
        f"script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'; base-uri 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint and not request.endpoint.endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
