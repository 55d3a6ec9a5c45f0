"""Who is signed in at the customers' door."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import flask_login
from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.portal.next_page import this_page

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
SEARCH = "kb_search"  # what was last looked for in the knowledge base, see search_log


def current_customer() -> Customer | None:
    """The customer who is signed in; None for a visitor and for staff."""
    person = current_user._get_current_object()
    return person if isinstance(person, Customer) else None


def the_customer() -> Customer:
    """The customer of a page that ``customer_required`` guards."""
    customer = current_customer()
    assert customer is not None, "the page lacks @customer_required"
    return customer


def customer_required(view: View[P]) -> View[P]:
    """Only for a signed-in customer; anybody else signs in first and comes back to the page."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if current_customer() is not None:
            return view(*args, **kwargs)
        wanted = this_page() if request.method in ("GET", "HEAD") else None
        return redirect(url_for("portal.sign_in", next=wanted))

    return guarded


def sign_in(customer: Customer) -> None:
    """Start a new session for ``customer``; of the old one the language is kept, and what was searched for."""
    search = session.get(SEARCH)
    _forget_everything_but_the_language()
    if search:
        session[SEARCH] = search
    session.permanent = True
    session["signed_in_at"] = clock.unshifted().timestamp()
    flask_login.login_user(customer)


def sign_out() -> None:
    """End this session; the language is kept."""
    flask_login.logout_user()
    _forget_everything_but_the_language()


def _forget_everything_but_the_language() -> None:
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
