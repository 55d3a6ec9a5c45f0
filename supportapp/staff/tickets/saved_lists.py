"""Keeping the list that one looks at under a name, and forgetting it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen
from supportapp.staff.interface import readable_id
from supportapp.staff.roles import SHARE
from supportapp.staff.security import may, signed_in_staff
from supportapp.staff.tickets.counters import clean_address
from supportapp.staff.tickets.view import TicketView
from supportapp.tickets import saved


class SavedFilterPage(StaffScreen):
    """The lists themselves stand on the page of the tickets."""

    route_base = "/staff/filters"
    default_view = "save"

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("act")
    def save(self) -> ResponseReturnValue:
        address = self._checked(request.form.get("address", "")[: 2 * saved.ADDRESS_LENGTH])
        shared = bool(request.form.get("shared"))
        if shared and not may(SHARE, "SavedFilterPage"):
            abort(403)
        try:
            kept = saved.save_filter(
                request.form.get("name", ""), address, by=signed_in_staff(), at=clock.now(), shared=shared
            )
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
        else:
            flash(_("The list “%(name)s” is kept.", name=kept.name), "success")
        return redirect(f"{url_for('TicketView.list')}?{address}", 303)

    @expose("/<key>/deletion", methods=["POST"])
    @has_access
    @permission_name("act")
    def delete(self, key: str) -> ResponseReturnValue:
        name = saved.delete_filter(readable_id(key) or 0, by=signed_in_staff(), of_others=may(SHARE, "SavedFilterPage"))
        db.session.commit()
        flash(_("The list “%(name)s” is forgotten.", name=name), "success")
        return redirect(url_for("TicketView.list"), 303)

    @expose("/<key>/privacy", methods=["POST"])
    @has_access
    @permission_name("act")
    def keep_private(self, key: str) -> ResponseReturnValue:
        name = saved.keep_private(readable_id(key) or 0, by=signed_in_staff(), of_others=may(SHARE, "SavedFilterPage"))
        db.session.commit()
        flash(_("The list “%(name)s” is its owner's alone now.", name=name), "success")
        return redirect(url_for("TicketView.list"), 303)

    def _checked(self, text: str) -> str:
        """The part of an address that makes a list; 400 when it makes none."""
        args = MultiDict(parse_qsl(text))
        pairs = clean_address(args)
        if any("\0" in value or not value.isprintable() for _name, value in pairs):
            abort(400)
        view: Any = next(view for view in self.appbuilder.baseviews if isinstance(view, TicketView))
        view.datamodel.chosen(view.filters_of(MultiDict(pairs)))
        return urlencode(pairs)
