"""Who a voting visitor is: a random cookie that is set when he votes, known to us only by its keyed hash."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from flask import request
from werkzeug.wrappers import Response

from supportapp.extensions import settings
from supportapp.kb.models import Article

YEAR = 365 * 24 * 3600
_SHORTEST, _LONGEST = 20, 64


def cookie_name() -> str:
    return "__Host-reader" if settings.secure else "reader"


def reader_of(article: Article, cookie: str | None = None) -> str | None:
    """The key of this browser's vote for ``article``: another one for each article, so that no trail is kept."""
    cookie = cookie or known_cookie()
    if cookie is None:
        return None
    return hmac.new(settings.SECRET_KEY.encode(), f"reader:{article.id}:{cookie}".encode(), sha256).hexdigest()


def known_cookie() -> str | None:
    """What this browser was given when it voted before."""
    cookie = request.cookies.get(cookie_name(), "")
    fits = _SHORTEST <= len(cookie) <= _LONGEST and cookie.isascii() and cookie.isprintable()
    return cookie if fits else None


def new_cookie() -> str:
    return secrets.token_urlsafe(24)


def remember(response: Response, cookie: str) -> None:
    """Let the browser keep the cookie for a year."""
    response.set_cookie(
        cookie_name(), cookie, max_age=YEAR, secure=settings.secure, httponly=True, samesite="Lax", path="/"
    )
