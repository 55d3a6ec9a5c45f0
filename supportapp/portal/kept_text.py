"""Nothing that a person typed is lost: neither when the session ends meanwhile, nor by going back and sending again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from supportapp.portal import blueprint
from supportapp.portal.session import View, current_customer

P = ParamSpec("P")
SENT = "sent_form"


def typed_text_kept(view: View[P]) -> Callable[P, ResponseReturnValue]:
    """Stands above ``customer_required``: a form that arrives after the session ended is shown back, not dropped."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if request.method == "POST" and current_customer() is None:
            raise CSRFError("The session has ended.")
        return view(*args, **kwargs)

    return guarded


def note_sent(form_token: str) -> None:
    """The next page tells its script that this form arrived, so that the draft in the browser may go."""
    session[SENT] = form_token


def is_prefetch() -> bool:
    """Whether the browser only looks ahead: nobody has seen the page then."""
    return any("prefetch" in request.headers.get(name, "").lower() for name in ("Sec-Purpose", "Purpose", "X-Moz"))


@blueprint.app_context_processor
def _sent() -> dict[str, Callable[[], str]]:
    return {"sent_form": lambda: str(session.pop(SENT, ""))}
