"""Corrections of the production calendar."""

from __future__ import annotations

from typing import Any

from flask import flash
from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from supportapp import clock
from supportapp.errors import Refused
from supportapp.i18n import N_
from supportapp.staff.forms import stripped
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.security import signed_in_staff
from supportapp.tickets.operations import recount_deadlines
from supportapp.worktime.models import CalendarCorrection
from supportapp.worktime.queries import unknown_year_warning

YEARS = range(2000, 2101)


class CalendarForm(DynamicForm):
    day = DateField(_l("Day"), [InputRequired()])
    working = SelectField(
        _l("This day is"),
        choices=[("y", _l("a working day")), ("n", _l("a day off"))],
        coerce=lambda value: value if isinstance(value, str) else ("y" if value else "n"),
    )
    source = StringField(
        _l("Source"),
        [InputRequired(), Length(max=200)],
        filters=[stripped],
        description=_l("The decree, for instance."),
    )


class CalendarView(StaffModelView):
    """Only days that differ from the official calendar. Deadlines that run are counted again at each change."""

    datamodel = StaffInterface(CalendarCorrection)
    route_base = "/staff/calendar"
    list_title, add_title, edit_title = _l("Calendar corrections"), _l("New correction"), _l("Correction")
    label_columns = {
        "day": _l("Day"),
        "working": _l("Working day"),
        "source": _l("Source"),
        "changed_at": _l("Changed"),
    }
    list_columns = show_columns = list(label_columns)
    search_columns = ["day", "working"]
    order_columns = ["day", "changed_at"]
    base_order = ("day", "desc")
    add_form = edit_form = CalendarForm
    unique = ("day",)

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        year = unknown_year_warning(clock.now())
        if year is not None:
            flash(
                _("The official calendar of %(year)s is not known yet: enter its moved days off here.", year=year),
                "warning",
            )
        return super()._list(**kwargs)

    def prepare(self, item: Any) -> None:
        if item.day.year not in YEARS:
            raise Refused("bad_year", N_("Enter a day between 2000 and 2100."), field="day")
        item.working = item.working in ("y", True)
        item.changed_at = clock.now()
        item.changed_by_id = signed_in_staff().id

    def after_change(self, item: Any) -> None:
        moved = recount_deadlines()
        if moved:
            flash(_("Deadlines that moved: %(count)s.", count=moved), "info")
