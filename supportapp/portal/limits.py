"""How often one may try: on every door that takes a secret.

No key is an account alone where a stranger could use it up: an owner must never be locked out by somebody else's
attempts. Where it says ``failures_only``, a success costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import ParamSpec, Protocol, cast

from flask import Response, g, request

from supportapp.accounts.rules import normalise_email
from supportapp.extensions import limiter
from supportapp.portal.session import View, current_customer
from supportapp.web import visitor as visitor

P = ParamSpec("P")
Key = Callable[[], str]


class Limit(Protocol):
    """A decorator that keeps the view's arguments."""

    def __call__(self, view: View[P], /) -> View[P]: ...


def visitor_and_email() -> str:
    """The visitor's address together with the e-mail address typed in the form."""
    email = normalise_email(request.form.get("email", "")[:1000])
    return f"{visitor()}|{sha256(email.encode('utf-8', 'replace')).hexdigest()[:32]}"


def account() -> str:
    """The signed-in customer; a visitor counts by address."""
    customer = current_customer()
    return f"customer {customer.id}" if customer else visitor()


def count_failure() -> None:
    """This attempt failed in a way that a guesser's would."""
    g.attempt_failed = True


def failures_only(limit: str, key: Key) -> Limit:
    """A limit on attempts that ended in ``count_failure``."""
    return cast("Limit", limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=_counts))


def attempts(limit: str, key: Key) -> Limit:
    """A limit on every attempt."""
    return cast("Limit", limiter.limit(limit, key_func=key, methods=["POST"]))


def links() -> Limit:
    """A limit on guessed links: pages that open by a secret in their address."""
    return cast("Limit", limiter.limit("60 per hour", key_func=visitor, deduct_when=_counts))


def _counts(_response: Response) -> bool:
    return bool(g.get("attempt_failed", False))
