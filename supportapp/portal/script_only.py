"""Addresses that only the pages' scripts ask: they answer with JSON and never with a sign-in page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from supportapp.portal.session import View, current_customer

P = ParamSpec("P")


def customer_or_401(view: View[P]) -> Callable[P, ResponseReturnValue]:
    """Only for a signed-in customer; the script tells anybody else to sign in again."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if current_customer() is None:
            return jsonify(error=_("Your session has ended. Sign in again; your text is kept in this window.")), 401
        return view(*args, **kwargs)

    return guarded
