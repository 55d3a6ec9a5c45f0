"""Corrections of the production calendar: first what would move, then the correction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, flash, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
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
from supportapp.staff.model_view import STAMP, StaffModelView
from supportapp.staff.security import signed_in_staff
from supportapp.tickets.operations import moved_by, recount_deadlines, remember_calendar
from supportapp.tickets.operations.recounting import Which
from supportapp.worktime.calendar import WorkCalendar
from supportapp.worktime.models import CalendarCorrection
from supportapp.worktime.queries import current_calendar, unknown_year_warning

YEARS = range(2000, 2101)
WHICH: dict[Which, Any] = {
    Which.FIRST_RESPONSE: _l("First response"),
    Which.SOLUTION: _l("Solution"),
    Which.CLOSING: _l("Automatic closing"),
}
LISTED: dict[str, Any] = {"which": WHICH, "most": 100}


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
    """Only days that differ from the official calendar. Deadlines that run are counted again at each change, which is
    first shown with the list of them."""

    datamodel = StaffInterface(CalendarCorrection)
    route_base = "/staff/calendar"
    list_title, add_title, edit_title = _l("Calendar corrections"), _l("New correction"), _l("Correction")
    nothing = _l("Nothing is corrected: the official calendar holds as it is.")
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

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> ResponseReturnValue:
        return self._asked_first(None) or super().add()

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        item = self.datamodel.get(pk) or abort(404)
        return self._asked_first(item) or super().edit(pk)

    def delete_context(self, item: Any) -> dict[str, Any]:
        return {"moved": moved_by(calendar_without(item.day), at=clock.now()), **LISTED}

    def prepare(self, item: Any) -> None:
        if item.day.year not in YEARS:
            raise Refused("bad_year", N_("Enter a day between 2000 and 2100."), field="day")
        item.working = item.working in ("y", True)
        item.changed_at = clock.now()
        item.changed_by_id = signed_in_staff().id

    def before_change(self) -> None:
        remember_calendar(at=clock.now())

    def after_change(self, item: Any) -> None:
        moved = recount_deadlines(at=clock.now())
        if moved:
            flash(_("Deadlines that moved: %(count)s.", count=moved), "info")

    def _asked_first(self, item: Any) -> ResponseReturnValue | None:
        """The list of what would move, when anything would and it was not seen yet; None to go on."""
        form = self.add_form.refresh(request.form)
        if request.method != "POST" or not form.validate() or form.day.data.year not in YEARS:
            return None
        working = form.working.data == "y"
        proposal = f"{form.day.data} {form.working.data}"
        if request.form.get("seen") == proposal:
            return None
        moved = moved_by(calendar_without(item and item.day, {form.day.data: working}), at=clock.now())
        if not moved:
            return None
        return self.render_template(
            "staff/calendar_preview.html",
            title=self.edit_title if item else self.add_title,
            form=form,
            proposal=proposal,
            working=working,
            stamp=request.form.get(STAMP, ""),
            moved=moved,
            **LISTED,
        )


def calendar_without(day: date | None, more: Mapping[date, bool] | None = None) -> WorkCalendar:
    """The calendar in force without the correction of ``day``, and with others."""
    calendar = current_calendar()
    kept = {one: working for one, working in calendar.corrections.items() if one != day}
    return calendar.corrected({**kept, **(more or {})})
