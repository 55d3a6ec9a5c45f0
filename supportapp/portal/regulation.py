"""The Regulation: the version in force, the older ones, and a customer's acceptance of a newer one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from supportapp import clock
from supportapp.accounts import operations, queries
from supportapp.accounts.models import RegulationVersion
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.portal import blueprint
from supportapp.portal.language import language
from supportapp.portal.next_page import requested_next, this_page
from supportapp.portal.session import View, current_customer, customer_required, the_customer

P = ParamSpec("P")


def regulation_required(view: View[P]) -> Callable[P, ResponseReturnValue]:
    """Before something new is asked of support, the Regulation in force must be accepted. Stands under
    ``customer_required``; a form that is being sent already goes through."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if request.method == "GET" and needs_to_accept():
            return redirect(url_for("portal.regulation", next=this_page()))
        return view(*args, **kwargs)

    return guarded


def needs_to_accept() -> bool:
    """Whether the person on this page is a customer who has not accepted the Regulation in force."""
    customer = current_customer()
    return customer is not None and queries.needs_to_accept(customer)


@blueprint.get("/regulation")
@blueprint.get("/regulation/<int:version_id>")
def regulation(version_id: int | None = None) -> ResponseReturnValue:
    """The version in force, or an older one."""
    versions = _published()
    shown = next((v for v in versions if version_id in (None, v.id)), None)
    if shown is None and version_id is not None:
        raise NotFound(f"regulation {version_id}")
    in_force = shown is not None and shown is versions[0]
    return render_template(
        "portal/regulation.html",
        versions=versions,
        shown=shown,
        text=_text(shown) if shown else "",
        in_force=in_force,
        to_accept=in_force and needs_to_accept(),
        next=requested_next(),
    )


@blueprint.post("/regulation/acceptance")
@customer_required
def accept_regulation() -> ResponseReturnValue:
    """The customer accepts the version that was shown."""
    seen = request.form.get("regulation_id", "")
    try:
        seen_id = int(seen) if seen.isdecimal() and len(seen) < 19 else -1
        operations.accept_regulation(the_customer(), at=clock.now(), regulation_id=seen_id)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        flash(refused.text(language()), "warning")
        return redirect(url_for("portal.regulation", next=requested_next()))
    flash(_("Thank you, you have accepted the Regulation."), "success")
    return redirect(requested_next() or url_for("portal.home"))


def _text(version: RegulationVersion) -> str:
    """The text in the language of the page, without the heading that repeats the page's own."""
    text = version.text_en if language() == "en" and version.text_en.strip() else version.text_ru
    return re.sub(r"\A\s*# [^\n]*\n", "", text)


def _published() -> list[RegulationVersion]:
    """Every version that was published, the one in force first."""
    published = RegulationVersion.published_at
    newest_first = (published.desc(), RegulationVersion.id.desc())
    return list(db.session.scalars(select(RegulationVersion).where(published.is_not(None)).order_by(*newest_first)))
